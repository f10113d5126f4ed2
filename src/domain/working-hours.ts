// The hours in which people work, as they are written (`mon-fri 09:00-18:00, sat 10:00-14:00`), and which moment is in them, by
// the clocks of a zone.

import type { TextRule } from "../lib/text-rule.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { addDays, dayIn, momentsOf, weekdayOf } from "./zone-day.ts";

/** Minutes of the day; `to` may be 1440, and beyond that where the span goes on past midnight. */
type Span = { readonly from: number; readonly to: number };

/** By weekday, Monday first; null: always. */
export type WorkingHours = readonly (readonly Span[])[] | null;

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ENTRY =
  /^([a-z]{3})(?:-([a-z]{3}))? ([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]|24):([0-5]\d)$/;
const DAY_MINUTES = 24 * 60;

/** Monday to Friday, and wrapping round: Saturday to Monday. */
const daysBetween = (from: number, to: number): readonly number[] =>
  Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, offset) => (from + offset) % 7);

/** What was written; undefined where it makes no sense. */
export const parseWorkingHours = (text: string): WorkingHours | undefined => {
  if (text === "always") return null;
  const week: Span[][] = WEEKDAYS.map(() => []);
  for (const entry of text.split(",")) {
    const match = ENTRY.exec(entry.trim().toLowerCase());
    if (match === null) return undefined;
    const [, first = "", last = first, ...times] = match;
    const [from, to] = [WEEKDAYS.indexOf(first), WEEKDAYS.indexOf(last)];
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = times.map(Number);
    const [begin, end] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
    if (from < 0 || to < 0 || begin === end || end > DAY_MINUTES) return undefined;
    const span = { from: begin, to: end > begin ? end : end + DAY_MINUTES };
    for (const day of daysBetween(from, to)) week[day]?.push(span);
  }
  return week;
};

export const WORKING_HOURS_RULE: TextRule = {
  allows: (text) => parseWorkingHours(text) !== undefined,
  rule: 'days and times such as "mon-fri 09:00-18:00, sat 10:00-14:00", or always',
};

/** A minute of a day, as a moment; the hour that the clocks repeat ends when it is over for good. */
const momentAt = (day: string, minute: number, which: 0 | -1, timeZone: string): number => {
  const local = Date.parse(`${day}T00:00:00Z`) + minute * MINUTE_MS;
  return momentsOf(local, timeZone).at(which) ?? local;
};

/** Longer than any week without working hours. */
const DAYS_AHEAD = 8;

/**
 * The first moment at or after `ms` that is in working hours.
 *
 * @param ms milliseconds since the epoch
 * @returns undefined where nobody ever works
 */
export const nextWorking = (
  hours: WorkingHours,
  ms: number,
  timeZone: string,
): number | undefined => {
  if (hours === null) return ms;
  const today = dayIn(ms, timeZone);
  let next: number | undefined;
  // Yesterday's hours may go on past midnight.
  for (let ahead = -1; ahead <= DAYS_AHEAD; ahead += 1) {
    const day = addDays(today, ahead);
    for (const { from, to } of hours[weekdayOf(day)] ?? []) {
      if (momentAt(day, to, -1, timeZone) <= ms) continue;
      const at = Math.max(ms, momentAt(day, from, 0, timeZone));
      if (next === undefined || at < next) next = at;
    }
    // Hours of a later day begin later.
    if (next !== undefined) break;
  }
  return next;
};

/** Whether people work at that moment. */
export const isWorking = (hours: WorkingHours, ms: number, timeZone: string): boolean =>
  nextWorking(hours, ms, timeZone) === ms;
