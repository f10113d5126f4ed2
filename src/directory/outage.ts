// Whether the database fails now, known to all that is remembered of it: where one question has just failed, the others
// need not each find that out by waiting.

import type { Clock } from "../lib/clock.ts";

export type OutageOptions = {
  readonly clock: Clock;
  /** How long after a failure the source is left alone, in milliseconds. */
  readonly retryMs: number;
  /** Told when it begins to fail, with the first failure. */
  readonly onBegin: (error: unknown) => void;
  /** Told when it answers again. */
  readonly onEnd: () => void;
};

export type Outage = {
  /** Whether it failed, or somebody began to try again, less than `retryMs` ago. */
  isRecent(): boolean;
  failed(error: unknown): void;
  answered(): void;
  /** Somebody tries now: the others go on without waiting. */
  trying(): void;
};

export const createOutage = ({ clock, retryMs, onBegin, onEnd }: OutageOptions): Outage => {
  let isOn = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    isRecent: () => {
      const passedMs = clock.now() - lastAt;
      return isOn && passedMs >= 0 && passedMs < retryMs;
    },
    failed: (error) => {
      lastAt = clock.now();
      if (isOn) return;
      isOn = true;
      onBegin(error);
    },
    answered: () => {
      if (!isOn) return;
      isOn = false;
      onEnd();
    },
    trying: () => {
      lastAt = clock.now();
    },
  };
};
