// The one clock that tests move by hand, with timers that run when it is moved past them, and a way to wait for what
// the real parts (sockets, files) do meanwhile.

import type { Clock } from "../../src/lib/clock.ts";
import type { Scheduler } from "../../src/lib/scheduler.ts";

/** A moment: milliseconds since the epoch, or as ISO 8601. */
type Moment = number | string;

export type HandTime = Clock &
  Scheduler & {
    /** When the next timer is due; infinity where there is none. */
    nextAt(): number;
    /** Runs the timers due by then, one after the other, each at its time; it then is that moment, be it earlier. */
    set(to: Moment): void;
    /** As `set`, by a span from now; a negative one is a clock that was put back. */
    pass(ms: number): void;
  };

const momentOf = (moment: Moment): number =>
  typeof moment === "number" ? moment : Date.parse(moment);

/** A clock that stands until it is moved, and its timers. */
export const handTime = (start: Moment = 1_795_333_350_000): HandTime => {
  let now = momentOf(start);
  let order = 0;
  const timers = new Map<number, { readonly at: number; readonly work: () => void }>();
  const next = () => [...timers].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  const set = (to: Moment): void => {
    const end = momentOf(to);
    for (let due = next(); due !== undefined && due[1].at <= end; due = next()) {
      timers.delete(due[0]);
      now = Math.max(now, due[1].at);
      due[1].work();
    }
    now = end;
  };
  return {
    now: () => now,
    at: (at, work) => {
      const id = order++;
      timers.set(id, { at, work });
      return () => void timers.delete(id);
    },
    nextAt: () => next()?.[1].at ?? Number.POSITIVE_INFINITY,
    set,
    pass: (ms) => set(now + ms),
  };
};

/** Resolves when the condition holds; the test's own time limit is the limit. */
export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
};
