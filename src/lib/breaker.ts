// A circuit breaker: decides whether it is worth asking a service that may be down. After a failure nobody asks for a
// pause (open); then one caller tries while the others still go without (half open). The pauses grow up to a limit
// while the service stays down.

import { createBackoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";

export type Breaker = {
  /** Whether the caller may ask now. A caller that was let in reports the result by `answered` or `failed`. */
  admit(): boolean;
  /** Whether the breaker is open: the last answer was a failure, and the pause is not over. Changes nothing. */
  isOpen(): boolean;
  answered(): void;
  failed(): void;
};

export type BreakerOptions = {
  readonly clock: Clock;
  /** The pause after the first failure, in milliseconds. */
  readonly firstPauseMs: number;
  /** Default: every pause is as long as the first. */
  readonly longestPauseMs?: number;
  /** How long a trial (half open) may take before another caller may try, in milliseconds. */
  readonly trialMs: number;
};

export const createBreaker = (options: BreakerOptions): Breaker => {
  const { clock, firstPauseMs, longestPauseMs = firstPauseMs, trialMs } = options;
  const backoff = createBackoff({ firstMs: firstPauseMs, longestMs: longestPauseMs });
  let isDown = false;
  let isTrying = false;
  let shutAt = 0;
  let shutForMs = 0;
  const shut = (forMs: number): void => {
    shutAt = clock.now();
    shutForMs = forMs;
  };
  const isOpen = (): boolean => {
    const passedMs = clock.now() - shutAt;
    // A clock that was set back ends the pause; it does not lengthen it.
    return isDown && passedMs >= 0 && passedMs < shutForMs;
  };
  return {
    isOpen,
    admit: () => {
      if (!isDown) return true;
      if (isOpen()) return false;
      isTrying = true;
      shut(trialMs);
      return true;
    },
    answered: () => {
      isDown = false;
      isTrying = false;
      backoff.reset();
    },
    failed: () => {
      // Several requests of one caller fail together: that is one failure, and the pause does not grow.
      if (!isDown || isTrying) shut(backoff.nextMs());
      else shut(shutForMs);
      isDown = true;
      isTrying = false;
    },
  };
};
