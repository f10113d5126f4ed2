// A file forwards, in pieces of whole lines: for making indexes and for reading the lines an index points at.

import { NEWLINE } from "../../lib/newline.ts";
import { MAX_LINE_BYTES, SCAN_CHUNK_BYTES } from "../limits.ts";
import type { ByteSource } from "./reverse-lines.ts";

export type ForwardBlock = {
  /** Whole lines, each with its break. Valid until the next block is asked for. */
  readonly bytes: Buffer;
  /** The offset of the first byte in the file. */
  readonly at: number;
  /** The block is the beginning of a line too long to be kept. */
  readonly isOverlong: boolean;
};

/** The whole lines from `from` (the start of a line) to `to`; a last line without a break is not given. */
export async function* blocksForwards(
  source: ByteSource,
  from: number,
  to: number,
  chunkBytes = SCAN_CHUNK_BYTES / 4,
): AsyncGenerator<ForwardBlock> {
  let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, Math.max(to - from, 1)));
  let filled = 0;
  let at = from;
  let isSkipping = false;
  while (at + filled < to) {
    if (filled === buffer.length) {
      const larger = Buffer.allocUnsafe(buffer.length * 2);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
    const wanted = Math.min(buffer.length - filled, to - at - filled);
    const read = await source.read(buffer.subarray(filled), wanted, at + filled);
    if (read === 0) return;
    filled += read;
    if (isSkipping) {
      const stop = buffer.subarray(0, filled).indexOf(NEWLINE);
      const skipped = stop < 0 ? filled : stop + 1;
      buffer.copyWithin(0, skipped, filled);
      at += skipped;
      filled -= skipped;
      if (stop < 0) continue;
      isSkipping = false;
    }
    const end = buffer.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield { bytes: buffer.subarray(0, end), at, isOverlong: false };
      buffer.copyWithin(0, end, filled);
      at += end;
      filled -= end;
    } else if (filled > MAX_LINE_BYTES) {
      yield { bytes: buffer.subarray(0, filled), at, isOverlong: true };
      at += filled;
      filled = 0;
      isSkipping = true;
    }
  }
}

/** Lines further apart than this are not read with one read. */
const MAX_GAP_BYTES = 16 * 1024;
const MAX_RUN_BYTES = 256 * 1024;
/** What a line is taken to need when its end is unknown; most are far shorter. */
const LINE_GUESS_BYTES = 4096;

/**
 * The lines that begin at `offsets` (ascending, without repeats) of a file of `size` bytes: neighbours with one read.
 *
 * @param visit gets the bytes with the line's bounds in them, without its break.
 */
export const readLinesAt = async (
  source: ByteSource,
  offsets: readonly number[],
  size: number,
  visit: (bytes: Buffer, start: number, end: number, at: number) => void,
): Promise<void> => {
  for (let index = 0; index < offsets.length; ) {
    const first = offsets[index] ?? 0;
    let last = first;
    for (let next = index + 1; next < offsets.length; next += 1) {
      const offset = offsets[next] ?? 0;
      if (offset - last > MAX_GAP_BYTES || offset - first > MAX_RUN_BYTES) break;
      last = offset;
    }
    for (let length = last - first + LINE_GUESS_BYTES; ; length *= 2) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - first)));
      let filled = 0;
      while (filled < bytes.length) {
        const read = await source.read(
          bytes.subarray(filled),
          bytes.length - filled,
          first + filled,
        );
        if (read === 0) break;
        filled += read;
      }
      const isAtEnd = filled < bytes.length || first + filled >= size;
      const text = bytes.subarray(0, filled);
      const began = index;
      for (; index < offsets.length && (offsets[index] ?? 0) <= last; index += 1) {
        const start = (offsets[index] ?? 0) - first;
        const stop = text.indexOf(NEWLINE, start);
        if (stop < 0 && !isAtEnd && filled - start <= MAX_LINE_BYTES) break;
        visit(text, start, stop < 0 ? filled : stop, offsets[index] ?? 0);
      }
      if (index > began || isAtEnd) {
        // A line whose offset lies behind the end of the file is passed over.
        if (index === began) index += 1;
        break;
      }
    }
  }
};
