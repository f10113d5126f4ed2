// Appending lines whose stamps were given elsewhere: by the stream that several machines share. The same file, lock and
// rotation as the writer's, but the machine's clock is not asked. Invariant: the same lines in the same order make the same
// bytes on every machine.

import { join } from "node:path";
import { pause } from "../../lib/pause.ts";
import { TraceWriteError } from "../errors.ts";
import { enterpriseFolder, finishedName, finishedNames, RUNNING_NAME } from "../format/files.ts";
import { dayOf, formatStamp, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { LOCK_TIMEOUT_MS, MAX_OPEN_FILES, TAIL_SEARCH_BYTES } from "../limits.ts";
import { dayToFinish, finishRunning } from "./rotation.ts";
import {
  appendText,
  dropRunning,
  lockRunning,
  openRunning,
  type RunningFile,
  unlockRunning,
} from "./running-file.ts";
import { lineStartBefore, readTail } from "./tail.ts";
import type { TraceFs } from "./trace-fs.ts";

export type StampedLine = {
  /** The stamp, in milliseconds since the epoch; the last one of the file where that is later. */
  readonly at: number;
  /** Everything of the line after its stamp, without a line break. */
  readonly fields: string;
};

/** How far an enterprise's running file had come: the UTC day (days since the epoch) that it is of, and its bytes. */
export type FileMark = { readonly day: number; readonly size: number };

/** The end of an enterprise's newest file. */
export type FileEnd = {
  /** The stamp of its last line, in milliseconds since the epoch. */
  readonly at: number;
  /** How many of its last lines have that stamp. */
  readonly count: number;
};

export type StampedWriterOptions = {
  readonly dir: string;
  readonly fs: TraceFs;
  /** As the writer's. */
  readonly onWritten?: (enterprise: string, size: number, addedBytes: number) => void;
  readonly onFinished?: (enterprise: string, name: string) => void;
};

const RETRY_MS = 5;

export class StampedWriter {
  readonly #options: StampedWriterOptions;
  /** Least recently used first. */
  readonly #open = new Map<string, RunningFile>();

  constructor(options: StampedWriterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the lines are in the file. One call at a time.
   *
   * @throws TraceWriteError where they could not be written; some of them may be there then: `linesSince` tells
   */
  async write(enterprise: string, lines: readonly StampedLine[]): Promise<void> {
    const folder = enterpriseFolder(this.#options.dir, enterprise);
    const deadline = performance.now() + LOCK_TIMEOUT_MS;
    let rest = lines;
    try {
      while (rest.length > 0) {
        const file = this.#openFor(enterprise, folder);
        const state = lockRunning(this.#options.fs, file);
        if (state === "moved") {
          this.#drop(enterprise);
        } else if (state === "busy") {
          if (performance.now() > deadline) {
            const busy = new Error(`another process has held the file for ${LOCK_TIMEOUT_MS} ms`);
            throw Object.assign(busy, { code: "EBUSY" });
          }
          await pause(RETRY_MS);
        } else {
          try {
            rest = rest.slice(this.#writeDay(enterprise, folder, file, rest));
          } finally {
            if (!file.isDropped) unlockRunning(file);
          }
        }
      }
    } catch (cause) {
      this.#drop(enterprise);
      throw new TraceWriteError(enterprise, join(folder, RUNNING_NAME), cause);
    }
  }

  /** How far the running file has come; undefined where there is none, or nothing in it. */
  mark(enterprise: string): FileMark | undefined {
    const { dir, fs } = this.#options;
    const path = join(enterpriseFolder(dir, enterprise), RUNNING_NAME);
    const size = fs.factsAt(path)?.size ?? 0;
    const open = this.#open.get(enterprise);
    const lastAt = open?.size === size ? open.lastAt : this.#lastAtOf(path, size);
    return lastAt === undefined ? undefined : { day: dayOf(lastAt), size };
  }

  /**
   * The whole lines written since, without line breaks; the torn end of one is cut off. Nobody may write meanwhile.
   *
   * @returns undefined where the file is shorter than it was: a loss of power has taken lines
   */
  linesSince(enterprise: string, mark: FileMark | undefined): string[] | undefined {
    const { dir } = this.#options;
    const folder = enterpriseFolder(dir, enterprise);
    const running = join(folder, RUNNING_NAME);
    this.#drop(enterprise);
    this.#cutTorn(folder);
    if (mark === undefined) return this.#linesOf(running, 0);
    // By its day, not by its inode: a folder may have been copied.
    if (this.#firstDayOf(running) === mark.day) return this.#linesOf(running, mark.size);
    const before = this.#linesOf(join(folder, finishedName(mark.day)), mark.size);
    const after = this.#linesOf(running, 0);
    return before === undefined || after === undefined ? undefined : [...before, ...after];
  }

  /** The end of what an enterprise has; undefined where no line with a stamp is there. */
  end(enterprise: string): FileEnd | undefined {
    const { dir, fs } = this.#options;
    const folder = enterpriseFolder(dir, enterprise);
    this.#cutTorn(folder);
    for (const name of [RUNNING_NAME, ...finishedNames(fs.list(folder)).reverse()]) {
      const path = join(folder, name);
      const size = fs.factsAt(path)?.size ?? 0;
      const at = this.#lastAtOf(path, size);
      if (at !== undefined)
        return { at, count: this.#reading(path, (fd) => this.#countAt(fd, size, at)) };
    }
    return undefined;
  }

  close(): void {
    for (const enterprise of [...this.#open.keys()]) this.#drop(enterprise);
  }

  /** Writes the lines up to the end of a day. @returns how many were written: 0 after a day was finished */
  #writeDay(
    enterprise: string,
    folder: string,
    file: RunningFile,
    lines: readonly StampedLine[],
  ): number {
    const { fs, onWritten, onFinished } = this.#options;
    if (file.isTorn) {
      this.#cutTorn(folder);
      const { size } = fs.facts(file.fd);
      const tail = readTail(fs, file.fd, size, TAIL_SEARCH_BYTES);
      Object.assign(file, { size, lastAt: tail.lastAt, isTorn: false });
    }
    let lastAt = file.lastAt;
    let text = "";
    let count = 0;
    for (const line of lines) {
      const at = Math.max(line.at, lastAt ?? 0);
      const day = dayToFinish(lastAt, at);
      if (day !== undefined && count > 0) break;
      if (day !== undefined) {
        const name = finishRunning(fs, folder, file, day);
        this.#drop(enterprise);
        onFinished?.(enterprise, name);
        return 0;
      }
      text += `${formatStamp(at)}|${line.fields}\n`;
      lastAt = at;
      count += 1;
    }
    const before = file.size;
    appendText(fs, file, lastAt ?? 0, text);
    onWritten?.(enterprise, file.size, file.size - before);
    return count;
  }

  #openFor(enterprise: string, folder: string): RunningFile {
    const known = this.#open.get(enterprise);
    if (known !== undefined) {
      this.#open.delete(enterprise);
      this.#open.set(enterprise, known);
      return known;
    }
    const [oldest] = this.#open.keys();
    if (this.#open.size >= MAX_OPEN_FILES && oldest !== undefined) this.#drop(oldest);
    const file = openRunning(this.#options.fs, folder);
    this.#open.set(enterprise, file);
    return file;
  }

  #drop(enterprise: string): void {
    const file = this.#open.get(enterprise);
    this.#open.delete(enterprise);
    if (file !== undefined) dropRunning(this.#options.fs, file);
  }

  /** A line that was not written whole comes again from the stream: a line break after it would make it one. */
  #cutTorn(folder: string): void {
    const { fs } = this.#options;
    const path = join(folder, RUNNING_NAME);
    const size = fs.factsAt(path)?.size ?? 0;
    if (size === 0) return;
    const fd = fs.openAppend(path);
    try {
      const end = lineStartBefore(fs, fd, size);
      if (end < size) fs.truncate(fd, end);
    } finally {
      fs.close(fd);
    }
  }

  #lastAtOf(path: string, size: number): number | undefined {
    if (size === 0) return undefined;
    const { fs } = this.#options;
    return this.#reading(path, (fd) => readTail(fs, fd, size, TAIL_SEARCH_BYTES).lastAt);
  }

  /** @throws the system's error */
  #reading<T>(path: string, read: (fd: number) => T): T {
    const { fs } = this.#options;
    const fd = fs.openRead(path);
    try {
      return read(fd);
    } finally {
      fs.close(fd);
    }
  }

  /** The UTC day of the first line; undefined where there is none with a stamp. */
  #firstDayOf(path: string): number | undefined {
    const { fs } = this.#options;
    if ((fs.factsAt(path)?.size ?? 0) < STAMP_LENGTH) return undefined;
    const head = Buffer.alloc(STAMP_LENGTH);
    this.#reading(path, (fd) => fs.read(fd, head, 0));
    const at = tryParseStamp(head.toString("latin1"));
    return at === undefined ? undefined : dayOf(at);
  }

  /** The whole lines from there on; undefined where the file ends before. */
  #linesOf(path: string, from: number): string[] | undefined {
    const { fs } = this.#options;
    const { size } = fs.factsAt(path) ?? { size: 0 };
    if (size <= from) return size === from ? [] : undefined;
    const bytes = Buffer.alloc(size - from);
    const read = this.#reading(path, (fd) => fs.read(fd, bytes, from));
    const lines = bytes.toString("utf8", 0, read).split("\n");
    lines.pop();
    return lines;
  }

  #countAt(fd: number, size: number, at: number): number {
    const { fs } = this.#options;
    const mark = `${formatStamp(at)}|`;
    for (let length = 65_536; ; length *= 8) {
      const from = Math.max(0, size - length);
      const bytes = Buffer.alloc(size - from);
      const lines = bytes.toString("utf8", 0, fs.read(fd, bytes, from)).split("\n");
      lines.pop();
      if (from > 0) lines.shift();
      const other = lines.findLastIndex((line) => !line.startsWith(mark));
      if (other !== -1 || from === 0) return lines.length - 1 - other;
    }
  }
}
