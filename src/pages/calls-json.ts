// The list of calls and a day's sums as machines get them: documented in docs/api.md and stable.

import type { DaySummary, FollowedRow } from "../call/index.ts";
import { wholeSeconds } from "../lib/time.ts";
import { followUpJson } from "./follow-up-json.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

/** One call of the list. Times ISO 8601 in UTC, null where unknown. */
export const callRowJson = (row: FollowedRow) => ({
  uniqueId: row.uniqueId,
  direction: row.direction,
  status: row.status,
  phone: row.phone,
  callerName: row.callerName,
  extensions: row.extensions,
  answeredBy: row.answeredBy,
  startedAt: iso(row.startedAt),
  endedAt: row.endedAt === null ? null : iso(row.endedAt),
  waitSeconds: wholeSeconds(row.waitMs),
  talkSeconds: wholeSeconds(row.talkMs),
  totalSeconds: wholeSeconds(row.totalMs),
  waitMs: row.waitMs,
  talkMs: row.talkMs,
  totalMs: row.totalMs,
  transfers: row.transfers,
  isLost: row.isLost,
  followUp: followUpJson(row.followUp),
  returns: row.returns,
});

export type CallRowJson = ReturnType<typeof callRowJson>;

/** The sums of one day. */
export const summaryJson = (day: string, timezone: string, summary: DaySummary) => ({
  day,
  timezone,
  complete: summary.isComplete,
  calls: summary.calls,
  incoming: summary.incoming,
  outgoing: summary.outgoing,
  internal: summary.internal,
  answered: summary.answered,
  missed: summary.missed,
  talkSeconds: wholeSeconds(summary.talkMs),
  meanWaitSeconds: wholeSeconds(summary.meanWaitMs),
  hours: summary.hours.map(({ from, answered, unanswered }) => ({
    from: iso(from),
    answered,
    unanswered,
  })),
});
