// What the reader of the list asks for, from an address or from flags, and back into an address. A filter that is empty
// counts as not given, as forms send it; one that cannot be meant is refused with its rule, never passed over.

import type { CallCursor, CallQuery, CallStatus, Direction } from "../call/index.ts";
import { addDays, dayBounds, dayIn, isDay } from "../domain/zone-day.ts";
import { err, ok, type Result } from "../lib/result.ts";

const STATUSES = {
  answered: ["answered"],
  unanswered: ["missed", "cancelled", "busy", "failed"],
  missed: ["missed"],
  cancelled: ["cancelled"],
  busy: ["busy"],
  failed: ["failed"],
  live: ["ringing", "talking"],
  unknown: ["unknown"],
} as const satisfies { readonly [result: string]: readonly CallStatus[] };

/** A status of the call page, or one of two groups: `unanswered`, whatever the reason, and `live`, under way. */
export type ResultFilter = keyof typeof STATUSES;
export const RESULTS = Object.keys(STATUSES) as readonly ResultFilter[];
export const DIRECTIONS = ["incoming", "outgoing", "internal", "unknown"] as const;

/** The filters as the reader wrote them, without surrounding spaces. Texts alone: they go back into forms and links. */
export type CallFilter = {
  readonly number?: string;
  readonly ext?: string;
  readonly result?: ResultFilter;
  readonly direction?: Direction;
  readonly day?: string;
};
export type FilterName = keyof CallFilter;

type Rule = { readonly allows: (text: string) => boolean; readonly rule: string };

/** What each filter may be; the rule completes "must be …". */
export const FILTER_RULES: { readonly [name in FilterName]: Rule } = {
  number: {
    allows: (text) => text.length <= 32 && /\d/.test(text),
    rule: "part of a telephone number: a digit or more, 32 characters at most",
  },
  ext: {
    allows: (text) => /^[0-9A-Za-z+*#_.-]{1,32}$/.test(text),
    rule: "a whole extension or number of 1 to 32 of 0-9 A-Z a-z + * # _ . -",
  },
  result: {
    allows: (text) => Object.hasOwn(STATUSES, text),
    rule: `one of ${RESULTS.join(", ")}`,
  },
  direction: {
    allows: (text) => (DIRECTIONS as readonly string[]).includes(text),
    rule: `one of ${DIRECTIONS.join(", ")}`,
  },
  day: {
    allows: (text) => text === "today" || text === "yesterday" || isDay(text),
    rule: "a day such as 2026-11-22, today or yesterday",
  },
};
export const FILTER_NAMES = Object.keys(FILTER_RULES) as readonly FilterName[];

export type ListFormat = "csv" | "json";
/** Rows of a page, and of JSON where no limit is given. */
export const DEFAULT_LIMIT = 50;
/** Rows of one JSON answer at most. */
export const MAX_LIMIT = 500;
/** Rows of one CSV file at most: what a spreadsheet on a small machine still opens. */
export const MAX_CSV_ROWS = 50_000;

export type ListRequest = {
  readonly filter: CallFilter;
  readonly before?: CallCursor;
  readonly limit?: number;
  readonly format?: ListFormat;
};

/** A parameter that cannot be meant. */
export type QueryMistake = {
  readonly name: FilterName | "before" | "limit" | "format";
  /** Completes "must be …". */
  readonly rule: string;
};

/** A cursor as text for an address: of meaning to `parseCursor` alone. */
export const cursorText = ({ startedAt, uniqueId }: CallCursor): string =>
  btoa(`${startedAt}|${uniqueId}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Reads a cursor; undefined where it is none of ours. */
export const parseCursor = (text: string): CallCursor | undefined => {
  if (!/^[A-Za-z0-9_-]{2,300}$/.test(text) || text.length % 4 === 1) return undefined;
  const decoded = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const match = /^(\d{1,15})\|([A-Za-z0-9._:@+-]{1,128})$/.exec(decoded);
  return match === null ? undefined : { startedAt: Number(match[1]), uniqueId: match[2] as string };
};

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
  if (format !== "" && format !== "csv" && format !== "json") {
    mistakes.push({ name: "format", rule: "csv or json" });
  }
  const limit = given("limit");
  const most = format === "csv" ? MAX_CSV_ROWS : MAX_LIMIT;
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
  });
};

/** Which day a filter means: `today` and `yesterday` are those of the zone. Undefined where none is asked for. */
export const dayOfFilter = (
  { day }: CallFilter,
  now: number,
  timeZone: string,
): string | undefined => {
  if (day === "today") return dayIn(now, timeZone);
  if (day === "yesterday") return addDays(dayIn(now, timeZone), -1);
  return day;
};

/** The question that the filters put to the history of calls. */
export const callQueryOf = (filter: CallFilter, now: number, timeZone: string): CallQuery => {
  const day = dayOfFilter(filter, now, timeZone);
  return {
    ...(filter.number === undefined ? {} : { number: filter.number.replace(/\D/g, "") }),
    ...(filter.ext === undefined ? {} : { extension: filter.ext }),
    ...(filter.direction === undefined ? {} : { directions: [filter.direction] }),
    ...(filter.result === undefined ? {} : { statuses: STATUSES[filter.result] }),
    ...(day === undefined ? {} : dayBounds(day, timeZone)),
  };
};
