// Bytes of a body -> text. Senders write UTF-8; a caller name that a dialplan took from a CRM may be windows-1251,
// also in the middle of a UTF-8 body, and a body cut at 4 KB may end inside a character. So the encoding is decided
// for every run of non-ASCII bytes on its own. Never throws; what the text means is left to decode.ts.

import { isUtf8 } from "node:buffer";

// A byte order mark is stripped by both.
const utf8 = new TextDecoder("utf-8");
const windows1251 = new TextDecoder("windows-1251");

/** How many bytes the UTF-8 character at `at` takes; 0 where none begins there, -1 where `end` cuts it off. */
const utf8Length = (bytes: Uint8Array, at: number, end: number): number => {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length === 0 || lead > 0xf4) return 0;
  for (let i = 1; i < length; i++) {
    if (at + i >= end) return -1;
    const byte = bytes[at + i] ?? 0;
    // RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
    let low = 0x80;
    let high = 0xbf;
    if (i === 1) {
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
      else if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    }
    if (byte < low || byte > high) return 0;
  }
  return length;
};

/** Where the UTF-8 that begins at `from` stops: at `end`, at a character cut off by it, or at a wrong byte. */
const utf8Until = (bytes: Uint8Array, from: number, end: number): { at: number; cut: boolean } => {
  let at = from;
  while (at < end) {
    const length = utf8Length(bytes, at, end);
    if (length <= 0) return { at, cut: length < 0 };
    at += length;
  }
  return { at, cut: false };
};

const decodeRuns = (bytes: Uint8Array): string => {
  const end = bytes.length;
  let text = "";
  let pending = 0; // everything from here to the current run is UTF-8
  let sawUtf8 = false;
  let sawWindows1251 = false;
  let at = 0;
  while (at < end) {
    if ((bytes[at] ?? 0) < 0x80) {
      at++;
      continue;
    }
    const start = at;
    while (at < end && (bytes[at] ?? 0) >= 0x80) at++;
    const good = utf8Until(bytes, start, at);
    if (good.at === at || (good.cut && good.at > start)) {
      sawUtf8 = true;
      if (at === end && good.at < at) return text + utf8.decode(bytes.subarray(pending, good.at));
      continue; // a character cut off inside the body becomes U+FFFD
    }
    if (good.cut && at === end && (sawUtf8 || !sawWindows1251)) {
      return text + utf8.decode(bytes.subarray(pending, start));
    }
    sawWindows1251 = true;
    text +=
      utf8.decode(bytes.subarray(pending, start)) + windows1251.decode(bytes.subarray(start, at));
    pending = at;
  }
  return text + utf8.decode(bytes.subarray(pending));
};

/**
 * The text of `bytes`: UTF-8, with every run of bytes >= 0x80 that is not UTF-8 read as windows-1251. An incomplete
 * character at the very end is dropped.
 */
export const decodeText = (bytes: Uint8Array): string =>
  isUtf8(bytes) ? utf8.decode(bytes) : decodeRuns(bytes);
