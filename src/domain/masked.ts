// Records as they may be shown: whoever opens the page of a call must not learn the token that lets one post events.

import type { EventBody } from "./event.ts";
import type { StoredRecord } from "./record.ts";

export const MASK = "***";

const SECRET_FIELD = /^(?:bot_?)?(?:token|secret|password|passwd|api_?key|authorization)$/i;
/** The same fields inside text that is not JSON (`_raw` of a broken body, a form). */
const SECRET_IN_TEXT =
  /((?:token|secret|password|passwd|api_?key|authorization)(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?)([^"'\\&,;}\s]+)/gi;

/** Masks what looks like a secret field anywhere in a text. */
export const maskText = (text: string): string => text.replace(SECRET_IN_TEXT, `$1${MASK}`);

const maskValue = (value: unknown): unknown => {
  if (typeof value === "string") return maskText(value);
  if (Array.isArray(value)) return value.map(maskValue);
  return typeof value === "object" && value !== null ? maskedBody(value as EventBody) : value;
};

/** A copy of an event's body with the values of secret fields replaced. */
export const maskedBody = (body: EventBody): EventBody =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      SECRET_FIELD.test(key) ? MASK : maskValue(value),
    ]),
  );

const secretValues = (body: EventBody): string[] =>
  Object.entries(body).flatMap(([key, value]) =>
    SECRET_FIELD.test(key) && typeof value === "string" && value.length >= 4 ? [value] : [],
  );

/** The line of a record with its secrets replaced; everything else to the letter. */
export const maskedRaw = (record: StoredRecord): string => {
  const known = record.kind === "AST" ? secretValues(record.body) : [];
  return maskText(known.reduce((line, secret) => line.replaceAll(secret, MASK), record.raw));
};
