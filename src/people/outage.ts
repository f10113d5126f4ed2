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
  /** It has not answered as soon as it should: the others go on without waiting, but nobody is told yet. */
  late(): void;
  answered(): void;
  /** Somebody tries now: the others go on without waiting. */
  trying(): void;
};

export const createOutage = ({ clock, retryMs, onBegin, onEnd }: OutageOptions): Outage => {
  let isOn = false;
  let isTold = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    isRecent: () => {
      const passedMs = clock.now() - lastAt;
      return isOn && passedMs >= 0 && passedMs < retryMs;
    },
    failed: (error) => {
      lastAt = clock.now();
      isOn = true;
      if (isTold) return;
      isTold = true;
      onBegin(error);
    },
    late: () => {
      lastAt = clock.now();
      isOn = true;
    },
    answered: () => {
      isOn = false;
      if (!isTold) return;
      isTold = false;
      onEnd();
    },
    trying: () => {
      lastAt = clock.now();
    },
  };
};
