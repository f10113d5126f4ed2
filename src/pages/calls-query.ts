// The address of the list: its parameters read, and a place in the list as text. A filter that is empty counts as not
// given, as forms send it; all mistakes come back together.

import { Buffer } from "node:buffer";
import {
  type CallCursor,
  type CallFilter,
  FILTER_NAMES,
  FILTER_RULES,
  type FilterName,
} from "../call/index.ts";
import { err, ok, type Result } from "../lib/result.ts";
import { CSV_SEPARATORS, type CsvSeparator } from "./csv.ts";

export const LIST_FORMATS = ["csv", "json", "xlsx"] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];
/** Rows of a page, and of JSON where no limit is given. */
export const DEFAULT_LIMIT = 50;
/** Rows of one JSON answer at most. */
export const MAX_LIMIT = 500;
/** Rows of one CSV file or workbook at most: what a spreadsheet on a small machine still opens. */
export const MAX_CSV_ROWS = 50_000;

export type ListRequest = {
  readonly filter: CallFilter;
  readonly before?: CallCursor;
  readonly limit?: number;
  readonly format?: ListFormat;
  /** Of CSV. */
  readonly separator?: CsvSeparator;
};

/** A parameter that cannot be meant. */
export type QueryMistake = {
  readonly name: FilterName | "before" | "limit" | "format" | "separator";
  /** Completes "must be …". */
  readonly rule: string;
};

/** A cursor as text for an address: of meaning to `parseCursor` alone. */
export const cursorText = ({ startedAt, uniqueId }: CallCursor): string =>
  Buffer.from(`${startedAt}|${uniqueId}`, "latin1").toString("base64url");

/** Reads a cursor; undefined where it is none of ours. */
export const parseCursor = (text: string): CallCursor | undefined => {
  if (!/^[A-Za-z0-9_-]{2,300}$/.test(text) || text.length % 4 === 1) return undefined;
  const decoded = Buffer.from(text, "base64url").toString("latin1");
  const match = /^(\d{1,15})\|([A-Za-z0-9._:@+-]{1,128})$/.exec(decoded);
  return match === null ? undefined : { startedAt: Number(match[1]), uniqueId: match[2] as string };
};

const isFormat = (text: string): text is ListFormat =>
  (LIST_FORMATS as readonly string[]).includes(text);

const isSeparator = (text: string): text is CsvSeparator => Object.hasOwn(CSV_SEPARATORS, text);

/** Reads the parameters of an address; unknown ones are passed over. All mistakes come back together. */
export const parseListRequest = (
  params: URLSearchParams,
): Result<ListRequest, readonly QueryMistake[]> => {
  const mistakes: QueryMistake[] = [];
  const given = (name: string): string => (params.get(name) ?? "").trim();
  const filter: { [name: string]: string } = {};
  for (const name of FILTER_NAMES) {
    const value = given(name);
    if (value === "") continue;
    const { allows, rule } = FILTER_RULES[name];
    if (allows(value)) filter[name] = value;
    else mistakes.push({ name, rule });
  }
  const before = given("before");
  const cursor = before === "" ? undefined : parseCursor(before);
  if (before !== "" && cursor === undefined) {
    mistakes.push({ name: "before", rule: "the `next` of an earlier answer" });
  }
  const format = given("format");
  if (format !== "" && !isFormat(format)) {
    mistakes.push({ name: "format", rule: "csv, xlsx or json" });
  }
  const separator = given("separator");
  if (separator !== "" && !isSeparator(separator)) {
    mistakes.push({ name: "separator", rule: "a comma, a semicolon or tab" });
  }
  const limit = given("limit");
  const most = format === "csv" || format === "xlsx" ? MAX_CSV_ROWS : MAX_LIMIT;
  const rows = /^\d{1,6}$/.test(limit) ? Number(limit) : 0;
  if (limit !== "" && (rows < 1 || rows > most)) {
    mistakes.push({ name: "limit", rule: `a whole number from 1 to ${most}` });
  }
  if (mistakes.length > 0) return err(mistakes);
  return ok({
    filter: filter as CallFilter,
    ...(cursor === undefined ? {} : { before: cursor }),
    ...(limit === "" ? {} : { limit: rows }),
    ...(format === "" ? {} : { format: format as ListFormat }),
    ...(isSeparator(separator) ? { separator } : {}),
  });
};
