// Timers as an argument, so that tests move time by hand. Waits longer than the longest timer of the machine are
// split.

import type { Clock } from "./clock.ts";

/** Runs work at a given moment. */
export type Scheduler = {
  /** @param at milliseconds since the epoch. @returns a function that cancels it. */
  at(at: number, work: () => void): () => void;
};

/** The longest delay a timer takes: 2^31 - 1 milliseconds, about 24 days. */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's timers, set by that clock. They do not keep the process alive. */
export const systemScheduler = (clock: Clock): Scheduler => ({
  at: (at, work) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      const delayMs = Math.max(0, at - clock.now());
      timer = setTimeout(delayMs > MAX_DELAY_MS ? wait : work, Math.min(delayMs, MAX_DELAY_MS));
      if (typeof timer === "object") timer.unref();
    };
    wait();
    return () => clearTimeout(timer);
  },
});

/** Sleeps that can all be ended at once, when the program stops. */
export type Sleeper = {
  /** Resolves after that time, or at `wakeAll`. */
  sleep(ms: number): Promise<void>;
  wakeAll(): void;
};

/** A sleeper that measures time by that clock. */
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
