// Whether it is worth asking a service that may be down. After a failure nobody asks for some seconds; then one caller
// tries while the others still go without. A service that stays down is tried less and less often.

import type { Clock } from "../lib/clock.ts";

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 60_000;

export type Gate = {
  /** Whether the caller may ask now. Where it is the one who tries, it reports how that went. */
  admit(): boolean;
  answered(): void;
  failed(): void;
};

/** @param trialMs the longest that a trial takes before it has succeeded or failed */
export const createGate = (clock: Clock, trialMs: number): Gate => {
  let isDown = false;
  let isTrying = false;
  let pauseMs = FIRST_PAUSE_MS;
  let shutUntil = 0;
  return {
    admit: () => {
      const now = clock.now();
      if (!isDown) return true;
      if (now < shutUntil) return false;
      isTrying = true;
      shutUntil = now + trialMs;
      return true;
    },
    answered: () => {
      isDown = false;
      isTrying = false;
    },
    failed: () => {
      // Several requests of one caller fail together: that is one failure.
      if (!isDown) pauseMs = FIRST_PAUSE_MS;
      else if (isTrying) pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      isDown = true;
      isTrying = false;
      shutUntil = clock.now() + pauseMs;
    },
  };
};
