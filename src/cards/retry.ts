// When a failed request is tried again, and when it is given up. Pure.

/** What has been tried so far for one card in one chat. */
export type Attempts = {
  readonly tries: number;
  /** When the first of them was made, in milliseconds since the epoch. */
  readonly firstAt: number;
};

/** Waits after the first tries, in milliseconds: five tries in about a minute. */
export const RETRY_DELAYS_MS = [2000, 6000, 15_000, 35_000] as const;
/** A final card goes on being tried this often… */
export const SLOW_RETRY_MS = 60_000;
/** …for this long: what a manager must know of a call is how it ended. */
export const FINAL_PATIENCE_MS = 3600_000;

/** When to try again after a failed try, in milliseconds since the epoch; undefined: no more. */
export const nextTryAt = (
  { tries, firstAt }: Attempts,
  { isFinal, now }: { readonly isFinal: boolean; readonly now: number },
): number | undefined => {
  const delayMs = RETRY_DELAYS_MS[tries - 1];
  if (delayMs !== undefined) return now + delayMs;
  return isFinal && now - firstAt < FINAL_PATIENCE_MS ? now + SLOW_RETRY_MS : undefined;
};
