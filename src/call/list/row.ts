// Makes the row of a call for the list, and encodes it as text. A call under way depends on the current time; its row
// is stored so that it can be shown at any later moment without its records.

import { isKnownEventType } from "../../asterisk/index.ts";
import { cardIdOf } from "../../domain/card-id.ts";
import {
  CALL_DIRECTIONS,
  CALL_STATUSES,
  type CallEvent,
  type CallOutline,
  type CallStatus,
  type Direction,
  outlineCall,
} from "../index.ts";
import type { CallCursor, CallRow } from "./types.ts";

/**
 * Statuses of a group. A code is group × 32 + direction × 8 + status within its group: eight statuses and four directions
 * were there at first, and later statuses are a further group, so that codes on disk keep their meaning.
 */
const STATUSES_IN_GROUP = 8;
const CODES_IN_GROUP = 4 * STATUSES_IN_GROUP;

/** Stands for direction and status of a call under way: they depend on the moment. */
export const OPEN_CODE = 255;
/** Added to the code of an answered call whose caller was lost while he waited again. */
const LOST = 128;

const placeIn = <T>(list: readonly T[], value: T, what: string): number => {
  const place = list.indexOf(value);
  if (place < 0) throw new Error(`cannot keep a row: its ${what} "${String(value)}" has no code`);
  return place;
};

/** Direction and status of a row as one small number. @throws Error where one of them has no code. */
export const codeOf = ({
  direction,
  status,
  isLost = false,
}: {
  readonly direction: Direction;
  readonly status: CallStatus;
  readonly isLost?: boolean;
}): number => {
  const place = placeIn(CALL_STATUSES, status, "status");
  return (
    (isLost ? LOST : 0) +
    Math.floor(place / STATUSES_IN_GROUP) * CODES_IN_GROUP +
    placeIn(CALL_DIRECTIONS, direction, "direction") * STATUSES_IN_GROUP +
    (place % STATUSES_IN_GROUP)
  );
};

export const directionOfCode = (code: number): Direction =>
  CALL_DIRECTIONS[Math.floor((code % CODES_IN_GROUP) / STATUSES_IN_GROUP)] ?? "unknown";
export const isLostCode = (code: number): boolean => code !== OPEN_CODE && code >= LOST;
export const statusOfCode = (code: number): CallStatus => {
  const group = Math.floor((code % LOST) / CODES_IN_GROUP);
  return CALL_STATUSES[group * STATUSES_IN_GROUP + (code % STATUSES_IN_GROUP)] ?? "unknown";
};

/** A call whose end was not seen when it was assembled. */
export type OpenCall = {
  /** As it is while it may still go on, at `lastSeenAt`. */
  readonly alive: CallRow;
  /** As it is once it has been silent for the call time-out. */
  readonly over: CallRow;
  /** When its last event happened, in milliseconds since the epoch. */
  readonly lastSeenAt: number;
  /** Somebody talks: while it is alive, every millisecond is one of talk. */
  readonly isTalking: boolean;
};

export type Entry = { readonly row: CallRow } | { readonly open: OpenCall };

/** The place of an entry in the list; it never depends on the moment. */
export const placeOf = (entry: Entry): CallCursor => {
  const { startedAt, uniqueId } = "row" in entry ? entry.row : entry.open.over;
  return { startedAt, uniqueId };
};

/** Newest first; of calls that began in one millisecond the greater unique id first. */
export const comparePlaces = (a: CallCursor, b: CallCursor): number =>
  b.startedAt - a.startedAt || (a.uniqueId === b.uniqueId ? 0 : a.uniqueId < b.uniqueId ? 1 : -1);

/** The row of an entry at a moment. */
export const rowAt = (entry: Entry, now: number, callTimeoutMs: number): CallRow => {
  if ("row" in entry) return entry.row;
  const { alive, over, lastSeenAt, isTalking } = entry.open;
  if (now - lastSeenAt > callTimeoutMs) return over;
  if (!isTalking || alive.talkMs === null) return alive;
  return { ...alive, talkMs: alive.talkMs + Math.max(0, now - lastSeenAt) };
};

const toRow = (call: CallOutline, uniqueId: string): CallRow => {
  return {
    uniqueId,
    startedAt: call.startedAt ?? 0,
    endedAt: call.endedAt,
    direction: call.direction,
    status: call.status,
    phone: call.phone,
    callerName: call.callerName,
    extensions: call.extensions,
    answeredBy: call.answeredBy,
    waitMs: call.waitMs,
    talkMs: call.talkMs,
    totalMs: call.totalMs,
    transfers: call.transfers.filter(({ completed }) => completed).length,
    isLost: call.isLost,
  };
};

/** Whether events make a call: something known happened on some channel, not to a bridge alone. */
export const isCall = (events: readonly CallEvent[]): boolean =>
  events.some(({ type, ids }) => ids.length > 0 && isKnownEventType(type));

/**
 * The entry of one call; undefined where there is nothing to show.
 *
 * @param events the call's own events in order of happening, as `partition` gave them
 */
export const entryOf = (
  events: readonly CallEvent[],
  options: { readonly enterprise: string; readonly now: number; readonly callTimeoutMs: number },
): Entry | undefined => {
  if (events.length === 0) return undefined;
  const records = events.toSorted((a, b) => a.order - b.order).map(({ record }) => record);
  const at = (now: number): CallRow => {
    const call = outlineCall(events, { ...options, now });
    return toRow(call, cardIdOf({ call, records }));
  };
  const row = at(options.now);
  if (row.uniqueId === "") return undefined;
  if (row.endedAt !== null) return { row };
  const lastSeenAt = events.reduce((last, event) => Math.max(last, event.at), 0);
  if (options.now - lastSeenAt > options.callTimeoutMs) return { row };
  const over = at(lastSeenAt + options.callTimeoutMs + 1);
  const alive = at(lastSeenAt);
  const later = at(lastSeenAt + Math.min(1, options.callTimeoutMs));
  return { open: { alive, over, lastSeenAt, isTalking: later.talkMs !== alive.talkMs } };
};

type RowText = readonly [
  ...[uniqueId: string, startedAt: number, endedAt: number | null, code: number],
  ...[phone: string | null, callerName: string | null],
  ...[extensions: readonly string[], answeredBy: readonly string[]],
  ...[waitMs: number | null, talkMs: number | null, totalMs: number | null, transfers: number],
];

const pack = (row: CallRow): RowText => [
  row.uniqueId,
  row.startedAt,
  row.endedAt,
  codeOf(row),
  row.phone,
  row.callerName,
  row.extensions,
  row.answeredBy,
  row.waitMs,
  row.talkMs,
  row.totalMs,
  row.transfers,
];

const unpack = (packed: RowText): CallRow => {
  const [uniqueId, startedAt, endedAt, code, phone, callerName] = packed;
  const [, , , , , , extensions, answeredBy, waitMs, talkMs, totalMs, transfers] = packed;
  return {
    uniqueId,
    startedAt,
    endedAt,
    phone,
    callerName,
    extensions,
    answeredBy,
    direction: directionOfCode(code),
    status: statusOfCode(code),
    waitMs,
    talkMs,
    totalMs,
    transfers,
    isLost: isLostCode(code),
  };
};

/** `a` comes first, and its id is that of `o`: `idOfEntry` reads it there. */
type OpenText = {
  readonly a: RowText;
  readonly o: RowText;
  readonly l: number;
  readonly t: boolean;
};

/** An entry as one line of text. */
export const encodeEntry = (entry: Entry): string => {
  if ("row" in entry) return JSON.stringify(pack(entry.row));
  const { alive, over, lastSeenAt, isTalking } = entry.open;
  return JSON.stringify({ a: pack(alive), o: pack(over), l: lastSeenAt, t: isTalking });
};

const PLAIN_ID = /^(?:\["|\{"a":\[")([^"\\]*)"/;

/** The unique id of an entry's text, without reading the rest of it where that can be. */
export const idOfEntry = (text: string): string =>
  PLAIN_ID.exec(text)?.[1] ?? placeOf(decodeEntry(text)).uniqueId;

/** Reads what `encodeEntry` wrote. */
export const decodeEntry = (text: string): Entry => {
  const packed = JSON.parse(text) as RowText | OpenText;
  if (!("a" in packed)) return { row: unpack(packed) };
  const { a, o, l, t } = packed;
  return { open: { alive: unpack(a), over: unpack(o), lastSeenAt: l, isTalking: t } };
};
