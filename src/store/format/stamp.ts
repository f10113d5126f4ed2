// The time at the head of a line: `YYYY-MM-DD HH:MM:SS,mmm`, UTC, and the UTC day that names a finished file.
// No Bun global: readers under Deno and Node use it too.

import { DAY_MS } from "../../lib/time.ts";

/** The last millisecond of the year 9999: later times do not fit the format. */
const MAX_STAMP_MS = 253_402_300_799_999;

const STAMP = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)[,.](\d{3})$/;
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;

/** Characters of a stamp. */
export const STAMP_LENGTH = 23;

/** Whether a time (milliseconds since the epoch) can be written as a stamp: whole, from 1970 to 9999. */
export const isStampable = (at: number): boolean =>
  Number.isInteger(at) && at >= 0 && at <= MAX_STAMP_MS;

/** `2025-11-30 09:08:42,025` for a time in milliseconds since the epoch. */
export const formatStamp = (at: number): string => {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)},${iso.slice(20, 23)}`;
};

/** The time of a stamp in milliseconds since the epoch; undefined where it is no time (30 February is none). */
export const tryParseStamp = (text: string): number | undefined => {
  const match = STAMP.exec(text);
  if (match === null) return undefined;
  const month = Number(match[2]);
  const date = Number(match[3]);
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  if (month < 1 || month > 12 || date < 1 || hour > 23 || minute > 59 || second > 59)
    return undefined;
  const at = Date.UTC(Number(match[1]), month - 1, date, hour, minute, second, Number(match[7]));
  // A date past the end of its month becomes one of the next.
  return isStampable(at) && new Date(at).getUTCDate() === date ? at : undefined;
};

/** A UTC day as a number: days since the epoch. */
export const dayOf = (at: number): number => Math.floor(at / DAY_MS);

/** `2025-11-29` for a UTC day. */
export const formatDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The UTC day of `2025-11-29`; undefined where it is none. */
export const tryParseDay = (text: string): number | undefined => {
  const match = DAY.exec(text);
  if (match === null) return undefined;
  const [, year, month, date] = match.map(Number);
  const day = dayOf(Date.UTC(year ?? 0, (month ?? 0) - 1, date ?? 0));
  return formatDay(day) === text ? day : undefined;
};
