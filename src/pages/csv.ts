// The list of calls as CSV (RFC 4180) for spreadsheets. Names come from callers: no cell may be taken for a formula.

import type { CallRow, FollowedRow } from "../call/index.ts";
import { internationalNumber, type NumberPlan } from "../domain/phone.ts";
import { localStamp, utcOffset } from "../domain/zone-day.ts";
import { wholeSeconds } from "../lib/time.ts";

/** Tells spreadsheets that the file is UTF-8. */
export const BYTE_ORDER_MARK = "\ufeff";

/** The columns, in their order; names stay as they are, new columns come at the end. */
export const CSV_COLUMNS = [
  "started_at",
  "utc_offset",
  "direction",
  "result",
  "phone",
  "name",
  "extensions",
  "answered_by",
  "wait_seconds",
  "talk_seconds",
  "total_seconds",
  "transfers",
  "ended_at",
  "unique_id",
  "follow_up",
  "follow_up_attempts",
  "returned_by",
  "returned_after_seconds",
  "returned_call",
  "missed_in_row",
  "returns",
] as const;

/**
 * A cell that a spreadsheet shows as it is. What would begin a formula gets an apostrophe before it; a telephone number
 * with its plus is data and stays.
 */
export const csvCell = (value: string | number | null, separator = ","): string => {
  if (value === null) return "";
  const text = String(value);
  const isFormula = /^\s*[=+\-@\t\r]/.test(text) && !/^\+?\d+$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  const isQuoted = /["\r\n]/.test(safe) || safe.includes(separator);
  return isQuoted ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** What may stand between cells, by its name in an address: spreadsheets of many countries want a semicolon. */
export const CSV_SEPARATORS = { ",": ",", ";": ";", tab: "\t" } as const;
export type CsvSeparator = keyof typeof CSV_SEPARATORS;

const line = (
  cells: readonly (string | number | null)[],
  separator: string = CSV_SEPARATORS[","],
): string => `${cells.map((cell) => csvCell(cell, separator)).join(separator)}\r\n`;

export const csvHeader = (separator?: string): string => line(CSV_COLUMNS, separator);

/** As the PBX sent it; where a country says how to read it, by E.164. */
const phoneOf = ({ phone }: CallRow, country: NumberPlan): string | null =>
  phone === null || country === undefined ? phone : (internationalNumber(phone, country) ?? phone);

/**
 * One call as a line with its line break; times as the clocks of the zone show them, durations in whole seconds, the outside
 * number by E.164 where the country is known and it is valid there.
 */
export const csvLine = (
  row: FollowedRow,
  timeZone: string,
  country?: NumberPlan,
  separator?: string,
): string =>
  line(
    [
      localStamp(row.startedAt, timeZone),
      `UTC${utcOffset(row.startedAt, timeZone)}`,
      row.direction,
      row.status,
      phoneOf(row, country),
      row.callerName,
      row.extensions.join(" "),
      row.answeredBy.join(" "),
      wholeSeconds(row.waitMs),
      wholeSeconds(row.talkMs),
      wholeSeconds(row.totalMs),
      row.transfers,
      row.endedAt === null ? null : localStamp(row.endedAt, timeZone),
      row.uniqueId,
      row.followUp?.state ?? null,
      row.followUp?.attempts ?? null,
      row.followUp?.returnedBy ?? null,
      row.followUp?.afterSeconds ?? null,
      row.followUp?.call ?? null,
      row.followUp?.repeats ?? null,
      row.returns,
    ],
    separator,
  );
