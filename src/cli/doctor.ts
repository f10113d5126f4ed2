// `calllog doctor`: is everything there that the service needs, asked of the real things. All checks run side by side, each
// within its time; they are told in their order, a line a finding, under headings, with a verdict in the last line.

import { existsSync, statSync } from "node:fs";
import { createBot } from "../channels/telegram/index.ts";
import { type Config, sqlitePathOf } from "../config/index.ts";
import {
  ANSWER_TIMEOUT_MS,
  CHECKS,
  type CheckWorld,
  type Finding,
  folderAbove,
  type NamedCheck,
} from "../doctor/index.ts";
import { errorText } from "../lib/errors.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { maskSecrets, maskValue } from "../lib/mask.ts";
import { printable } from "../lib/printable.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { within } from "../lib/within.ts";
import { openDirectory } from "../people/index.ts";
import { versionLine } from "../service/version.ts";
import type { CliCommand } from "./command.ts";
import { JSON_FLAG } from "./table.ts";

/** Hundreds of chats are asked about one after the other; everything else is done long before. In milliseconds. */
const CHECK_TIMEOUT_MS = 60_000;

const WORDS = { ok: "ok   ", note: "note ", wrong: "WRONG" } as const;

const lineOf = ({ level, what, finding, todo }: Finding): string =>
  `  ${WORDS[level]}  ${what}: ${finding}${todo === undefined ? "" : `; ${todo}`}`;

/** What is told comes partly from other services. */
const safeLine = (text: string): string => printable(maskSecrets(text));

/** A check that cannot be made, or not in time, is a finding too, and keeps none of the others from being made. */
const findingsOf = async (
  { name, check }: NamedCheck,
  world: CheckWorld,
): Promise<readonly Finding[]> => {
  const what = `check of ${name}`;
  const todo = "run doctor again when less is going on";
  const finding = `not done within ${CHECK_TIMEOUT_MS / 1000} s`;
  try {
    return await within(check(world), CHECK_TIMEOUT_MS, () => [
      { level: "wrong", what, finding, todo } as const,
    ]);
  } catch (error) {
    return [{ level: "wrong", what, finding: errorText(error) }];
  }
};

type Opened = Pick<CheckWorld, "directory" | "directoryFault">;

/** Opening the embedded directory makes its file, and whoever looks as root would own it: a missing one stays missing. */
const openIfThere = async (config: Config): Promise<Opened> => {
  const sqlitePath = sqlitePathOf(config);
  const isOurs = config.databaseUrl === null;
  if (isOurs && !existsSync(sqlitePath) && statSync(folderAbove(sqlitePath)).isDirectory()) {
    return { directory: undefined, directoryFault: undefined };
  }
  return openDirectory({ sqlitePath, address: config.databaseUrl }).then(
    (directory) => ({ directory, directoryFault: undefined }),
    (error: unknown) => ({ directory: undefined, directoryFault: errorText(error) }),
  );
};

const count = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;

const verdictOf = (findings: readonly Finding[]): string => {
  const number = (level: Finding["level"]): number =>
    findings.filter((finding) => finding.level === level).length;
  const [wrong, notes] = [number("wrong"), number("note")];
  const also = notes === 0 ? "" : `, ${count(notes, "note", "notes")} on what could be better`;
  if (wrong > 0) return `${count(wrong, "thing is", "things are")} wrong${also}.`;
  return `Nothing is wrong${also}.`;
};

export const doctorCommand: CliCommand = {
  words: ["doctor"],
  summary:
    "check what the service needs: folders, disk, clock, ports, directory, addresses, bots, chats",
  options: [JSON_FLAG],
  examples: ["calllog doctor --data-dir /var/lib/calllog/call_tracer", "calllog doctor --json"],
  run: async ({ stdout, clock, env }, args) => {
    const { config } = args;
    const isJson = args.has("json");
    const opened = await openIfThere(config);
    const world: CheckWorld = {
      config,
      clock,
      env,
      ...opened,
      bot: (token) =>
        createBot(token, {
          apiRoot: config.telegramApiRoot,
          scheduler: systemScheduler(clock),
          now: clock.now,
          timeoutMs: ANSWER_TIMEOUT_MS,
        }),
    };
    const checks: (Finding & { readonly check: string })[] = [];
    const tell = (line: string): void => {
      if (!isJson) stdout.write(`${safeLine(line)}\n`);
    };
    tell(`${versionLine()}; settings can be read`);
    let told = "";
    try {
      const all = CHECKS.map((entry) => ({ ...entry, findings: findingsOf(entry, world) }));
      for (const { name, heading, findings } of all) {
        for (const finding of await findings) {
          checks.push({ check: name, ...finding });
          if (heading !== told) tell(heading);
          told = heading;
          tell(lineOf(finding));
        }
      }
    } finally {
      await opened.directory?.close();
    }
    const isWrong = checks.some(({ level }) => level === "wrong");
    if (isJson) {
      stdout.write(`${JSON.stringify({ ok: !isWrong, checks: maskValue(checks) }, null, 2)}\n`);
    }
    tell(verdictOf(checks));
    return isWrong ? EXIT_FAILED : EXIT_OK;
  },
};
