// From bytes to the records that bear a key: the byte search offers lines, decoding and `recordKeys` decide.

import { recordKeys, type StoredRecord } from "../../domain/record.ts";
import { bareLine, decodeLine } from "../format/codec.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import type { LineFault } from "../types.ts";
import { needlesOf } from "./needles.ts";
import { lineAround, lineBounds } from "./reverse-lines.ts";

/** A record or a fault, with its place, so that a file's finds can be put in order. */
export type Find = {
  /** Offset of the line in its file. */
  readonly at: number;
  readonly record?: StoredRecord;
  readonly fault?: LineFault;
};

/** `at`: offset of the line in its file. */
export type Look = (bytes: Buffer, start: number, end: number, at: number) => Find | undefined;

export type Wanted = {
  /** For lines of a file: what the line from `start` to `end` (without break) is to the search: a find, or nothing. */
  readonly lookIn: (file: string) => Look;
  /** Every line of a block of whole lines that may bear a key, last first. */
  readonly candidates: (bytes: Buffer) => Generator<{ start: number; end: number }>;
};

/** Prepares a search for records that bear one of `keys`. */
export const wantedBy = (keys: readonly string[]): Wanted => {
  const wanted = new Set(keys);
  const needles = needlesOf(keys);

  const lookIn: Wanted["lookIn"] = (file) => (bytes, start, end, at) => {
    if (end - start > MAX_LINE_BYTES) {
      return { at, fault: { file, reason: `longer than ${MAX_LINE_BYTES} bytes` } };
    }
    const line = bytes.toString("utf8", start, end);
    const decoded = decodeLine(line);
    if (decoded.ok) {
      return recordKeys(decoded.value).some((key) => wanted.has(key))
        ? { at, record: { ...decoded.value, raw: bareLine(line) } }
        : undefined;
    }
    return needles.isMentionedIn(line) ? { at, fault: { file, reason: decoded.error } } : undefined;
  };

  function* candidates(bytes: Buffer): Generator<{ start: number; end: number }> {
    if (needles.anyOf.length === 0) {
      yield* lineBounds(bytes);
      return;
    }
    // Where each needle was seen last; searched again only once that line has been offered.
    const places = needles.anyOf.map((needle) => bytes.lastIndexOf(needle));
    for (;;) {
      const position = Math.max(...places);
      if (position < 0) return;
      const bounds = lineAround(bytes, position);
      yield bounds;
      const rest = bytes.subarray(0, bounds.start);
      needles.anyOf.forEach((needle, index) => {
        if ((places[index] ?? -1) >= bounds.start) places[index] = rest.lastIndexOf(needle);
      });
    }
  }

  return { lookIn, candidates };
};
