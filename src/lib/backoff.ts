// Exponential back-off: pauses between attempts that grow up to a limit, with jitter, so that many who wait for the same
// thing do not come back at the same moment.

export type Backoff = {
  /** The next pause, in milliseconds. */
  nextMs(): number;
  /** The next pause is the first one again. */
  reset(): void;
};

export type BackoffOptions = {
  readonly firstMs: number;
  readonly longestMs: number;
  /** From 0 to 1: takes up to a half off each pause. Default: no jitter. */
  readonly random?: () => number;
};

/** Doubles the pause with each attempt. */
export const createBackoff = ({ firstMs, longestMs, random }: BackoffOptions): Backoff => {
  let wholeMs = firstMs;
  return {
    nextMs: () => {
      const pauseMs = Math.min(wholeMs, longestMs);
      wholeMs = Math.min(wholeMs * 2, longestMs);
      return random === undefined ? pauseMs : Math.round(pauseMs * (1 - random() / 2));
    },
    reset: () => {
      wholeMs = firstMs;
    },
  };
};
