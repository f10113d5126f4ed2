// `calllog migrate`: what the directory needs and its database lacks is created; nothing that is there is changed.

import { existsSync } from "node:fs";
import { sqlitePathOf } from "../config/index.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { migratePostgres, openDirectory } from "../people/index.ts";
import type { CliCommand } from "./command.ts";

export const migrateCommand: CliCommand = {
  words: ["migrate"],
  summary: "create the tables and columns that the database of --database-url lacks",
  examples: [
    "calllog migrate --database-url postgres://calllog@db.example.by/calls",
    "DATABASE_URL=postgres://calllog@db.example.by/calls calllog migrate",
  ],
  run: async ({ stdout }, { config }) => {
    const { databaseUrl } = config;
    if (databaseUrl !== null) {
      const made = await migratePostgres(databaseUrl);
      stdout.write(
        made.length === 0
          ? "Everything is there already: nothing is changed.\n"
          : `${made.map((name) => `created ${name}\n`).join("")}Nothing else is changed.\n`,
      );
      return EXIT_OK;
    }
    const path = sqlitePathOf(config);
    const isNew = !existsSync(path);
    await (await openDirectory({ sqlitePath: path })).close();
    stdout.write(
      isNew ? `created ${path}\n` : `Everything is there already in ${path}: nothing is changed.\n`,
    );
    return EXIT_OK;
  },
};
