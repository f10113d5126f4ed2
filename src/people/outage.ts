// The circuit breaker of the database, shared by all caches of it: after one failed question the others do not each
// wait to find out. Reports when an outage begins and ends.

import { createBreaker } from "../lib/breaker.ts";
import type { Clock } from "../lib/clock.ts";

export type OutageOptions = {
  readonly clock: Clock;
  /** How long after a failure, or after somebody began to try again, the source is left alone, in milliseconds. */
  readonly retryMs: number;
  /** Called when it begins to fail, with the first failure. */
  readonly onBegin: (error: unknown) => void;
  /** Called when it answers again. */
  readonly onEnd: () => void;
};

export type Outage = {
  /** Whether it failed, or somebody began to try again, less than `retryMs` ago. */
  isRecent(): boolean;
  /** Whether the caller may ask now; where it failed before, the others go on without waiting. */
  mayTry(): boolean;
  failed(error: unknown): void;
  /** It has not answered in time: other callers go on without waiting, but it is not reported yet. */
  late(): void;
  answered(): void;
};

export const createOutage = ({ clock, retryMs, onBegin, onEnd }: OutageOptions): Outage => {
  const breaker = createBreaker({ clock, firstPauseMs: retryMs, trialMs: retryMs });
  let isTold = false;
  return {
    isRecent: breaker.isOpen,
    mayTry: breaker.admit,
    failed: (error) => {
      breaker.failed();
      if (isTold) return;
      isTold = true;
      onBegin(error);
    },
    late: breaker.failed,
    answered: () => {
      breaker.answered();
      if (!isTold) return;
      isTold = false;
      onEnd();
    },
  };
};
