// A call as outgoing webhooks tell it: what it was, what became of it, and the address of its page. For the service and for
// `calllog hook`, which sends the same.

import {
  type CallHistory,
  type CallStory,
  findCall,
  isLive,
  type ListFollowRules,
} from "../call/index.ts";
import type { Config } from "../config/index.ts";
import type { FoundCall } from "../hooks/index.ts";
import type { Clock } from "../lib/clock.ts";
import { callPath, callToken, maskedFind, NO_STORY, storyOf } from "../pages/index.ts";
import type { Directory } from "../people/index.ts";
import type { TraceStore } from "../store/index.ts";

export type HookCallsOptions = {
  readonly config: Pick<Config, "callTimeoutMs" | "publicUrl" | "linkTtlMs">;
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly trace: Pick<TraceStore, "find">;
  readonly history: Pick<CallHistory, "followUpsOf">;
  readonly rulesOf: (enterprise: string) => Promise<ListFollowRules>;
  readonly clock: Clock;
};

export type HookCalls = {
  readonly find: (enterprise: string, uniqueId: string) => Promise<FoundCall | undefined>;
  readonly pageOf: (enterprise: string, uniqueId: string) => Promise<string | null>;
};

export const createHookCalls = (options: HookCallsOptions): HookCalls => {
  const { config, directory, trace, history, rulesOf, clock } = options;
  const { callTimeoutMs, publicUrl, linkTtlMs } = config;

  const storyFor = async (found: FoundCall["assembled"]): Promise<CallStory> => {
    // Events of calls under way come fast, and there is nothing to tell yet.
    if (isLive(found.call.status)) return NO_STORY;
    const { windowMs, minWaitMs, country } = await rulesOf(found.call.enterprise);
    return storyOf(found, history, { followUp: { windowMs, minWaitMs }, country });
  };

  return {
    find: async (number, uniqueId) => {
      const enterprise = await directory.enterpriseByNumber(number);
      const find = maskedFind(trace, number, enterprise);
      const options = { enterprise: number, now: clock.now(), callTimeoutMs };
      const assembled = await findCall(find, uniqueId, options);
      return assembled && { assembled, story: await storyFor(assembled) };
    },
    pageOf: async (number, uniqueId) => {
      const secret = (await directory.enterpriseByNumber(number))?.secret ?? "";
      if (publicUrl === null || secret === "") return null;
      const scope = { enterprise: number, uniqueId };
      return publicUrl + callPath(scope, await callToken(secret, scope, clock.now() + linkTtlMs));
    },
  };
};
