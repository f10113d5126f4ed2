// A queue of lines in a folder, the durable part of an outbox: segment files of JSON lines and a position file. Invariants: a line is in the file
// before `append` returns, so that it survives a crash of the process (not of the machine: nothing is synced); lines
// are read in the order in which they were written; an unsaved position means that lines are delivered again, never
// that one is skipped. One process at a time; the lock is the caller's.

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
import { errorCode } from "./errors.ts";
import { NEWLINE } from "./newline.ts";
import { replaceFile } from "./replace-file.ts";
import { writeFully } from "./write-fully.ts";

export type SpoolOptions = {
  /** Made where missing. */
  readonly dir: string;
  /** The oldest lines are dropped rather than that the files grow beyond it. */
  readonly maxBytes: number;
  /** How much of it is handed out at once, in bytes; default 64 KiB. */
  readonly pieceBytes?: number;
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
  /**
   * @returns where the next line begins after each of them
   * @throws the system's error where the lines could not be written; then none of them is there.
   */
  append(lines: readonly string[]): SpoolPlace[];
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

class FileSpool implements Spool {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #pieceBytes: number;
  readonly #onLost: (count: number, why: "full" | "damaged") => void;
  readonly #segmentBytes: number;
  /** Bytes by number, oldest first. */
  readonly #segments = new Map<number, number>();
  #place: SpoolPlace;
  #savedPlace: SpoolPlace | undefined;
  #total: number;
  /** Never one of an earlier process: its last line may be torn. */
  #writing: { readonly segment: number; readonly fd: number } | undefined;
  #lastSegment: number;

  constructor({ dir, maxBytes, pieceBytes = PIECE_BYTES, onLost }: SpoolOptions) {
    this.#dir = dir;
    this.#pieceBytes = pieceBytes;
    this.#maxBytes = maxBytes;
    this.#onLost = onLost;
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    this.#segmentBytes = Math.max(
      1024,
      Math.min(MAX_SEGMENT_BYTES, Math.floor(this.#maxBytes / 4)),
    );
    for (const name of readdirSync(this.#dir).sort()) {
      const number = SEGMENT.exec(name)?.[1];
      if (number !== undefined)
        this.#segments.set(Number(number), statSync(join(this.#dir, name)).size);
    }
    this.#place = readPlace(this.#dir);
    this.#savedPlace = this.#place;
    this.#total = [...this.#segments.values()].reduce((sum, size) => sum + size, 0);
    this.#lastSegment = Math.max(this.#place.segment, ...this.#segments.keys());
    // Segments that were done when the process ended.
    for (const segment of [...this.#segments.keys()])
      if (segment < this.#place.segment) this.#remove(segment);
  }

  save(): void {
    if (this.#savedPlace === this.#place) return;
    replaceFile(join(this.#dir, POSITION), `${this.#place.segment} ${this.#place.offset}\n`);
    this.#savedPlace = this.#place;
  }

  append(lines: readonly string[]): SpoolPlace[] {
    if (lines.length === 0) return [];
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    while (this.#segments.size > 0 && this.#total + bytes.length > this.#maxBytes)
      this.#dropOldest();
    const { segment, fd } = this.#writable();
    const before = this.#segments.get(segment) ?? 0;
    try {
      writeFully(bytes, (offset) => writeSync(fd, bytes, offset));
    } catch (error) {
      ftruncateSync(fd, before);
      throw error;
    }
    this.#segments.set(segment, before + bytes.length);
    this.#total += bytes.length;
    let offset = before;
    return lines.map((line) => {
      offset += Buffer.byteLength(line) + 1;
      return { segment, offset };
    });
  }

  peek(): SpoolLine[] {
    for (let segment = this.#current(); segment !== undefined; segment = this.#current()) {
      const from = this.#offsetIn(segment);
      const fd = this.#openToRead(segment);
      if (fd === undefined) {
        this.#giveUp(segment);
        continue;
      }
      try {
        const { size } = fstatSync(fd);
        let piece = Buffer.alloc(Math.max(0, Math.min(this.#pieceBytes, size - from)));
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
        if (segment === this.#writing?.segment) return [];
        // The rest of a segment that nobody writes any more is the torn end of a line nobody was told of.
        if (length > 0) this.#onLost(1, "damaged");
      } finally {
        closeSync(fd);
      }
      // Not written down: a place in a file that is gone means the next file.
      this.#place = { segment: segment + 1, offset: 0 };
      this.#remove(segment);
    }
    return [];
  }

  advance(to: SpoolPlace): void {
    const isAhead =
      to.segment > this.#place.segment ||
      (to.segment === this.#place.segment && to.offset > this.#place.offset);
    // A place that was dropped in the meantime.
    if (!isAhead) return;
    this.#place = to;
    for (const segment of [...this.#segments.keys()])
      if (segment < to.segment) this.#remove(segment);
  }

  waitingBytes(): number {
    let waiting = 0;
    for (const [segment, size] of this.#segments) {
      if (segment >= this.#place.segment) waiting += size - this.#offsetIn(segment);
    }
    return waiting;
  }

  close(): void {
    if (this.#writing === undefined) return;
    closeSync(this.#writing.fd);
    this.#writing = undefined;
  }

  #pathOf(segment: number): string {
    return join(this.#dir, nameOf(segment));
  }

  #remove(segment: number): void {
    this.#total -= this.#segments.get(segment) ?? 0;
    this.#segments.delete(segment);
    if (this.#writing?.segment === segment) {
      closeSync(this.#writing.fd);
      this.#writing = undefined;
    }
    rmSync(this.#pathOf(segment), { force: true });
  }

  /** The segment in which `place` lies, or the next one that is there. */
  #current(): number | undefined {
    for (const segment of this.#segments.keys()) if (segment >= this.#place.segment) return segment;
    return undefined;
  }

  #offsetIn(segment: number): number {
    return segment === this.#place.segment ? this.#place.offset : 0;
  }

  #dropOldest(): void {
    const [oldest] = this.#segments.keys();
    if (oldest === undefined) return;
    const lost =
      oldest < this.#place.segment ? 0 : countLines(this.#pathOf(oldest), this.#offsetIn(oldest));
    if (oldest >= this.#place.segment) this.#place = { segment: oldest + 1, offset: 0 };
    this.#remove(oldest);
    if (lost > 0) this.#onLost(lost, "full");
  }

  /** Somebody took the file away: what waited in it is gone, what comes goes on in the next one. */
  #giveUp(segment: number): void {
    if (segment >= this.#place.segment) {
      if ((this.#segments.get(segment) ?? 0) > this.#offsetIn(segment)) this.#onLost(1, "damaged");
      this.#place = { segment: segment + 1, offset: 0 };
    }
    this.#remove(segment);
  }

  /** Undefined where it is gone. */
  #openToRead(segment: number): number | undefined {
    try {
      return openSync(this.#pathOf(segment), "r");
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  #writable(): { readonly segment: number; readonly fd: number } {
    if (this.#writing !== undefined && fstatSync(this.#writing.fd).nlink === 0) {
      // All that is older stands before it, and comes out first.
      if (this.#current() === this.#writing.segment) this.#giveUp(this.#writing.segment);
      else {
        closeSync(this.#writing.fd);
        this.#writing = undefined;
      }
    }
    if (
      this.#writing !== undefined &&
      (this.#segments.get(this.#writing.segment) ?? 0) >= this.#segmentBytes
    ) {
      closeSync(this.#writing.fd);
      this.#writing = undefined;
    }
    if (this.#writing === undefined) {
      this.#lastSegment += 1;
      mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
      this.#writing = {
        segment: this.#lastSegment,
        fd: openSync(this.#pathOf(this.#lastSegment), "ax", 0o600),
      };
      this.#segments.set(this.#lastSegment, 0);
    }
    return this.#writing;
  }
}

/** @throws the system's error where the folder cannot be made or read. */
export const openSpool = (options: SpoolOptions): Spool => new FileSpool(options);
