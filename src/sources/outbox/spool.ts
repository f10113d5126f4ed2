// What waits to be handed over, on disk: segment files of JSON lines, and a file that says how far they are done.
// Invariants: a line is in the file before `append` returns, so it survives the end of the process at any moment (not the
// machine's: nothing is synced); lines come out in the order in which they went in; a position that was not saved means
// that lines come out again, never that one is left out. One process at a time: the lock is left to the caller.

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import { writeFully } from "../../lib/write-fully.ts";

export type SpoolOptions = {
  /** Made where missing. */
  readonly dir: string;
  /** The oldest lines are dropped rather than that the files grow beyond it. */
  readonly maxBytes: number;
  /** Lines were dropped because the spool is full, or skipped because they are damaged. */
  readonly onLost: (count: number, why: "full" | "damaged") => void;
};

/** A place in the spool: everything before it is done. */
export type SpoolPlace = { readonly segment: number; readonly offset: number };

export type SpoolLine = {
  readonly text: string;
  /** Where the next line begins. */
  readonly end: SpoolPlace;
};

export type Spool = {
  /** @throws the system's error where the lines could not be written; then none of them is there. */
  append(lines: readonly string[]): void;
  /** The oldest lines that are not done yet, as many as fit a piece; none: everything is done. */
  peek(): SpoolLine[];
  /** Everything before that place is done. */
  advance(place: SpoolPlace): void;
  /** Writes down how far things are done; what is not written down comes out again after a crash. */
  save(): void;
  /** Bytes that wait. */
  waitingBytes(): number;
  /** Lets the files go; writes nothing down. */
  close(): void;
};

const SEGMENT = /^(\d{10})\.jsonl$/;
const POSITION = "position";
const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;
/** A line may be longer than this; then a piece is one line. */
const PIECE_BYTES = 64 * 1024;

const nameOf = (segment: number): string => `${String(segment).padStart(10, "0")}.jsonl`;

const readPlace = (dir: string): SpoolPlace => {
  try {
    const match = /^(\d{1,10}) (\d{1,12})\n$/.exec(readFileSync(join(dir, POSITION), "utf8"));
    if (match !== null) return { segment: Number(match[1]), offset: Number(match[2]) };
  } catch {
    // Nothing was done yet, or it is not known: lines come out again, and whoever gets them knows them by their id.
  }
  return { segment: 0, offset: 0 };
};

const isGone = (error: unknown): boolean => errorCode(error) === "ENOENT";

/** None where the file is gone. */
const countLines = (path: string, from: number): number => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE, from); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) {
    count += 1;
  }
  return count;
};

/** @throws the system's error where the folder cannot be made or read. */
export const openSpool = ({ dir, maxBytes, onLost }: SpoolOptions): Spool => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const segmentBytes = Math.max(1024, Math.min(MAX_SEGMENT_BYTES, Math.floor(maxBytes / 4)));
  /** Bytes by number, oldest first. */
  const segments = new Map<number, number>();
  for (const name of readdirSync(dir).sort()) {
    const number = SEGMENT.exec(name)?.[1];
    if (number !== undefined) segments.set(Number(number), statSync(join(dir, name)).size);
  }
  let place = readPlace(dir);
  let savedPlace: SpoolPlace | undefined = place;
  let total = [...segments.values()].reduce((sum, size) => sum + size, 0);
  /** Never one of an earlier process: its last line may be torn. */
  let writing: { readonly segment: number; readonly fd: number } | undefined;
  let lastSegment = Math.max(place.segment, ...segments.keys());

  const pathOf = (segment: number): string => join(dir, nameOf(segment));
  const remove = (segment: number): void => {
    total -= segments.get(segment) ?? 0;
    segments.delete(segment);
    if (writing?.segment === segment) {
      closeSync(writing.fd);
      writing = undefined;
    }
    rmSync(pathOf(segment), { force: true });
  };
  const save = (): void => {
    if (savedPlace === place) return;
    replaceFile(join(dir, POSITION), `${place.segment} ${place.offset}\n`);
    savedPlace = place;
  };
  /** The segment in which `place` lies, or the next one that is there. */
  const current = (): number | undefined => {
    for (const segment of segments.keys()) if (segment >= place.segment) return segment;
    return undefined;
  };
  const offsetIn = (segment: number): number => (segment === place.segment ? place.offset : 0);

  const dropOldest = (): void => {
    const [oldest] = segments.keys();
    if (oldest === undefined) return;
    const lost = oldest < place.segment ? 0 : countLines(pathOf(oldest), offsetIn(oldest));
    if (oldest >= place.segment) place = { segment: oldest + 1, offset: 0 };
    remove(oldest);
    if (lost > 0) onLost(lost, "full");
  };

  /** Somebody took the file away: what waited in it is gone, what comes goes on in the next one. */
  const giveUp = (segment: number): void => {
    if (segment >= place.segment) {
      if ((segments.get(segment) ?? 0) > offsetIn(segment)) onLost(1, "damaged");
      place = { segment: segment + 1, offset: 0 };
    }
    remove(segment);
  };

  /** Undefined where it is gone. */
  const openToRead = (segment: number): number | undefined => {
    try {
      return openSync(pathOf(segment), "r");
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  };

  const writable = (): { readonly segment: number; readonly fd: number } => {
    if (writing !== undefined && fstatSync(writing.fd).nlink === 0) {
      // All that is older stands before it, and comes out first.
      if (current() === writing.segment) giveUp(writing.segment);
      else {
        closeSync(writing.fd);
        writing = undefined;
      }
    }
    if (writing !== undefined && (segments.get(writing.segment) ?? 0) >= segmentBytes) {
      closeSync(writing.fd);
      writing = undefined;
    }
    if (writing === undefined) {
      lastSegment += 1;
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      writing = { segment: lastSegment, fd: openSync(pathOf(lastSegment), "ax", 0o600) };
      segments.set(lastSegment, 0);
    }
    return writing;
  };

  // Segments that were done when the process ended.
  for (const segment of [...segments.keys()]) if (segment < place.segment) remove(segment);

  return {
    append: (lines) => {
      if (lines.length === 0) return;
      const bytes = Buffer.from(`${lines.join("\n")}\n`);
      while (segments.size > 0 && total + bytes.length > maxBytes) dropOldest();
      const { segment, fd } = writable();
      const before = segments.get(segment) ?? 0;
      try {
        writeFully(bytes, (offset) => writeSync(fd, bytes, offset));
      } catch (error) {
        ftruncateSync(fd, before);
        throw error;
      }
      segments.set(segment, before + bytes.length);
      total += bytes.length;
    },
    peek: () => {
      for (let segment = current(); segment !== undefined; segment = current()) {
        const from = offsetIn(segment);
        const fd = openToRead(segment);
        if (fd === undefined) {
          giveUp(segment);
          continue;
        }
        try {
          const { size } = fstatSync(fd);
          let piece = Buffer.alloc(Math.max(0, Math.min(PIECE_BYTES, size - from)));
          let length = readSync(fd, piece, 0, piece.length, from);
          if (piece.subarray(0, length).lastIndexOf(NEWLINE) === -1 && length < size - from) {
            piece = Buffer.alloc(size - from);
            length = readSync(fd, piece, 0, piece.length, from);
          }
          const lines: SpoolLine[] = [];
          let start = 0;
          for (;;) {
            const end = piece.subarray(0, length).indexOf(NEWLINE, start);
            if (end === -1) break;
            const text = piece.toString("utf8", start, end);
            start = end + 1;
            lines.push({ text, end: { segment, offset: from + start } });
          }
          if (lines.length > 0) return lines;
          if (segment === writing?.segment) return [];
          // The rest of a segment that nobody writes any more is the torn end of a line nobody was told of.
          if (length > 0) onLost(1, "damaged");
        } finally {
          closeSync(fd);
        }
        // Not written down: a place in a file that is gone means the next file.
        place = { segment: segment + 1, offset: 0 };
        remove(segment);
      }
      return [];
    },
    advance: (to) => {
      const isAhead =
        to.segment > place.segment || (to.segment === place.segment && to.offset > place.offset);
      // A place that was dropped in the meantime.
      if (isAhead) place = to;
    },
    save,
    waitingBytes: () => {
      let waiting = 0;
      for (const [segment, size] of segments) {
        if (segment >= place.segment) waiting += size - offsetIn(segment);
      }
      return waiting;
    },
    close: () => {
      if (writing === undefined) return;
      closeSync(writing.fd);
      writing = undefined;
    },
  };
};
