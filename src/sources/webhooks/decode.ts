// The bytes of a POST -> an event, or which field is wrong and why. A body is taken by its content, whatever its
// Content-Type says: `CURL()` posts raw JSON as a form. Invariant: what the result says of token and unique id is
// what the sender meant, not what a caller's name says; nothing of a body is ever put into a message.
// Whether the token is somebody's is left to intake.ts.

import { EVENT_ID_RULE, isEventId, isUniqueId, mayLackUniqueId } from "../../asterisk/index.ts";
import { bodyText, type EventBody } from "../../domain/event.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import { type Assembled, assemble, objectOf } from "./assemble.ts";
import { decodeText } from "./decode-text.ts";
import { formPairs, looksLikeForm, multipartPairs, percentDecode } from "./form.ts";
import { salvage, tokensAmong, tokensIn } from "./salvage.ts";
import { isTooDeep, type Pair, scanPairs, tryParse } from "./scan-pairs.ts";

export type DecodedEvent = {
  /** At least one; more than one where a caller's text may have forged one of them. */
  readonly tokens: readonly string[];
  /** "" on events that need none. */
  readonly uniqueId: string;
  /** The whole body as received; of a broken one, what could be read, and its text under `_raw`. */
  readonly body: EventBody;
  readonly eventId: string | undefined;
  readonly salvaged: boolean;
};

export type DecodeFault = {
  readonly code: "bad_body" | "missing_token" | "bad_unique_id" | "bad_event_id";
  readonly message: string;
  /** The tokens that could be read all the same: an unknown one is answered before a wrong field. */
  readonly tokens: readonly string[];
};

const UNIQUE_ID_RULE = "UniqueId must be 1 to 128 characters of A-Z a-z 0-9 . _ : @ + -";

type BodyRead = Assembled & { readonly eventId: string; readonly salvaged: boolean };

/** Where a value of these is posted as a number, its digits are kept as written: `.610` is not `.61`. */
const ID_KEYS = new Set([
  "uniqueid",
  "chanuniqueid",
  "linkedid",
  "bridgeuniqueid",
  "eventid",
  "token",
]);

/** Whether `quotedKey` stands in `text` once, with `value` (undefined: not at all). */
const standsOnce = (text: string, quotedKey: string, value: unknown): boolean => {
  const at = text.indexOf(quotedKey);
  if (at < 0) return value === undefined;
  if (typeof value !== "string") return false;
  let from = at + quotedKey.length;
  while (text[from] === " ") from++;
  if (text[from] !== ":") return false;
  from++;
  while (text[from] === " ") from++;
  return (
    text[from] === '"' &&
    text[from + 1 + value.length] === '"' &&
    text.startsWith(value, from + 1) &&
    text.indexOf(quotedKey, from) < 0
  );
};

const lowered = (text: string, at: number): number => text.charCodeAt(at) | 0x20;
const [d, e, n, t, u] = [0x64, 0x65, 0x6e, 0x74, 0x75];

/** Whether `key` may be `Token`, `UniqueId` or `EventId` in other capitals; a few others are taken for them too. */
const mayBeRespelled = (key: string): boolean => {
  const last = lowered(key, key.length - 1);
  if (key.length === 5) return last === n && lowered(key, 0) === t && key !== "Token";
  if (key.length === 8) return last === d && lowered(key, 0) === u && key !== "UniqueId";
  return key.length === 7 && last === d && lowered(key, 0) === e && key !== "EventId";
};

/**
 * Whether a parsed object is what it seems: no repeated token or unique id, no other spelling of a key that decides,
 * no number for an id, not too deep. A wrong "no" costs only time. Runs for every event, so it makes no
 * strings: a version that did took longer than parsing.
 */
const isPlain = (text: string, body: EventBody): boolean => {
  for (const key in body) {
    const value = body[key];
    if (typeof value === "object") {
      if (isTooDeep(value)) return false;
    } else if (typeof value === "number" && ID_KEYS.has(key.toLowerCase())) return false;
    if (mayBeRespelled(key)) return false;
  }
  return (
    standsOnce(text, '"UniqueId"', body["UniqueId"]) && standsOnce(text, '"Token"', body["Token"])
  );
};

/** The parsed body, with ids that were posted as numbers put as text where the number lost digits. */
const withIdsAsWritten = (body: EventBody, pairs: readonly Pair[]): EventBody => {
  const written = new Map<string, string>();
  for (const { key, value, source } of pairs) {
    if (typeof value === "number" && String(value) !== source && ID_KEYS.has(key.toLowerCase())) {
      written.set(key, source);
    }
  }
  return written.size === 0
    ? body
    : objectOf(Object.entries(body).map(([key, value]) => [key, written.get(key) ?? value]));
};

/**
 * JSON characters that the fields of a broken body may take beside its text: a line has room for one body with every
 * character escaped, not for two.
 */
const MAX_SALVAGED_CHARS = 65_536;

const withRaw = (read: Assembled, text: string): BodyRead => {
  const fits = JSON.stringify(read.body).length <= MAX_SALVAGED_CHARS;
  const body = fits
    ? read.body
    : objectOf(
        Object.entries(read.body).filter(
          ([key, value]) => ID_KEYS.has(key.toLowerCase()) && String(value).length <= 128,
        ),
      );
  return {
    ...read,
    body: { ...body, _raw: text },
    eventId: bodyText(body, "EventId"),
    salvaged: true,
  };
};

const readJson = (text: string, event: string, hasHeader: boolean): BodyRead | undefined => {
  const parsed = tryParse(text);
  if (parsed === undefined) {
    return withRaw(salvage(text, { token: !hasHeader, uniqueId: !mayLackUniqueId(event) }), text);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const body = parsed as EventBody;
  const uniqueId = bodyText(body, "UniqueId");
  const token = bodyText(body, "Token");
  if (isPlain(text, body)) {
    return {
      body,
      tokens: token === "" ? [] : [token],
      uniqueId,
      conflict: false,
      eventId: body["EventId"] === undefined ? "" : bodyText(body, "EventId"),
      salvaged: false,
    };
  }
  const pairs = scanPairs(text);
  const read = assemble(pairs, token === "" ? [] : [...tokensIn(text), token]);
  if (read.conflict || isTooDeep(body)) return withRaw(read, text);
  const isNumber = typeof body["UniqueId"] === "number";
  const written = withIdsAsWritten(body, pairs);
  return {
    ...read,
    body: written,
    eventId: bodyText(written, "EventId"),
    uniqueId: isNumber ? read.uniqueId : uniqueId,
    salvaged: false,
  };
};

const readPairs = (pairs: readonly Pair[], text: string): BodyRead => {
  const read = assemble(pairs, tokensAmong(pairs));
  if (read.conflict) return withRaw(read, text);
  return { ...read, eventId: bodyText(read.body, "EventId"), salvaged: false };
};

const readText = (text: string, event: string, hasHeader: boolean): BodyRead | undefined => {
  if (text.startsWith("{")) return readJson(text, event, hasHeader);
  if (/^%7b/i.test(text)) {
    return readJson(percentDecode(text.replace(/=\s*$/, "")), event, hasHeader);
  }
  if (text.startsWith("--")) return readPairs(multipartPairs(text), text);
  if (looksLikeForm(text)) return readPairs(formPairs(text), text);
  // A string where an object should begin: its brace may be lost, an array's is not.
  return text.startsWith('"') ? readJson(text, event, hasHeader) : undefined;
};

/** Whether a field holds what is neither text nor a number, nor nothing. */
const isNotPlain = (body: EventBody, name: string): boolean => {
  const value = body[name];
  return typeof value === "boolean" || (typeof value === "object" && value !== null);
};

/**
 * Reads the body of one event.
 *
 * @param headerToken the `Token` header, null where there is none; counts where the body has no token.
 * @param event decides whether a unique id may be missing.
 */
export const decode = (
  bytes: Uint8Array,
  headerToken: string | null,
  event: string,
): Result<DecodedEvent, DecodeFault> => {
  const header = headerToken?.trim() ?? "";
  const text = decodeText(bytes);
  const read = readText(text.trimStart(), event, header !== "");
  const found = read?.tokens ?? [];
  const decisive = header !== "" && (found.length === 0 || found.includes(header));
  const tokens = decisive ? [header] : found;
  const fault = (code: DecodeFault["code"], message: string) => err({ code, message, tokens });

  if (read === undefined) {
    return fault(
      "bad_body",
      text.trim() === "" ? "the body is empty" : "the body is neither a JSON object nor a form",
    );
  }
  if (tokens.length === 0) {
    return fault(
      "missing_token",
      read.salvaged
        ? "the body is not valid JSON and no Token could be read from it"
        : "Token is missing: give it in the body or as the header Token",
    );
  }
  const { uniqueId, body, salvaged } = read;
  if (isNotPlain(body, "UniqueId")) return fault("bad_unique_id", UNIQUE_ID_RULE);
  if (uniqueId === "") {
    if (!mayLackUniqueId(event)) {
      return fault(
        "bad_unique_id",
        salvaged
          ? "the body is not valid JSON and no UniqueId could be read from it"
          : "UniqueId is missing",
      );
    }
  } else if (!isUniqueId(uniqueId)) return fault("bad_unique_id", UNIQUE_ID_RULE);
  let eventId: string | undefined = read.eventId;
  if (eventId === "" && !isNotPlain(body, "EventId")) eventId = undefined;
  else if (!isEventId(eventId)) {
    // Of a broken body nothing but token and unique id is worth losing the event for.
    if (!salvaged) return fault("bad_event_id", `EventId must be ${EVENT_ID_RULE}`);
    eventId = undefined;
  }
  return ok({ tokens, uniqueId, body, eventId, salvaged });
};
