// Outgoing webhooks put together: the calls of the files, the missed ones that are followed, the network. One process of a
// data folder brings them, the one that brings the cards.

import type { MissedCalls } from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import { createPost, HookDesk, openHooks } from "../hooks/index.ts";
import type { Log } from "../lib/log.ts";
import type { TraceStore } from "../store/index.ts";
import type { Metrics } from "../watch/metrics/index.ts";
import { createHookCalls, type HookCallsOptions } from "./hook-calls.ts";
import type { HookTools } from "./notifier-job.ts";
import { recentCalls } from "./unfinished-calls.ts";

export type HookDeskWorld = HookCallsOptions & {
  readonly config: HookCallsOptions["config"] & Pick<Config, "dataDir" | "hookAllowPrivate">;
  readonly trace: Pick<TraceStore, "append" | "find">;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "hook">;
};

/** What is done once this process brings the cards. */
export const createHookDesk = (world: HookDeskWorld): ((tools: HookTools) => HookDesk) => {
  const { config, trace, clock, log, metrics } = world;
  const { dataDir, hookAllowPrivate: allowed, callTimeoutMs } = config;
  const { find, pageOf } = createHookCalls(world);
  return ({ missedCalls, scheduler, isMine }) =>
    new HookDesk({
      isMine,
      hooks: openHooks(dataDir, clock),
      // Whoever follows a missed call learns of it here, also where nobody gets cards.
      find: async (enterprise, uniqueId) => {
        const found = await find(enterprise, uniqueId);
        if (found !== undefined) await keepMissed(missedCalls, found.assembled);
        return found;
      },
      pageOf,
      append: (enterprise, record) => trace.append(enterprise, record),
      concernedBy: ({ assembled }) => missedCalls.concernedBy(assembled, cardIdOf(assembled)),
      recentCalls: (enterprise, since) => recentCalls(dataDir, enterprise, since),
      post: createPost({ allowed, now: clock.now }),
      callTimeoutMs,
      clock,
      scheduler,
      log,
      random: Math.random,
      onAttempt: metrics.hook,
    });
};

const keepMissed = async (
  missedCalls: MissedCalls,
  assembled: Parameters<MissedCalls["followUpOf"]>[0] & Parameters<typeof cardIdOf>[0],
): Promise<void> => {
  await missedCalls.followUpOf(assembled, cardIdOf(assembled));
};
