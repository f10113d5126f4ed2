// Work that is done for each of several days on its own: one that fails does not stop the others, and is told with its reason.

import { errorText } from "../../lib/errors.ts";
import { ArchiveError } from "../archive/index.ts";

/** A day for which it was not done, and why, in a line. */
export type DayFailure<T> = {
  readonly day: T;
  readonly why: string;
  /** False where it was left alone because of one before it. */
  readonly isTried: boolean;
};

/**
 * How often running a store may be away, or not let us in, before the rest is not tried: each question may take minutes, and
 * a day that is put in part is worse than one that is not touched.
 */
export type Patience = { readonly away: number; readonly denied: number };

/** @returns the days for which the work failed, or was not tried any more, in their order */
export const tryEach = async <T>(
  days: readonly T[],
  work: (day: T) => Promise<void>,
  patience: Patience = { away: 2, denied: Number.POSITIVE_INFINITY },
): Promise<DayFailure<T>[]> => {
  const failures: DayFailure<T>[] = [];
  const running = { away: 0, denied: 0 };
  let stop: string | undefined;
  for (const day of days) {
    if (stop !== undefined) {
      failures.push({ day, why: `not tried: ${stop}`, isTried: false });
      continue;
    }
    try {
      await work(day);
      running.away = 0;
      running.denied = 0;
    } catch (error) {
      const why = errorText(error);
      failures.push({ day, why, isTried: true });
      const code = error instanceof ArchiveError ? error.code : undefined;
      for (const kind of ["away", "denied"] as const) {
        running[kind] = code === kind ? running[kind] + 1 : 0;
        if (running[kind] >= patience[kind]) stop = why;
      }
    }
  }
  return failures;
};
