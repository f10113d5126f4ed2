// The filters of the list: their names, what each may contain, and the query they stand for. A value that makes no
// sense is refused with its rule.

import { type NumberPlan, nationalDigits } from "../../domain/phone.ts";
import { addDays, dayBounds, dayIn, isDay } from "../../domain/zone-day.ts";
import type { TextRule } from "../../lib/text-rule.ts";
import { FOLLOW_STATES, type FollowState } from "../follow-up.ts";
import {
  CALL_DIRECTIONS,
  CALL_STATUSES,
  type CallStatus,
  type Direction,
  isLive,
  UNANSWERED,
} from "../types.ts";
import { nameWords } from "./names.ts";
import type { CallQuery } from "./types.ts";

const STATUSES = {
  answered: ["answered"],
  missed: UNANSWERED,
  unanswered: UNANSWERED,
  cancelled: ["cancelled"],
  busy: ["busy"],
  failed: ["failed"],
  live: CALL_STATUSES.filter(isLive),
  unknown: ["unknown"],
  service: ["service"],
} as const satisfies { readonly [result: string]: readonly CallStatus[] };

/**
 * A status of the call page, or one of the groups: `missed`, an incoming call that nobody answered (`isMissed`); `unanswered`, of
 * any direction; `live`, under way.
 */
export type ResultFilter = keyof typeof STATUSES;
export const RESULTS = Object.keys(STATUSES) as readonly ResultFilter[];

/** The filters as the reader wrote them, without surrounding spaces. Texts alone: they go back into forms and links. */
export type CallFilter = {
  readonly number?: string;
  readonly ext?: string;
  readonly result?: ResultFilter;
  readonly direction?: Direction;
  readonly follow?: FollowState;
  readonly day?: string;
};
export type FilterName = keyof CallFilter;

/** What each filter may be; the rule completes "must be …". */
export const FILTER_RULES: { readonly [name in FilterName]: TextRule } = {
  number: {
    allows: (text) => text.length <= 64 && /[\p{L}\d]/u.test(text),
    rule: "part of a telephone number or of a name: a digit or a letter, 64 characters at most",
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
    allows: (text) => (CALL_DIRECTIONS as readonly string[]).includes(text),
    rule: `one of ${CALL_DIRECTIONS.join(", ")}`,
  },
  follow: {
    allows: (text) => (FOLLOW_STATES as readonly string[]).includes(text),
    rule: `one of ${FOLLOW_STATES.join(", ")}`,
  },
  day: {
    allows: (text) => text === "today" || text === "yesterday" || isDay(text),
    rule: "a day such as 2026-11-22, today or yesterday",
  },
};
export const FILTER_NAMES = Object.keys(FILTER_RULES) as readonly FilterName[];

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

/** What was typed, as a name where it has a letter, else as a number: `8 (495) 123`. */
const whoOf = (
  text: string | undefined,
  country: NumberPlan,
): Pick<CallQuery, "number" | "name"> => {
  if (text === undefined) return {};
  return /\p{L}/u.test(text)
    ? { name: nameWords(text) }
    : { number: nationalDigits(text, country) };
};

/** The question that the filters put to the history of calls. A whole number is looked for as every spelling of it ends. */
export const callQueryOf = (
  filter: CallFilter,
  now: number,
  timeZone: string,
  country: NumberPlan = undefined,
): CallQuery => {
  const day = dayOfFilter(filter, now, timeZone);
  const own = filter.direction === undefined ? undefined : [filter.direction];
  const directions =
    filter.result === "missed" || filter.follow !== undefined
      ? (own ?? ["incoming"]).filter((way) => way === "incoming")
      : own;
  return {
    ...whoOf(filter.number, country),
    ...(filter.ext === undefined ? {} : { extension: filter.ext }),
    ...(directions === undefined ? {} : { directions }),
    ...(filter.result === undefined ? {} : { statuses: STATUSES[filter.result] }),
    ...(filter.follow === undefined ? {} : { follow: filter.follow }),
    ...(day === undefined ? {} : dayBounds(day, timeZone)),
  };
};
