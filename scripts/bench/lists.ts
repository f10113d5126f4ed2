// The list of calls over a tree, with the store beside it, as the service puts them together.

import { type OpenHistory, openHistory } from "../../src/call/list/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { type OpenTraceStore, openTraceStore } from "../../src/store/index.ts";

const DAY_MS = 86_400_000;
const CALL_TIMEOUT_MS = 4 * 3_600_000;

/** Opens both, on the evening of a day: a tree's days are whole ones. Whoever opens them closes them. */
export const openLists = (
  dir: string,
  today: number,
): { readonly trace: OpenTraceStore; readonly history: OpenHistory } => {
  const clock = { now: () => (today + 1) * DAY_MS - 60_000 };
  const trace = openTraceStore({ dir, clock });
  const history = openHistory({
    dir,
    clock,
    callTimeoutMs: CALL_TIMEOUT_MS,
    log: silentLog,
    find: trace.find,
    days: trace.days,
  });
  return { trace, history };
};
