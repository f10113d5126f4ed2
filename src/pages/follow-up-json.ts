// What became of a missed call as machines get it: documented in docs/api.md and stable.

import type { FollowUp } from "../call/index.ts";

const isoOrNull = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString();

/** Times ISO 8601 in UTC; null for a call that is no missed one, or that nobody owes anything. */
export const followUpJson = (followUp: FollowUp | null) =>
  followUp === null
    ? null
    : {
        state: followUp.state,
        attempts: followUp.attempts,
        firstAttemptAt: isoOrNull(followUp.firstAttemptAt),
        returnedAt: isoOrNull(followUp.returnedAt),
        returnedBy: followUp.returnedBy,
        afterSeconds: followUp.afterSeconds,
        call: followUp.call,
        repeats: followUp.repeats,
      };
