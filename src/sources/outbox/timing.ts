// Waiting by a clock that is handed in, so that tests move time by hand, and a stop ends every wait at once.

import type { Clock } from "../../lib/clock.ts";

/** Runs work at a time. */
export type Scheduler = {
  /** @param at milliseconds since the epoch. @returns how to call it off. */
  at(at: number, work: () => void): () => void;
};

export type Sleeper = {
  /** Resolves after that time, or when everybody is woken. */
  sleep(ms: number): Promise<void>;
  wakeAll(): void;
};

export const createSleeper = (clock: Clock, scheduler: Scheduler): Sleeper => {
  const sleeping = new Set<() => void>();
  return {
    sleep: (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = (): void => {
        callOff();
        sleeping.delete(wake);
        resolve();
      };
      const callOff = scheduler.at(clock.now() + ms, wake);
      sleeping.add(wake);
      return promise;
    },
    wakeAll: () => {
      for (const wake of [...sleeping]) wake();
    },
  };
};
