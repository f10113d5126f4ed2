// Which day's recordings a folder holds, told by its name and those above it: `2026/11/22`, `2026-11-22`, `20261122`,
// `22.11.2026`. Pure. A folder that names no day may hold any.

/** What the names down to a folder say of its day; parts that they do not name are undefined. */
export type FolderDay = {
  readonly year?: string;
  /** Two digits. */
  readonly month?: string;
  /** Two digits. */
  readonly day?: string;
};

const YEAR = /^20\d\d$/;
const MONTH = /^(?:0?[1-9]|1[0-2])$/;
const DAY = /^(?:0?[1-9]|[12]\d|3[01])$/;
const WHOLE = /^(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])$/;
const WHOLE_BACKWARDS = /^(0[1-9]|[12]\d|3[01])([-_.])(0[1-9]|1[0-2])\2(20\d\d)$/;
const YEAR_AND_MONTH = /^(20\d\d)[-_.](0[1-9]|1[0-2])$/;

const twoDigits = (text: string): string => text.padStart(2, "0");

/** Whether a folder of this name below one of a year is a month. */
export const isMonthName = (name: string): boolean => MONTH.test(name);

/** What is known of a folder called `name`, below one of which `above` is known. */
export const dayOfFolder = (above: FolderDay, name: string): FolderDay => {
  if (above.day !== undefined) return above;
  if (above.month !== undefined) return DAY.test(name) ? { ...above, day: twoDigits(name) } : above;
  if (above.year !== undefined) {
    return MONTH.test(name) ? { ...above, month: twoDigits(name) } : above;
  }
  if (YEAR.test(name)) return { year: name };
  const [, year, , month, day] = WHOLE.exec(name) ?? [];
  if (year && month && day) return { year, month, day };
  const [, lastDay, , lastMonth, lastYear] = WHOLE_BACKWARDS.exec(name) ?? [];
  if (lastYear && lastMonth && lastDay) return { year: lastYear, month: lastMonth, day: lastDay };
  const [, ofYear, ofMonth] = YEAR_AND_MONTH.exec(name) ?? [];
  return ofYear && ofMonth ? { year: ofYear, month: ofMonth } : above;
};

/** Whether a folder may hold recordings of one of these days (`2026-11-22`). */
export const mayHold = ({ year, month, day }: FolderDay, days: ReadonlySet<string>): boolean => {
  if (year === undefined) return true;
  const prefix = [year, month, day].filter((part) => part !== undefined).join("-");
  for (const wanted of days) if (wanted.startsWith(prefix)) return true;
  return false;
};

const HOUR_MS = 3_600_000;
/** The clocks of the world, in hours from UTC: folders are named in the PBX's own time, which nobody told us. */
const ZONES = [-12, 0, 14] as const;
/** A call that is said to last longer is looked for on the days around both of its ends. */
const MAX_SPAN_MS = 48 * HOUR_MS;

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The days in which recordings of a call may be filed: those of its moments, wherever its PBX stands. */
export const daysAround = (moments: readonly number[]): Set<string> => {
  const days = new Set<string>();
  const earliest = Math.min(...moments);
  const latest = Math.max(...moments);
  const all = [...moments];
  if (latest - earliest <= MAX_SPAN_MS) {
    for (let at = earliest; at < latest; at += 12 * HOUR_MS) all.push(at);
  }
  for (const at of all) for (const hours of ZONES) days.add(dayOf(at + hours * HOUR_MS));
  return days;
};
