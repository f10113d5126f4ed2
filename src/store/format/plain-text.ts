// Text from outside made fit for one line: well formed, without control characters, cut between code points,
// and without credentials. Every function is idempotent: doing it twice changes nothing more.
// No Bun global.

const LONE_SURROGATE = /\p{Surrogate}/gu;
// Line breaks of every kind (LF VT FF CR, FS GS RS, NEL, LS, PS) are among these.
const CONTROL = /\r\n|[\p{Cc}\u2028\u2029]/gu;
const CONTROL_IN_JSON = /[\u007f-\u009f\u2028\u2029]/g;
const UNSAFE_IN_URL = /[\p{Cc}\s|\u2028\u2029]/gu;
const JSON_STRING_OR_SPACE = /"(?:[^"\\]|\\.)*"|[ \t\n\r]+/g;

/** Lone surrogates become U+FFFD (String.prototype.toWellFormed, which Node 18 lacks). */
export const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, "\ufffd");

/** The first `max` code points. */
export const cutCodePoints = (text: string, max: number): string => {
  if (text.length <= max) return text;
  let end = 0;
  for (let count = 0; count < max && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
};

/** One line of what a reader sees: every line break and control character becomes a space. */
export const oneLine = (text: string): string => wellFormed(text).replace(CONTROL, " ");

const escapeUnit = (char: string): string =>
  `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** JSON text with the control characters that JSON itself allows raw (DEL, C1, LS, PS) escaped as well. */
export const escapeControlsInJson = (json: string): string =>
  json.replace(CONTROL_IN_JSON, escapeUnit);

/** JSON text as a field between others: also without a raw `|`. */
export const escapeJsonField = (json: string): string =>
  escapeControlsInJson(json).replaceAll("|", "\\u007c");

/**
 * The canonical text of a request or response: compact JSON where it is JSON (numbers as they were written, strings
 * with the shortest escapes), else a JSON string of the text.
 *
 * @param max code points to keep, counted before anything is escaped; what is cut becomes a JSON string of its
 *   beginning, since it is JSON no more.
 */
export const canonicalJson = (text: string, max = Number.POSITIVE_INFINITY): string => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return JSON.stringify(cutCodePoints(wellFormed(text), max));
  }
  if (typeof value === "string") return JSON.stringify(cutCodePoints(wellFormed(value), max));
  const compact = text.replace(JSON_STRING_OR_SPACE, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : "",
  );
  const cut = cutCodePoints(compact, max);
  return cut === compact ? compact : JSON.stringify(cut);
};

const SECRET_NAME = /token|secret|key|passw|pwd|auth|signature/i;

const decodedName = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

/** Bot tokens in the paths of the Telegram Bot API (`/bot123:ABC/sendMessage`) become `/bot***`. */
export const maskBotTokens = (text: string): string =>
  text.replace(/\/bot\d+(?::|%3a)[A-Za-z0-9_%-]+/gi, "/bot***");

/**
 * A URL as it may stand in a file: user and password, bot tokens, and the values of parameters that are named like a
 * secret are `***`; `|`, white space and control characters are percent-encoded.
 */
export const maskUrl = (url: string): string =>
  maskBotTokens(wellFormed(url).replace(UNSAFE_IN_URL, encodeURIComponent))
    .replace(/^([a-z][a-z0-9+.-]*:)?([\\/]{2})[^\\/?#]*@/i, "$1$2***@")
    .replace(/([?&;#])([^=&;#?]*)=([^&;#]*)/g, (whole, mark: string, name: string) =>
      SECRET_NAME.test(decodedName(name)) ? `${mark}${name}=***` : whole,
    );
