// The end of a file: the stamp of its last line and whether that line was finished. What the writer must know before
// it appends to a file that somebody else may have written to.

import { NEWLINE } from "../../lib/newline.ts";
import { STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import type { TraceFs } from "./trace-fs.ts";

export type FileTail = {
  /** The stamp of the last line that has one, milliseconds since the epoch. */
  readonly lastAt: number | undefined;
  /** The last line has no line break: a writer died in the middle of it. */
  readonly isTorn: boolean;
};

const FIRST_PIECE_BYTES = 4096;
/** Nearly every tail fits; with a thousand enterprises a new one each time would be megabytes a second. */
const firstPiece = Buffer.alloc(FIRST_PIECE_BYTES);

/** The stamp of the last line in `bytes` that has one; `isWhole`: the bytes begin at the start of a line. */
const lastStampIn = (bytes: Buffer, isWhole: boolean): number | undefined => {
  for (let end = bytes.length; end > 0; ) {
    const contentEnd = bytes[end - 1] === NEWLINE ? end - 1 : end;
    const start = contentEnd === 0 ? 0 : bytes.lastIndexOf(NEWLINE, contentEnd - 1) + 1;
    if (start > 0 || isWhole) {
      const at = tryParseStamp(
        bytes.toString("latin1", start, Math.min(start + STAMP_LENGTH, contentEnd)),
      );
      if (at !== undefined) return at;
    }
    end = start;
  }
  return undefined;
};

/** Reads the tail of an open file of `size` bytes, at most `searchBytes` of it. */
export const readTail = (fs: TraceFs, fd: number, size: number, searchBytes: number): FileTail => {
  if (size === 0) return { lastAt: undefined, isTorn: false };
  let isTorn = false;
  for (let length = FIRST_PIECE_BYTES; ; length *= 8) {
    const wanted = Math.min(length, size, searchBytes);
    const bytes =
      wanted <= FIRST_PIECE_BYTES ? firstPiece.subarray(0, wanted) : Buffer.alloc(wanted);
    const read = fs.read(fd, bytes, size - wanted);
    if (read > 0) isTorn = bytes[read - 1] !== NEWLINE;
    const lastAt = lastStampIn(bytes.subarray(0, read), wanted === size);
    if (lastAt !== undefined || wanted === size || wanted === searchBytes) {
      return { lastAt, isTorn };
    }
  }
};

/** The start of the line to which the byte before `position` belongs; `position` itself where that byte ends one. */
export const lineStartBefore = (fs: TraceFs, fd: number, position: number): number => {
  const piece = Buffer.alloc(FIRST_PIECE_BYTES);
  for (let end = position; end > 0; end -= FIRST_PIECE_BYTES) {
    const start = Math.max(0, end - FIRST_PIECE_BYTES);
    const bytes = piece.subarray(0, fs.read(fd, piece.subarray(0, end - start), start));
    const place = bytes.lastIndexOf(NEWLINE);
    if (place >= 0) return start + place + 1;
  }
  return 0;
};
