// What the operator is told, put together: the records' files, the disk under them, the enterprises and a bot. Started by
// the process that brings the cards, so that one of a data folder does it.

import * as fsp from "node:fs/promises";
import { join } from "node:path";
import type { Bot } from "../channels/telegram/index.ts";
import type { Config } from "../config/index.ts";
import { openHooks } from "../hooks/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { DAY_MS } from "../lib/time.ts";
import type { Directory } from "../people/index.ts";
import { type Archive, createActivityReader, dayFiles, enterprisesIn } from "../store/index.ts";
import { type Operator, SLOT_MS, startOperator } from "../watch/operator/index.ts";

/** Dot-named: no enterprise has such a folder. */
const MEMORY_NAME = ".operator-told";

export type OperatorWorld = {
  readonly config: Pick<Config, "dataDir" | "lang" | "operatorChat" | "timeZone">;
  readonly directory: Pick<Directory, "enterprises" | "enterpriseByNumber">;
  readonly clock: Clock;
  readonly log: Log;
  readonly archive?: Archive | undefined;
};

/** Finished days that are not in the archive though they have been over for more than a day. */
const overdueDays = async (dataDir: string, archive: Archive, now: number): Promise<number> => {
  const latest = now - (now % DAY_MS) - 2 * DAY_MS;
  let days = 0;
  for (const enterprise of await enterprisesIn(dataDir)) {
    for (const { name, isRunning, facts, from } of await dayFiles(dataDir, enterprise)) {
      const isDue = !isRunning && from <= latest;
      if (isDue && !archive.ledger.holds(enterprise, name, facts)) days += 1;
    }
  }
  return days;
};

/** What is done once this process brings the cards; undefined where no chat is set. */
export const operatorOf = (
  world: OperatorWorld,
):
  | ((tools: { readonly bot: (token: string) => Bot; readonly scheduler: Scheduler }) => Operator)
  | undefined => {
  const { dataDir, lang, operatorChat: chat, timeZone } = world.config;
  const { directory, clock, log, archive } = world;
  if (chat === null) return undefined;
  const hooks = openHooks(dataDir, clock);
  return (tools) =>
    startOperator({
      chat,
      directory,
      clock,
      log,
      lang,
      timeZone,
      ...tools,
      heard: createActivityReader(dataDir, SLOT_MS).of,
      freeBytes: async () => {
        const { bavail, bsize } = await fsp.statfs(dataDir);
        return bavail * bsize;
      },
      ...(archive === undefined
        ? {}
        : { archiveOverdue: () => overdueDays(dataDir, archive, clock.now()) }),
      goneHooks: () =>
        hooks.enterprises().flatMap((enterprise) =>
          hooks.of(enterprise).flatMap(({ id: hook, url, goneAt }) => {
            if (goneAt === null) return [];
            return [{ kind: "hook", enterprise, hook, target: new URL(url).host }] as const;
          }),
        ),
      memoryPath: join(dataDir, MEMORY_NAME),
    });
};
