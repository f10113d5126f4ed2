// A day on the command line: as the calendar has it, or in a word.

import { addDays, dayIn, isDay } from "../domain/zone-day.ts";
import type { CommandOption } from "./command.ts";

const DAYS_AGO: Readonly<Record<string, number>> = { today: 0, yesterday: -1 };

/** `--day`. @param text which day is meant, in the words of the command */
export const dayOption = (text: string): CommandOption => ({
  flag: "day",
  placeholder: "DAY",
  text,
  check: {
    allows: (given) => given in DAYS_AGO || isDay(given),
    rule: "a day such as 2026-11-22, today or yesterday",
  },
});

/** The day that was given, of the zone's calendar. @param now milliseconds since the epoch */
export const dayGiven = (given: string, now: number, timeZone: string): string => {
  const ago = DAYS_AGO[given];
  return ago === undefined ? given : addDays(dayIn(now, timeZone), ago);
};
