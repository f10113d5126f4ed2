// Makes the checks side by side, each within its time; they are told in their order. What is told is safe for one line, and
// has no secrets in it: it comes partly from other services.

import { existsSync, statSync } from "node:fs";
import { createBot } from "../channels/telegram/index.ts";
import { type Config, sqlitePathOf } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { maskSecrets } from "../lib/mask.ts";
import { printable } from "../lib/printable.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { within } from "../lib/within.ts";
import { openDirectory } from "../people/index.ts";
import type { NamedCheck } from "./checks.ts";
import { ANSWER_TIMEOUT_MS, type CheckWorld, type Finding } from "./finding.ts";
import { folderAbove } from "./folders.ts";

/** Hundreds of chats are asked about one after the other; everything else is done long before. In milliseconds. */
const CHECK_TIMEOUT_MS = 60_000;

/** A finding, the check that made it, and the heading that it is told under. */
export type ToldFinding = Finding & { readonly check: string; readonly heading: string };

const safe = (text: string): string => printable(maskSecrets(text));

const safeFinding = ({ level, what, finding, todo }: Finding): Finding => ({
  level,
  what: safe(what),
  finding: safe(finding),
  ...(todo === undefined ? {} : { todo: safe(todo) }),
});

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

export type Patient = {
  readonly config: Config;
  readonly clock: Clock;
  /** Holds the keys of the archive. */
  readonly env: CheckWorld["env"];
};

/** Makes those checks; gives what each finds, in their order, as soon as those before it are done. */
export async function* diagnose(
  { config, clock, env }: Patient,
  checks: readonly NamedCheck[],
): AsyncGenerator<ToldFinding> {
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
  try {
    const all = checks.map((entry) => ({ ...entry, findings: findingsOf(entry, world) }));
    for (const { name: check, heading, findings } of all) {
      for (const finding of await findings) yield { check, heading, ...safeFinding(finding) };
    }
  } finally {
    await opened.directory?.close();
  }
}
