// Calendar days of a time zone. A day begins at its first moment there, whatever the clocks do: it may have 23 or 25
// hours, and in some zones no midnight. Days are text, `2026-11-22`; moments are milliseconds since the epoch.

import { HOUR_MS } from "../lib/time.ts";

/** No zone is further from UTC than this. */
const FURTHEST_MS = 15 * HOUR_MS;

const formatters = new Map<string, Intl.DateTimeFormat>();
const formatterOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formatters.set(timeZone, made);
  return made;
};

/** What the clocks of the zone show: `2026-11-22 10:25:55`. */
export const localStamp = (ms: number, timeZone: string): string => {
  const parts: { [type: string]: string } = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(ms)) parts[type] = value;
  const { year = "", month, day, hour, minute, second } = parts;
  return `${year.padStart(4, "0")}-${month}-${day} ${hour}:${minute}:${second}`;
};

/** The day it is in the zone: `2026-11-22`. */
export const dayIn = (ms: number, timeZone: string): string =>
  localStamp(ms, timeZone).slice(0, 10);

/** How far the zone's clocks are from UTC at that moment: `+03:00`. */
export const utcOffset = (ms: number, timeZone: string): string => {
  const minutes = Math.round(offsetMs(ms, timeZone) / 60_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
};

/** Whether `text` is a day of the calendar, from 1970 to 2999. */
export const isDay = (text: string): boolean => {
  if (!/^(?:19[7-9]\d|2\d{3})-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

/** The day `count` days after (before, where negative). */
export const addDays = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 24 * HOUR_MS).toISOString().slice(0, 10);

/** 0 on a Monday, 6 on a Sunday. */
export const weekdayOf = (day: string): number =>
  (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;

const beginningOf = (day: string, timeZone: string): number => {
  const middle = Date.parse(`${day}T00:00:00Z`);
  let [before, at] = [middle - FURTHEST_MS, middle + FURTHEST_MS];
  while (at - before > 1) {
    const between = Math.floor((before + at) / 2);
    if (dayIn(between, timeZone) >= day) at = between;
    else before = between;
  }
  return at;
};

/** The first moment of the day and that of the next one. */
export const dayBounds = (
  day: string,
  timeZone: string,
): { readonly from: number; readonly to: number } => ({
  from: beginningOf(day, timeZone),
  to: beginningOf(addDays(day, 1), timeZone),
});

/** Offsets of quarter hours that were asked for: rows of a day ask for the same ones again and again. */
const MAX_OFFSETS = 20_000;
const QUARTER_MS = 15 * 60_000;
const offsets = new Map<string, number>();

const offsetMs = (ms: number, timeZone: string): number => {
  const key = `${timeZone} ${Math.floor(ms / QUARTER_MS)}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const whole = Math.floor(ms / QUARTER_MS) * QUARTER_MS;
  const shown = Date.parse(`${localStamp(whole, timeZone).replace(" ", "T")}Z`);
  if (offsets.size >= MAX_OFFSETS) offsets.clear();
  offsets.set(key, shown - whole);
  return shown - whole;
};

/** What the clocks of the zone show at a moment, as milliseconds since the epoch would be if the zone were UTC. */
export const clocksAt = (ms: number, timeZone: string): number => ms + offsetMs(ms, timeZone);

/**
 * The moments at which the clocks of the zone show a time, earliest first: one as a rule, two in the hour that comes twice. In
 * the hour that is left out, the moment at which clocks that were not put forward would show it.
 *
 * @param local what the clocks show, as milliseconds since the epoch would be if the zone were UTC
 */
export const momentsOf = (local: number, timeZone: string): readonly [number, ...number[]] => {
  const before = local - offsetMs(local - 24 * HOUR_MS, timeZone);
  const after = local - offsetMs(local + 24 * HOUR_MS, timeZone);
  const shows = (ms: number): boolean => ms + offsetMs(ms, timeZone) === local;
  const [first, ...others] = [...new Set([before, after])].filter(shows).sort((a, b) => a - b);
  return first === undefined ? [before] : [first, ...others];
};
