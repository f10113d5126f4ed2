// Forms -> pairs: `application/x-www-form-urlencoded` (also percent-encoded windows-1251) and `multipart/form-data`.
// Never throws: a wrong percent escape stands for itself. `Extensions` given several times, as `Extensions[]`, or as
// a JSON array in text, is one list; other repeats are kept as pairs, for assemble.ts to judge.

import { decodeText } from "./decode-text.ts";
import { type Pair, tryParse } from "./scan-pairs.ts";

const encoder = new TextEncoder();

const hexDigit = (byte: number | undefined): number => {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
};

/** Resolves `%41` and `+` (a space); the bytes are UTF-8 or windows-1251, as everywhere. */
export const percentDecode = (text: string): string => {
  const spaced = text.replaceAll("+", " ");
  if (!spaced.includes("%")) return spaced;
  const bytes = encoder.encode(spaced);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const high = byte === 0x25 ? hexDigit(bytes[at + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[at + 2]);
    if (low < 0) bytes[length++] = byte;
    else {
      bytes[length++] = high * 16 + low;
      at += 2;
    }
  }
  return decodeText(bytes.subarray(0, length));
};

/** A number posted without escaping its `+`: `Phone=+375291112233`. */
const BARE_NUMBER = /^\+\d+$/;

const formValue = (text: string): string => (BARE_NUMBER.test(text) ? text : percentDecode(text));

const asList = (value: string): unknown[] => {
  const parsed = value.startsWith("[") ? tryParse(value) : undefined;
  return Array.isArray(parsed) ? parsed : [value];
};

const LIST_KEY = /^extensions(?:\[\d*\])?$/i;

const toPairs = (fields: readonly (readonly [string, string])[]): Pair[] => {
  const pairs: Pair[] = [];
  const extensions: unknown[] = [];
  for (const [key, value] of fields) {
    if (LIST_KEY.test(key)) extensions.push(...asList(value));
    else if (key !== "") pairs.push({ key, value, source: value, sure: true });
  }
  if (extensions.length > 0) {
    pairs.push({ key: "Extensions", value: extensions, source: "", sure: true });
  }
  return pairs;
};

/** Whether `text` begins like `Key=`. */
export const looksLikeForm = (text: string): boolean => /^[\w%.[\]-]{1,256}=/.test(text);

/** The fields of `Token=…&UniqueId=…`. */
export const formPairs = (text: string): Pair[] => {
  const fields: [string, string][] = [];
  for (const piece of text.split("&")) {
    const equals = piece.indexOf("=");
    if (equals > 0) {
      fields.push([
        percentDecode(piece.slice(0, equals)).trim(),
        formValue(piece.slice(equals + 1).trimEnd()),
      ]);
    }
  }
  return toPairs(fields);
};

/** The text fields of a multipart body, whose first line is the boundary; files in it are passed over. */
export const multipartPairs = (text: string): Pair[] => {
  const boundary = text.slice(0, text.search(/\r?\n|$/)).trimEnd();
  const fields: [string, string][] = [];
  for (const part of text.split(boundary).slice(1)) {
    const gap = /\r?\n\r?\n/.exec(part);
    if (gap === null) continue;
    const head = part.slice(0, gap.index);
    const name = /;\s*name="?([^";\r\n]*)/i.exec(head)?.[1];
    if (name === undefined || /;\s*filename=/i.test(head)) continue;
    fields.push([name.trim(), part.slice(gap.index + gap[0].length).replace(/\r?\n$/, "")]);
  }
  return toPairs(fields);
};
