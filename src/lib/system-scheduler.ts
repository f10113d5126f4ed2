// The machine's timers as a Scheduler. Waits longer than a timer can be set for are made of several.

import type { Scheduler } from "../cards/types.ts";
import type { Clock } from "./clock.ts";

/** The longest delay a timer takes: 2^31 - 1 milliseconds, about 24 days. */
const MAX_DELAY_MS = 2_147_483_647;

/** Timers by that clock. They do not keep the process alive. */
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
