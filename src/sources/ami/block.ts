// Parses one whole message into headers. The first of equal names counts, so that headers injected by a caller behind
// those of Asterisk have no effect. Names of people are C-escaped by Asterisk and unescaped here; numbers are not
// escaped.

import { isUtf8 } from "node:buffer";
import type { AmiMessage } from "./types.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const windows1251 = new TextDecoder("windows-1251");
const LF = 10;

/** Headers that Asterisk writes C-escaped (`CallerIDName`, `DestConnectedLineName`, …). */
const ESCAPED = /(?:CallerIDName|ConnectedLineName)$/;

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

/** Takes C escapes back; what is none stays as it is, backslash and all. */
export const unescapeC = (text: string): string =>
  text.includes("\\") ? text.replace(/\\(.)/gs, (all, code) => ESCAPES[code] ?? all) : text;

const decode = (bytes: Uint8Array): string => (isUtf8(bytes) ? utf8 : windows1251).decode(bytes);

/** The lines of a block as text; where the whole is not UTF-8, each line is judged on its own. */
const linesOf = (block: Uint8Array): string[] => {
  if (isUtf8(block)) return utf8.decode(block).split("\n");
  const lines: string[] = [];
  let from = 0;
  for (let end = block.indexOf(LF); end !== -1; end = block.indexOf(LF, from)) {
    lines.push(decode(block.subarray(from, end)));
    from = end + 1;
  }
  return lines;
};

/**
 * Reads a block whose first line begins with `Event:` or `Response:`; every line is ended by LF. Lines without `: ` (or a
 * `:` at their end) are dropped, and so is an `Event` or `Response` that is not first. The lines of a response's `Output` are
 * one value.
 */
export const parseBlock = (block: Uint8Array): AmiMessage => {
  const fields = new Map<string, string>();
  let event = "";
  let response = "";
  let isFirst = true;
  for (const line of linesOf(block)) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const key = line.slice(0, colon);
    const isOpen = colon + 1 === line.length;
    if (isFirst) {
      const value = line.slice(colon + 1).trim();
      if (key === "Event") event = value;
      else response = value;
      isFirst = false;
    } else if (!isOpen && line.charCodeAt(colon + 1) !== 32) continue;
    else if (key === "Output" && response !== "") {
      // What a command of the console answers, a line each.
      const before = fields.get(key);
      const value = line.slice(colon + 2);
      fields.set(key, before === undefined ? value : `${before}\n${value}`);
    } else if (key !== "Event" && !fields.has(key)) {
      // An event may have a `Response` of its own (OriginateResponse); it is a field like any other.
      const value = isOpen ? "" : line.slice(colon + 2);
      fields.set(key, ESCAPED.test(key) ? unescapeC(value) : value);
    }
  }
  return { event, response, fields };
};
