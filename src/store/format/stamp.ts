// The time at the head of a line: `YYYY-MM-DD HH:MM:SS,mmm`, UTC, and the UTC day that names a finished file.
// No Bun global: readers under Deno and Node use it too.

import { DAY_MS } from "../../lib/time.ts";

/** The last millisecond of the year 9999: later times do not fit the format. */
const MAX_STAMP_MS = 253_402_300_799_999;

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

const ZERO = 0x30;

/** The number that `length` digits at `from` make; NaN where one of them is none. */
const digitsAt = (text: string, from: number, length: number): number => {
  let number = 0;
  for (let index = from; index < from + length; index += 1) {
    const digit = text.charCodeAt(index) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
};

/** Lines stand in the order of time: most have the day of the one before. */
let lastDay = { text: "", at: Number.NaN };

/** The beginning of the day at the head of a stamp, in milliseconds since the epoch; NaN where it is none. */
const dayAt = (text: string): number => {
  if (lastDay.text !== "" && text.startsWith(lastDay.text)) return lastDay.at;
  const [year, month, date] = [digitsAt(text, 0, 4), digitsAt(text, 5, 2), digitsAt(text, 8, 2)];
  if (text[4] !== "-" || text[7] !== "-" || !(month >= 1 && month <= 12 && date >= 1)) {
    return Number.NaN;
  }
  const at = Date.UTC(year, month - 1, date);
  // A date past the end of its month becomes one of the next.
  if (!(at >= 0) || new Date(at).getUTCDate() !== date) return Number.NaN;
  lastDay = { text: text.slice(0, 10), at };
  return at;
};

/** The time of a stamp in milliseconds since the epoch; undefined where it is no time (30 February is none). */
export const tryParseStamp = (text: string): number | undefined =>
  text.length === STAMP_LENGTH ? tryParseHead(text) : undefined;

/** The same of the stamp that a text begins with. */
export const tryParseHead = (text: string): number | undefined => {
  if (text[10] !== " " || text[13] !== ":" || text[16] !== ":") return undefined;
  if (text[19] !== "," && text[19] !== ".") return undefined;
  const [hour, minute] = [digitsAt(text, 11, 2), digitsAt(text, 14, 2)];
  const [second, milliseconds] = [digitsAt(text, 17, 2), digitsAt(text, 20, 3)];
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  const at = dayAt(text) + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
  return isStampable(at) ? at : undefined;
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
