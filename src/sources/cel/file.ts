// Reads Asterisk's CEL file on from a place, over everything that the rotation of logs does to it: renamed (the rest of the
// old file is read, then each newer one), copied and truncated (the copy is looked for), away for a while, new. Only whole
// lines are read; bytes that are not UTF-8 become U+FFFD. Invariant: memory is one block and one line, however long the file is.

import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { NEWLINE } from "../../lib/newline.ts";

/** Where reading goes on: behind so many bytes of that file. */
export type CelPlace = {
  readonly inode: number;
  readonly offset: number;
  /** Hash of the bytes before the offset: tells the file from one that was truncated and has grown again. "" at its start. */
  readonly mark: string;
};

/** A whole line. */
export type CelLine = {
  readonly text: string;
  readonly inode: number;
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** The same as a place to go on from. */
  readonly place: () => CelPlace;
};

/** How a reading ended: at the end of the file; or there is no file now. */
export type ReadEnd = "end" | "missing";

export type CelFileOptions = {
  readonly path: string;
  /** `end`: behind what is there now; `start`: at the beginning of the file that is there. */
  readonly place: CelPlace | "start" | "end";
  /** Milliseconds since the epoch, by the clock of the file system. */
  readonly now: () => number;
};

const BLOCK_BYTES = 512 * 1024;
const MARK_BYTES = 64;
/** So long after its last line a renamed file gets no more, in milliseconds: Asterisk opens the file for each line. */
const STRAGGLER_MS = 1000;
const COMPRESSED = /\.(?:gz|bz2|xz|zst|zip)$/;

type Take = (lines: readonly CelLine[]) => Promise<void>;
type Rotated = { readonly path: string; readonly inode: number; readonly mtimeMs: number };
type Found = { readonly handle: FileHandle; readonly place: CelPlace };

const markOf = (bytes: Uint8Array): string =>
  bytes.length === 0 ? "" : createHash("sha256").update(bytes).digest("base64url").slice(0, 16);

const openIfThere = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
};

const startOf = async (handle: FileHandle): Promise<Found> => ({
  handle,
  place: { inode: (await handle.stat()).ino, offset: 0, mark: "" },
});

/** Of two files of one moment the older one first: `.2` is older than `.1`, `-20261126` than `-20261127`. */
const byName = (one: string, other: string): number => {
  const [a, b] = [one, other].map((path) => Number(/\.(\d{1,3})$/.exec(path)?.[1]));
  if (a === undefined || b === undefined || Number.isNaN(a) || Number.isNaN(b)) {
    return one < other ? -1 : 1;
  }
  return b - a;
};

/** Behind the last whole line of a file. */
const endOf = async ({ handle, place }: Found): Promise<Found> => {
  const { size } = await handle.stat();
  const from = Math.max(0, size - BLOCK_BYTES);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
  const end = buffer.lastIndexOf(NEWLINE, bytesRead - 1) + 1;
  const mark = markOf(buffer.subarray(Math.max(0, end - MARK_BYTES), end));
  return { handle, place: { inode: place.inode, offset: end === 0 ? 0 : from + end, mark } };
};

/** The bytes before the place are those that were read. */
const isAsRead = async (handle: FileHandle, { offset, mark }: CelPlace): Promise<boolean> => {
  const length = Math.min(MARK_BYTES, offset);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset - length);
  return bytesRead === length && markOf(buffer) === mark;
};

/** The whole lines of a block. @param before the bytes before the block, as many as a mark needs */
const linesIn = (block: Buffer, before: Buffer, at: CelPlace): CelLine[] => {
  const lines: CelLine[] = [];
  let start = 0;
  for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, start)) {
    const from = start;
    const text = block.toString("utf8", from, block[end - 1] === 0x0d ? end - 1 : end);
    lines.push({
      text,
      inode: at.inode,
      offset: at.offset + from,
      place: () => {
        const bytes = Buffer.concat([before, block.subarray(0, from)]).subarray(-MARK_BYTES);
        return { inode: at.inode, offset: at.offset + from, mark: markOf(bytes) };
      },
    });
    start = end + 1;
  }
  return lines;
};

export class CelFile {
  readonly #path: string;
  readonly #now: () => number;
  #place: CelPlace | undefined;
  #handle: FileHandle | undefined;
  /** Newer files than the one that is read, oldest first; behind them comes the path itself. */
  #next: string[] = [];
  #gaps = 0;
  #isInLine = false;
  /** What is there at the first look is not read. */
  #isToSkip: boolean;

  constructor({ path, place, now }: CelFileOptions) {
    this.#path = path;
    this.#place = typeof place === "string" ? undefined : place;
    this.#isToSkip = place === "end";
    this.#now = now;
  }

  /** Behind all lines that were handed out; undefined before anything was found. */
  get place(): CelPlace | undefined {
    return this.#place;
  }

  /** How often lines were gone before they were read: a rotated file removed or compressed, a truncated one without a copy. */
  get gaps(): number {
    return this.#gaps;
  }

  /**
   * Reads what there is beyond the place.
   *
   * @param take gets the lines of a block in their order; the next block is read when it resolved
   * @throws the system's error where a file is there and cannot be read
   */
  async read(take: Take): Promise<ReadEnd> {
    for (;;) {
      const file = await this.#current();
      if (file === undefined) return "missing";
      if (!(await isAsRead(file.handle, file.place))) {
        await this.#readCopy(file.place, take);
        this.#place = { inode: file.place.inode, offset: 0, mark: "" };
      }
      const hadMore = await this.#readOn(file.handle, take);
      const current = await this.#inodeOfPath();
      if (current === file.place.inode) return "end";
      if (hadMore) continue;
      if (current === undefined && this.#next.length === 0) return "missing";
      const { mtimeMs } = await file.handle.stat();
      // Of a file from the future the clock was put back since: nothing can be told from it.
      if (Math.abs(this.#now() - mtimeMs) < STRAGGLER_MS) return "end";
      await this.#leave(file.place.inode, mtimeMs);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #inodeOfPath(): Promise<number | undefined> {
    try {
      return (await stat(this.#path)).ino;
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /** The file that is read, opened where it is not. */
  async #current(): Promise<Found | undefined> {
    if (this.#handle !== undefined && this.#place !== undefined) {
      return { handle: this.#handle, place: this.#place };
    }
    const opened =
      this.#place === undefined ? await this.#openNext() : await this.#openAt(this.#place);
    const found = opened && this.#isToSkip ? await endOf(opened) : opened;
    this.#isToSkip = false;
    if (found === undefined) return undefined;
    this.#handle = found.handle;
    this.#place = found.place;
    return found;
  }

  /** The file ended in the middle of a line when it was read last: more of it is being written. */
  get isInLine(): boolean {
    return this.#isInLine;
  }

  async #openNext(): Promise<Found | undefined> {
    for (let path = this.#next.shift(); path !== undefined; path = this.#next.shift()) {
      const handle = await openIfThere(path);
      if (handle !== undefined) return startOf(handle);
      this.#gaps += 1;
    }
    const handle = await openIfThere(this.#path);
    return handle && startOf(handle);
  }

  /** The file of a place that was kept, be it renamed since; where it is gone, the oldest that is there. */
  async #openAt(place: CelPlace): Promise<Found | undefined> {
    const handle = await openIfThere(this.#path);
    if (handle !== undefined && (await handle.stat()).ino === place.inode) return { handle, place };
    const rotated = await this.#rotated();
    const index = rotated.findIndex(({ inode }) => inode === place.inode);
    const renamed = rotated[index] && (await openIfThere(rotated[index].path));
    if (handle === undefined && renamed === undefined) return undefined;
    if (renamed === undefined) {
      this.#gaps += 1;
      return handle && startOf(handle);
    }
    await handle?.close();
    this.#next = rotated.slice(index + 1).map(({ path }) => path);
    return { handle: renamed, place };
  }

  /** Rotated files beside the path, oldest first. */
  async #rotated(): Promise<Rotated[]> {
    const folder = dirname(this.#path);
    const name = basename(this.#path);
    const stem = name.replace(/\.[^.]*$/, "");
    const found: Rotated[] = [];
    for (const entry of await readdir(folder)) {
      // `cel.json.1`, `cel.json-20261127`, `cel-20261127.json`.
      if (entry === name || !(entry.startsWith(name) || entry.startsWith(`${stem}-`))) continue;
      const path = join(folder, entry);
      try {
        const { ino, mtimeMs } = await stat(path);
        found.push({ path, inode: ino, mtimeMs });
      } catch (error) {
        if (errorCode(error) !== "ENOENT") throw error;
      }
    }
    return found.sort((a, b) => a.mtimeMs - b.mtimeMs || byName(a.path, b.path));
  }

  async #leave(inode: number, mtimeMs: number): Promise<void> {
    await this.close();
    if (this.#next.length === 0) {
      const rotated = await this.#rotated();
      const own = rotated.findIndex((file) => file.inode === inode);
      const newer =
        own === -1 ? rotated.filter((file) => file.mtimeMs > mtimeMs) : rotated.slice(own + 1);
      this.#gaps += newer.filter(({ path }) => COMPRESSED.test(path)).length;
      this.#next = newer.map(({ path }) => path).filter((path) => !COMPRESSED.test(path));
    }
    this.#place = undefined;
  }

  /** What was written to a file before it was truncated, from the copy that was made of it. */
  async #readCopy(place: CelPlace, take: Take): Promise<void> {
    for (const { path } of (await this.#rotated()).reverse()) {
      const handle = COMPRESSED.test(path) ? undefined : await openIfThere(path);
      if (handle === undefined) continue;
      try {
        if (!(await isAsRead(handle, place))) continue;
        await this.#readOn(handle, take);
        return;
      } finally {
        await handle.close();
      }
    }
    this.#gaps += 1;
  }

  /** Reads whole lines up to the end. @returns whether there were any */
  async #readOn(handle: FileHandle, take: Take): Promise<boolean> {
    let hadMore = false;
    for (;;) {
      const at = this.#place;
      if (at === undefined) return hadMore;
      const back = Math.min(MARK_BYTES, at.offset);
      const buffer = Buffer.allocUnsafe(back + BLOCK_BYTES);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at.offset - back);
      const before = buffer.subarray(0, back);
      const bytes = buffer.subarray(back, bytesRead);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      // A line that fills a block is none of CEL.
      const length = end === 0 && bytes.length === BLOCK_BYTES ? bytes.length : end;
      this.#isInLine = length === 0 && bytes.length > 0;
      if (length === 0) return hadMore;
      const block = bytes.subarray(0, length);
      await take(linesIn(block, before, at));
      const mark = markOf(Buffer.concat([before, block]).subarray(-MARK_BYTES));
      this.#place = { inode: at.inode, offset: at.offset + length, mark };
      hadMore = true;
    }
  }
}
