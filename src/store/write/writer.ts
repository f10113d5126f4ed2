// Appending. What arrives in one turn of the event loop is gathered, written with one call for each enterprise, and
// answered when that call has returned (or when the disk has it). Time, rotation and write happen under one lock, so
// that lines are never lost, torn, doubled, out of order or in another day's file, whoever else writes.

import { join } from "node:path";
import type { RecordToWrite } from "../../domain/record.ts";
import type { Clock } from "../../lib/clock.ts";
import { pause } from "../../lib/pause.ts";
import { systemCode, TraceWriteError } from "../errors.ts";
import { encodeFields, LineTooLongError } from "../format/codec.ts";
import { enterpriseFolder, RUNNING_NAME } from "../format/files.ts";
import { isStampable } from "../format/stamp.ts";
import { LOCK_TIMEOUT_MS, MAX_LINE_BYTES, MAX_OPEN_FILES } from "../limits.ts";
import type { AppendResult } from "../types.ts";
import { type OnceClaim, onceInGap } from "./once.ts";
import { dayToFinish, finishRunning } from "./rotation.ts";
import {
  appendLines,
  closeTornLine,
  dropRunning,
  lockRunning,
  openRunning,
  type RunningFile,
  syncRunning,
  unlockRunning,
} from "./running-file.ts";
import type { TraceFs } from "./trace-fs.ts";

export type Durability = "written" | "synced";

export type WriterOptions = {
  /** The folder with a folder for each enterprise. */
  readonly dir: string;
  readonly clock: Clock;
  readonly fs: TraceFs;
  readonly durability: Durability;
  readonly maxOpenFiles?: number;
  /** How long to wait for a lock, in milliseconds of real time. */
  readonly lockTimeoutMs?: number;
  /** The running file has grown to this many bytes. */
  readonly onWritten?: (enterprise: string, size: number, addedBytes: number) => void;
  /** A day of an enterprise was finished under this name. */
  readonly onFinished?: (enterprise: string, name: string) => void;
};

/** `recheck`: the claim was made on what is not the running file any more; look again and come back. */
export type WriteOutcome = AppendResult | "recheck";

export type Writer = {
  readonly write: (
    enterprise: string,
    record: RecordToWrite,
    once?: OnceClaim,
  ) => Promise<WriteOutcome>;
  readonly close: () => Promise<void>;
};

type Pending = {
  readonly line: string;
  readonly once: OnceClaim | undefined;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (cause: unknown) => void;
};

type WriteQueue = {
  readonly enterprise: string;
  readonly folder: string;
  pending: Pending[];
  file: RunningFile | undefined;
  /** Since when the queue waits for a lock: performance.now(), or undefined. */
  waitsSince: number | undefined;
};

/** A flush of many enterprises lets other work run after this many milliseconds. */
const FLUSH_SLICE_MS = 5;
/** Turns of the event loop in which a taken lock is tried again before timers space the attempts. */
const EAGER_TURNS = 20;
/** A rename during an append is rare; more of them in a row are a fault. */
const MAX_REOPENS = 16;

class GatheringWriter implements Writer {
  readonly #options: WriterOptions;
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #fs: TraceFs;
  readonly #durability: Durability;
  readonly #openLimit: number;
  readonly #timeoutMs: number;
  readonly #queues = new Map<string, WriteQueue>();
  /** Queues with an open file, the least recently used first. */
  readonly #open = new Set<WriteQueue>();
  readonly #dirty = new Set<WriteQueue>();
  readonly #underWay = new Set<Promise<unknown>>();
  #isScheduled = false;
  #isClosed = false;
  #waits = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { dir, clock, fs, durability } = this.#options;
    this.#dir = dir;
    this.#clock = clock;
    this.#fs = fs;
    this.#durability = durability;
    this.#openLimit = this.#options.maxOpenFiles ?? MAX_OPEN_FILES;
    this.#timeoutMs = this.#options.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
  }

  write(
    enterprise: string,
    record: RecordToWrite,
    once: OnceClaim | undefined,
  ): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        const closed = Object.assign(new Error("the store is closed"), { code: "ECLOSED" });
        throw new TraceWriteError(enterprise, this.#dir, closed);
      }
      const line = encodeFields(record);
      if (line.length * 3 > MAX_LINE_BYTES && Buffer.byteLength(line) > MAX_LINE_BYTES - 64) {
        throw new LineTooLongError(
          `cannot record: the line is longer than ${MAX_LINE_BYTES} bytes`,
        );
      }
      const queue = this.#queueOf(enterprise);
      queue.pending.push({ line, once, resolve, reject });
      this.#dirty.add(queue);
      this.#schedule();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#dirty.size > 0) await pause(1);
    await Promise.allSettled(this.#underWay);
    for (const queue of [...this.#open]) this.#drop(queue);
    this.#queues.clear();
  }

  #drop(queue: WriteQueue): void {
    this.#open.delete(queue);
    const { file } = queue;
    queue.file = undefined;
    if (file !== undefined) dropRunning(this.#fs, file);
  }

  #dropOldest(keep: number): void {
    for (const queue of this.#open) {
      if (this.#open.size <= keep) return;
      this.#drop(queue);
    }
  }

  #openFor(queue: WriteQueue): RunningFile {
    if (queue.file !== undefined) {
      this.#open.delete(queue);
      this.#open.add(queue);
      return queue.file;
    }
    this.#dropOldest(this.#openLimit - 1);
    try {
      queue.file = openRunning(this.#fs, queue.folder);
    } catch (cause) {
      if (systemCode(cause) !== "EMFILE" && systemCode(cause) !== "ENFILE") throw cause;
      this.#dropOldest(Math.floor(this.#open.size / 2));
      queue.file = openRunning(this.#fs, queue.folder);
    }
    this.#open.add(queue);
    return queue.file;
  }

  #answer(queue: WriteQueue, file: RunningFile, batch: readonly Pending[], at: number): void {
    const result: AppendResult = { at, duplicate: false };
    if (this.#durability === "written") {
      for (const { resolve } of batch) resolve(result);
      return;
    }
    const synced = syncRunning(this.#fs, file, [queue.folder, this.#dir]).then(
      () => {
        for (const { resolve } of batch) resolve(result);
      },
      (cause: unknown) => {
        const failure = this.#failureOf(queue, cause);
        for (const { reject } of batch) reject(failure);
      },
    );
    this.#underWay.add(synced);
    void synced.finally(() => this.#underWay.delete(synced));
  }

  #failureOf(queue: WriteQueue, cause: unknown): TraceWriteError {
    return new TraceWriteError(queue.enterprise, join(queue.folder, RUNNING_NAME), cause);
  }

  /** Answers the records that are in the file already as duplicates; returns the others. The lock must be held. */
  #withoutRepeats(file: RunningFile, batch: readonly Pending[]): Pending[] {
    const first = new Set<string>();
    return batch.filter(({ once, resolve }) => {
      if (once === undefined) return true;
      // The other one of this turn is not in the file yet: look again when it is.
      if (first.has(once.key)) {
        resolve("recheck");
        return false;
      }
      const seen = onceInGap(this.#fs, file, once);
      if (seen === "absent") {
        first.add(once.key);
        return true;
      }
      resolve(seen);
      return false;
    });
  }

  /** @returns false where another process has the lock. */
  #writeQueue(queue: WriteQueue): boolean {
    for (let attempt = 0; attempt < MAX_REOPENS; attempt += 1) {
      const file = this.#openFor(queue);
      const state = lockRunning(this.#fs, file);
      if (state === "busy") return false;
      if (state === "moved") {
        this.#drop(queue);
        continue;
      }
      try {
        queue.pending = this.#withoutRepeats(file, queue.pending);
        if (queue.pending.length === 0) return true;
        const at = Math.max(this.#clock.now(), file.lastAt ?? 0);
        if (!isStampable(at)) throw new Error("the clock shows no time between 1970 and 9999");
        const day = dayToFinish(file.lastAt, at);
        if (day !== undefined) {
          closeTornLine(this.#fs, file);
          const name = finishRunning(this.#fs, queue.folder, file, day);
          this.#drop(queue);
          this.#options.onFinished?.(queue.enterprise, name);
          continue;
        }
        const batch = queue.pending;
        const sizeBefore = file.size;
        appendLines(
          this.#fs,
          file,
          at,
          batch.map(({ line }) => line),
        );
        queue.pending = [];
        this.#answer(queue, file, batch, at);
        this.#options.onWritten?.(queue.enterprise, file.size, file.size - sizeBefore);
        return true;
      } finally {
        if (!file.isDropped) unlockRunning(file);
      }
    }
    throw new Error("the file is renamed or deleted faster than it can be opened");
  }

  #fail(queue: WriteQueue, cause: unknown): void {
    const failure = this.#failureOf(queue, cause);
    const batch = queue.pending;
    queue.pending = [];
    this.#drop(queue);
    for (const { reject } of batch) reject(failure);
  }

  /** @returns whether the queue is done: written or failed. */
  #tryQueue(queue: WriteQueue): boolean {
    try {
      if (this.#writeQueue(queue)) {
        queue.waitsSince = undefined;
        return true;
      }
      queue.waitsSince ??= performance.now();
      if (performance.now() - queue.waitsSince < this.#timeoutMs) return false;
      const busy = new Error(`another process has held the file for ${this.#timeoutMs} ms`);
      this.#fail(queue, Object.assign(busy, { code: "EBUSY" }));
    } catch (cause) {
      this.#fail(queue, cause);
    }
    queue.waitsSince = undefined;
    return true;
  }

  #flush(): void {
    this.#isScheduled = false;
    const began = performance.now();
    let isAnyBusy = false;
    for (const queue of [...this.#dirty]) {
      if (this.#tryQueue(queue)) {
        this.#dirty.delete(queue);
        if (queue.file === undefined && queue.pending.length === 0)
          this.#queues.delete(queue.enterprise);
      } else {
        isAnyBusy = true;
      }
      if (performance.now() - began > FLUSH_SLICE_MS) break;
    }
    this.#waits = isAnyBusy ? this.#waits + 1 : 0;
    if (this.#dirty.size > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#waits > EAGER_TURNS) setTimeout(() => this.#flush(), 1);
    else setImmediate(() => this.#flush());
  }

  #queueOf(enterprise: string): WriteQueue {
    const known = this.#queues.get(enterprise);
    if (known !== undefined) return known;
    const folder = enterpriseFolder(this.#dir, enterprise);
    const queue: WriteQueue = {
      enterprise,
      folder,
      pending: [],
      file: undefined,
      waitsSince: undefined,
    };
    this.#queues.set(enterprise, queue);
    return queue;
  }
}

/** A writer over a data folder. Whoever creates it closes it. */
export const createWriter = (options: WriterOptions): Writer => new GatheringWriter(options);
