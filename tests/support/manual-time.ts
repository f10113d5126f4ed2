// Time that tests move by hand, and a way to wait for what the real parts (sockets, files) do meanwhile.

import type { Clock } from "../../src/lib/clock.ts";

export type ManualTime = Clock & {
  at(at: number, work: () => void): () => void;
  /** Moves on; what was to be done in between is done in its order. */
  advance(ms: number): void;
};

export const manualTime = (start = 1_795_333_350_000): ManualTime => {
  let now = start;
  let timers: { readonly at: number; readonly work: () => void }[] = [];
  return {
    now: () => now,
    at: (at, work) => {
      const timer = { at, work };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.work();
      }
      now = end;
    },
  };
};

/** Resolves when the condition holds; the test's own time limit is the limit. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
};
