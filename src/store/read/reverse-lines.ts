// A file backwards: blocks of whole lines, the last block first, in large asynchronous reads. Works on bytes until a
// line is whole, so no character is ever torn. A line longer than the limit costs itself, not the file.
// Leaves to others what the lines mean.

import { NEWLINE } from "../../lib/newline.ts";
import { MAX_LINE_BYTES, SCAN_CHUNK_BYTES } from "../limits.ts";

/** Where bytes come from; `read` may give fewer than asked for only at the end. */
export type ByteSource = {
  readonly read: (into: Uint8Array, length: number, position: number) => Promise<number>;
};

export type LineBlock = {
  /** Whole lines with their breaks (the file's very last may lack one). Valid until the next block is asked for. */
  readonly bytes: Buffer;
  /** The offset of the first byte in the file. */
  readonly at: number;
  /** A line too long to be kept ended here or before: it was left out. */
  readonly hasOverlongLine: boolean;
};

const readFully = async (
  source: ByteSource,
  into: Uint8Array,
  length: number,
  position: number,
): Promise<void> => {
  let done = 0;
  while (done < length) {
    const read = await source.read(into.subarray(done), length - done, position + done);
    if (read === 0) throw new Error("cannot read on: the file became shorter while it was read");
    done += read;
  }
};

/**
 * The lines of bytes `from` to `to`, last block first. `from` must be the start of a line.
 *
 * @param chunkBytes how much is read at once.
 */
export async function* blocksBackwards(
  source: ByteSource,
  from: number,
  to: number,
  chunkBytes = SCAN_CHUNK_BYTES,
): AsyncGenerator<LineBlock> {
  let buffer = Buffer.allocUnsafe(Math.min(chunkBytes, to - from) + 4096);
  // Bytes at the head of `buffer` that belong to a line whose start lies further ahead in the file.
  let carried = 0;
  let isOverlong = false;
  for (let end = to; end > from; ) {
    const start = Math.max(from, end - chunkBytes);
    const length = end - start;
    if (length + carried > buffer.length) {
      const larger = Buffer.allocUnsafe((length + carried) * 2);
      buffer.copy(larger, length, 0, carried);
      buffer = larger;
    } else {
      buffer.copyWithin(length, 0, carried);
    }
    await readFully(source, buffer, length, start);
    let filled = length + carried;
    let lineStart = 0;
    if (start > from) {
      const firstBreak = buffer.subarray(0, length).indexOf(NEWLINE);
      // The break that ends the chunk ends the line before what was carried, unless nothing was.
      lineStart = firstBreak < 0 ? -1 : firstBreak + 1;
    }
    if (isOverlong && lineStart >= 0) {
      // Drop the rest of the over-long line: it begins after the last break of this chunk.
      filled = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
    }
    if (lineStart < 0) {
      carried = filled;
      if (carried > MAX_LINE_BYTES) {
        isOverlong = true;
        carried = 0;
      }
    } else {
      if (filled > lineStart || isOverlong) {
        const bytes = buffer.subarray(lineStart, filled);
        yield { bytes, at: start + lineStart, hasOverlongLine: isOverlong };
      }
      isOverlong = false;
      carried = lineStart;
    }
    end = start;
  }
}

/** The bounds of the line around `position`, without its break. */
export const lineAround = (bytes: Buffer, position: number): { start: number; end: number } => {
  const start = position === 0 ? 0 : bytes.lastIndexOf(NEWLINE, position - 1) + 1;
  const stop = bytes.indexOf(NEWLINE, position);
  return { start, end: stop < 0 ? bytes.length : stop };
};

/** Every line of a block, last first, as bounds without its break; empty lines too. */
export function* lineBounds(bytes: Buffer): Generator<{ start: number; end: number }> {
  for (let end = bytes.length; end > 0; ) {
    const contentEnd = bytes[end - 1] === NEWLINE ? end - 1 : end;
    const start = contentEnd === 0 ? 0 : bytes.lastIndexOf(NEWLINE, contentEnd - 1) + 1;
    yield { start, end: contentEnd };
    end = start;
  }
}
