// `calllog version`: which build this is, in one line.

import { EXIT_OK } from "../lib/exit-code.ts";
import { versionLine } from "../service/version.ts";
import type { CliCommand } from "./command.ts";

export const versionCommand: CliCommand = {
  words: ["version"],
  summary: "print the version, the commit and the Bun version",
  settings: false,
  run: async ({ stdout }) => {
    stdout.write(`${versionLine()}\n`);
    return EXIT_OK;
  },
};
