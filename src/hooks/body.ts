// The body of a webhook: type, time, and the call as it stands when the attempt is made.

import type { AssembledCall, CallStory } from "../call/index.ts";
import { isRecovered } from "../domain/event-time.ts";
import { callJson } from "../pages/index.ts";
import { sequenceOf } from "./messages.ts";
import type { HookMessage } from "./types.ts";

/** Entries of a list that is told: a ring group of hundreds would fill the message (20 kB are the most that receivers must take). */
const MAX_LISTED = 100;

const shortened = (call: object): object =>
  Object.fromEntries(
    Object.entries(call).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.slice(0, MAX_LISTED) : value,
    ]),
  );

/** @param page the address that opens the call's page; null where there is none */
export const hookBody = (
  message: HookMessage,
  assembled: AssembledCall,
  story: CallStory | undefined,
  page: string | null,
): string => {
  const last = assembled.records.findLast((record) => record.kind === "AST");
  return JSON.stringify({
    type: message.type,
    timestamp: new Date(message.at).toISOString(),
    data: {
      uniqueId: message.uniqueId,
      sequence: sequenceOf(message.type),
      ...shortened(callJson(assembled, story).call),
      recovered: last?.kind === "AST" && isRecovered(last),
      page,
    },
  });
};

/** The body of `calllog hook test`. */
export const testBody = (enterprise: string, now: number): string =>
  JSON.stringify({
    type: "calllog.test",
    timestamp: new Date(now).toISOString(),
    data: { enterprise },
  });
