// `calllog doctor`: is everything there that the service needs, asked of the real things. One line for each finding.

import { sqlitePathOf } from "../config.ts";
import { openDirectory } from "../directory/index.ts";
import { maskSecrets, maskValue } from "../lib/mask.ts";
import { createBot, systemScheduler } from "../telegram/index.ts";
import { CHECKS, type CheckWorld, type Finding, messageOf } from "./checks.ts";
import type { CliCommand } from "./command.ts";
import { EXIT_FAILED, EXIT_OK } from "./context.ts";

const WORDS = { ok: "ok   ", note: "note ", wrong: "WRONG" } as const;

const lineOf = ({ level, what, finding, todo }: Finding): string =>
  `${WORDS[level]}  ${what}: ${finding}${todo === undefined ? "" : `; ${todo}`}`;

/** What is told comes partly from other services: one line each, without anything that a terminal would obey. */
const printable = (text: string): string =>
  maskSecrets(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");

export const doctorCommand: CliCommand = {
  words: ["doctor"],
  summary: "check what the service needs: folder, directory, addresses, bots, chats",
  options: [{ flag: "json", text: "Print JSON instead of text." }],
  examples: ["calllog doctor --data-dir /var/lib/calllog/call_tracer", "calllog doctor --json"],
  run: async ({ stdout, clock }, args) => {
    const { config } = args;
    const opened = await openDirectory({
      sqlitePath: sqlitePathOf(config),
      address: config.databaseUrl,
    }).then(
      (directory) => ({ directory, directoryFault: undefined }),
      (error: unknown) => ({
        directory: undefined,
        directoryFault: messageOf(error),
      }),
    );
    const world: CheckWorld = {
      config,
      ...opened,
      bot: (token) =>
        createBot(token, {
          apiRoot: config.telegramApiRoot,
          scheduler: systemScheduler(clock),
          now: clock.now,
        }),
    };
    const checks: (Finding & { readonly check: string })[] = [];
    try {
      for (const [name, check] of CHECKS) {
        // A check that cannot be made is a finding too, and keeps none of the others from being made.
        const findings = await check(world).catch((error: unknown): readonly Finding[] => [
          { level: "wrong", what: `check of ${name}`, finding: messageOf(error) },
        ]);
        for (const finding of findings) {
          checks.push({ check: name, ...finding });
          if (!args.has("json")) stdout.write(`${printable(lineOf(finding))}\n`);
        }
      }
    } finally {
      await opened.directory?.close();
    }
    const isWrong = checks.some(({ level }) => level === "wrong");
    if (args.has("json")) {
      stdout.write(`${JSON.stringify({ ok: !isWrong, checks: maskValue(checks) }, null, 2)}\n`);
    }
    return isWrong ? EXIT_FAILED : EXIT_OK;
  },
};
