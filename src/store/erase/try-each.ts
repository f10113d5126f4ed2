// Work that is done for each of several days on its own: one that fails does not stop the others, and is told with its reason.

import { errorText } from "../../lib/errors.ts";
import { ArchiveError } from "../archive/index.ts";

/** A day for which it was not done, and why, in a line. */
export type DayFailure<T> = { readonly day: T; readonly why: string };

/** A store that is away so often running is not asked for the rest: each question may take minutes. */
const MOST_AWAY = 2;

/** @returns the days for which the work failed, or was not tried any more, in their order */
export const tryEach = async <T>(
  days: readonly T[],
  work: (day: T) => Promise<void>,
): Promise<DayFailure<T>[]> => {
  const failures: DayFailure<T>[] = [];
  let away = 0;
  let last = "";
  for (const day of days) {
    if (away >= MOST_AWAY) {
      failures.push({ day, why: last });
      continue;
    }
    try {
      await work(day);
      away = 0;
    } catch (error) {
      last = errorText(error);
      away = error instanceof ArchiveError && error.code === "away" ? away + 1 : 0;
      failures.push({ day, why: last });
    }
  }
  return failures;
};
