// Growing pauses between attempts, with jitter, so that many senders do not come back at the same moment.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export type Backoff = {
  /** The next pause: half a second at first, doubled each time, at most 30 s; up to a half of it is taken off. */
  nextMs(): number;
  reset(): void;
};

/** @param random from 0 to 1. */
export const createBackoff = (random: () => number): Backoff => {
  let attempts = 0;
  return {
    nextMs: () => {
      const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 16));
      attempts += 1;
      return Math.round(whole * (1 - random() / 2));
    },
    reset: () => {
      attempts = 0;
    },
  };
};
