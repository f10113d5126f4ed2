// A record as a line, and a line as a record. Written lines are strict: one line, as many fields as its kind has,
// nothing from outside able to add another. Reading also takes what older writers left (docs/format.md).
// Knows text, not bytes and not files; no Bun global, so that Deno and Node read the same files.

import { isEventType, isUniqueId, mayLackUniqueId } from "../../asterisk/index.ts";
import type { EventBody } from "../../domain/event.ts";
import {
  type AstRecord,
  DIGEST_TYPE,
  type HttpRecord,
  type RecordToWrite,
  TG_ACTIONS,
  type TgAction,
  type TraceRecord,
} from "../../domain/record.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import { MAX_RESPONSE_CODE_POINTS, MAX_TEXT_CODE_POINTS } from "../limits.ts";
import {
  canonicalJson,
  cutCodePoints,
  escapeControlsInJson,
  escapeJsonField,
  maskBotTokens,
  maskUrl,
  oneLine,
} from "./plain-text.ts";
import { formatStamp, isStampable, STAMP_LENGTH, tryParseHead } from "./stamp.ts";

/** A record with its stamp, ready to be a line. */
export type StampedRecord = RecordToWrite & { readonly at: number };

/** A record that cannot be a line: which field, and why. Nothing was written. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  readonly code: "bad_record" | "line_too_long" = "bad_record";
}

/** A record whose line would be longer than readers accept. */
export class LineTooLongError extends RecordError {
  override readonly code = "line_too_long";
}

const refuse = (field: string, why: string): never => {
  throw new RecordError(`cannot record: ${field} ${why}`);
};

const CHAT_ID = /^-?\d{1,20}$/;
const MESSAGE_TYPE = /^[a-z][a-z_]{0,31}$/;
const METHOD = /^[A-Z]{1,16}$/;

const stringifyBody = (body: EventBody): string => {
  let json: string | undefined;
  try {
    json = JSON.stringify(body);
  } catch (cause) {
    throw new RecordError(`cannot record: the body is not JSON: ${String(cause)}`, { cause });
  }
  return json?.startsWith("{")
    ? escapeControlsInJson(json)
    : refuse("the body", "is not an object");
};

/**
 * The record as it will be read back: texts on one line and cut to their limits, JSON compact, credentials masked.
 * Idempotent, and `decodeLine(encodeRecord(r))` equals `normaliseRecord(r)`.
 */
export const normaliseRecord = <R extends RecordToWrite>(record: R): R => {
  switch (record.kind) {
    case "AST":
      return { ...record, body: JSON.parse(stringifyBody(record.body)) as EventBody };
    case "TG": {
      const shown = record.action === "fail" ? maskBotTokens(record.text) : record.text;
      return { ...record, text: cutCodePoints(oneLine(shown), MAX_TEXT_CODE_POINTS) };
    }
    case "HTTP":
      return {
        ...record,
        url: maskUrl(record.url),
        request: canonicalJson(record.request),
        response: canonicalJson(record.response, MAX_RESPONSE_CODE_POINTS),
      };
  }
};

/**
 * Everything of a line after its stamp and the first `|`.
 *
 * @throws RecordError where a field may not stand in a line.
 */
export const encodeFields = (record: RecordToWrite): string => {
  const { uniqueId } = record;
  const mayBeEmpty =
    record.kind === "AST"
      ? mayLackUniqueId(record.event)
      : record.kind === "TG" && record.messageType === DIGEST_TYPE;
  if (!isUniqueId(uniqueId) && !(uniqueId === "" && mayBeEmpty)) {
    refuse("the unique id", "must be 1 to 128 of A-Z a-z 0-9 . _ : @ + -");
  }
  switch (record.kind) {
    case "AST":
      if (!isEventType(record.event)) refuse("the event name", "must be 2 to 32 of a-z _");
      return `AST|${record.event}|${uniqueId}|${stringifyBody(record.body)}`;
    case "TG": {
      if (!TG_ACTIONS.includes(record.action)) refuse("the action", `is none of ${TG_ACTIONS}`);
      if (!CHAT_ID.test(record.chatId)) refuse("the chat id", "must be a whole number");
      if (!MESSAGE_TYPE.test(record.messageType)) refuse("the message type", "must be of a-z _");
      if (!Number.isSafeInteger(record.messageId)) refuse("the message id", "must be a number");
      const { action, chatId, messageType, messageId } = record;
      const { text } = normaliseRecord(record);
      return `TG|${action}|${chatId}|${messageType}|${messageId}|${uniqueId}|${text}`;
    }
    case "HTTP": {
      if (!METHOD.test(record.method)) refuse("the method", "must be 1 to 16 of A-Z");
      const { status } = record;
      if (!(Number.isInteger(status) && status >= 0 && status <= 999)) {
        refuse("the status", "must be 0 to 999");
      }
      const { url, request, response } = normaliseRecord(record);
      const json = `${escapeJsonField(request)}|${escapeJsonField(response)}`;
      return `HTTP|${uniqueId}|${record.method}|${url}|${status}|${json}`;
    }
  }
};

/**
 * The record's line, without its line break.
 *
 * @throws RecordError where a field may not stand in a line.
 */
export const encodeRecord = (record: StampedRecord): string => {
  if (!isStampable(record.at)) refuse("the time", "must be whole milliseconds, 1970 to 9999");
  return `${formatStamp(record.at)}|${encodeFields(record)}`;
};

/** The text before the n-th `|` and what follows it; undefined where there are fewer. */
const splitFields = (text: string, count: number): string[] | undefined => {
  const fields: string[] = [];
  let from = 0;
  for (let index = 0; index < count; index += 1) {
    const end = text.indexOf("|", from);
    if (end < 0) return undefined;
    fields.push(text.slice(from, end));
    from = end + 1;
  }
  fields.push(text.slice(from));
  return fields;
};

const OLD_EVENT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Reads the fields that begin at `from`. Most lines are events, so nothing is cut off that is not kept. */
const decodeAst = (at: number, line: string, from: number): Result<AstRecord, string> => {
  const eventEnd = line.indexOf("|", from);
  const idEnd = eventEnd < 0 ? -1 : line.indexOf("|", eventEnd + 1);
  if (idEnd < 0) return err("an AST line with too few fields");
  const event = line.slice(from, eventEnd);
  const uniqueId = line.slice(eventEnd + 1, idEnd);
  if (!OLD_EVENT.test(event)) return err("no event name");
  let body: unknown;
  try {
    body = JSON.parse(line.slice(idEnd + 1));
  } catch {
    return err("the body is not JSON");
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return err("the body is not a JSON object");
  }
  return ok({ kind: "AST", at, event, uniqueId, body: body as EventBody });
};

const isTgAction = (text: string): text is TgAction =>
  (TG_ACTIONS as readonly string[]).includes(text);

const decodeTg = (at: number, fields: string): Result<TraceRecord, string> => {
  const [action = "", chatId = "", messageType = "", id = "", uniqueId = "", text] =
    splitFields(fields, 5) ?? [];
  if (text === undefined) return err("a TG line with too few fields");
  if (!isTgAction(action)) return err("an unknown Telegram action");
  const messageId = Number(id);
  if (id.trim() === "" || !Number.isSafeInteger(messageId)) return err("no message id");
  return ok({ kind: "TG", at, action, chatId, messageType, messageId, uniqueId, text });
};

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** More places than this are not tried: our own lines have one, and a hostile one must not cost seconds. */
const MAX_SPLITS_TRIED = 64;

/**
 * Where older writers left `|` inside JSON the place between request and response is the first at which both are JSON,
 * else the first at which the request is (a response may have been cut), else the first at all.
 */
const splitExchange = (text: string): [string, string] | undefined => {
  const first = text.indexOf("|");
  if (first < 0) return undefined;
  let best = -1;
  for (
    let place = first, tried = 0;
    place >= 0 && tried < MAX_SPLITS_TRIED;
    place = text.indexOf("|", place + 1), tried += 1
  ) {
    const request = text.slice(0, place);
    if (request !== "" && !parses(request)) continue;
    if (parses(text.slice(place + 1))) return [request, text.slice(place + 1)];
    if (best < 0) best = place;
  }
  const place = best < 0 ? first : best;
  return [text.slice(0, place), text.slice(place + 1)];
};

const STATUS = /\|(\d{1,3})\|/g;

const decodeHttp = (at: number, fields: string): Result<TraceRecord, string> => {
  const [uniqueId, method, rest] = splitFields(fields, 2) ?? [];
  if (uniqueId === undefined || method === undefined || rest === undefined) {
    return err("an HTTP line with too few fields");
  }
  for (const match of rest.matchAll(STATUS)) {
    const exchange = splitExchange(rest.slice(match.index + match[0].length));
    if (exchange === undefined) continue;
    const record: HttpRecord = {
      kind: "HTTP",
      at,
      uniqueId,
      method,
      url: rest.slice(0, match.index),
      status: Number(match[1]),
      request: canonicalJson(exchange[0]),
      response: canonicalJson(exchange[1]),
    };
    return ok(record);
  }
  return err("an HTTP line without status, request and response");
};

const decodeSql = (at: number, fields: string): Result<TraceRecord, string> => {
  const [uniqueId, text] = splitFields(fields, 1) ?? [];
  if (uniqueId === undefined || text === undefined) return err("an SQL line with too few fields");
  return ok({ kind: "SQL", at, uniqueId, text });
};

const CARRIAGE_RETURN = 0x0d;

/** A line as it is kept beside its record: without a carriage return or a byte order mark. */
export const bareLine = (text: string): string => {
  const start = text.startsWith("\ufeff") ? 1 : 0;
  let end = text.length;
  while (end > start && text.charCodeAt(end - 1) === CARRIAGE_RETURN) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
};

/**
 * The record of a line (without its `\n`; a `\r` at its end is passed over), or why there is none. Takes everything
 * older writers left: `TS|event|uid|json` without a kind, texts cut at 200, cut or unescaped JSON in HTTP lines, SQL.
 */
export const decodeLine = (text: string): Result<TraceRecord, string> => {
  const line = bareLine(text);
  const at = tryParseHead(line);
  if (at === undefined || line[STAMP_LENGTH] !== "|") return err("no time at its head");
  const from = STAMP_LENGTH + 1;
  if (line.startsWith("AST|", from)) return decodeAst(at, line, from + 4);
  const end = line.indexOf("|", from);
  if (end < 0) return err("too few fields");
  switch (line.slice(from, end)) {
    case "TG":
      return decodeTg(at, line.slice(end + 1));
    case "HTTP":
      return decodeHttp(at, line.slice(end + 1));
    case "SQL":
      return decodeSql(at, line.slice(end + 1));
    default:
      return decodeAst(at, line, from);
  }
};

/** A request is readable where something stands behind its status, and a `|` in it: `decodeHttp` without its JSON. */
const isRequest = (rest: string): boolean => {
  for (const match of rest.matchAll(STATUS)) {
    if (rest.includes("|", match.index + match[0].length)) return true;
  }
  return false;
};

/**
 * The unique id of a line of another kind than AST, where it is one and `decodeLine` reads it; undefined for all other
 * lines. For indexes, which need no more of it: the JSON of requests is not looked at.
 */
export const idOfOtherLine = (text: string): string | undefined => {
  const line = bareLine(text);
  const kindEnd = line.indexOf("|", STAMP_LENGTH + 1);
  const kind = line.slice(STAMP_LENGTH, kindEnd + 1);
  if (kind !== "|TG|" && kind !== "|HTTP|") return undefined;
  const at = tryParseHead(line);
  if (at === undefined) return undefined;
  const fields = line.slice(kindEnd + 1);
  if (kind === "|TG|") {
    const decoded = decodeTg(at, fields);
    return decoded.ok ? decoded.value.uniqueId : undefined;
  }
  const [uniqueId, , rest] = splitFields(fields, 2) ?? [];
  return rest !== undefined && isRequest(rest) ? uniqueId : undefined;
};
