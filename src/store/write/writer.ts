// Appending. What arrives in one turn of the event loop is gathered, written with one call for each enterprise, and
// answered when that call has returned (or when the disk has it). Time, rotation and write happen under one lock, so
// that lines are never lost, torn, doubled, out of order or in another day's file, whoever else writes.

import { join } from "node:path";
import type { RecordToWrite } from "../../domain/record.ts";
import type { Clock } from "../../lib/clock.ts";
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

type Lane = {
  readonly enterprise: string;
  readonly folder: string;
  pending: Pending[];
  file: RunningFile | undefined;
  /** Since when the lane waits for a lock: performance.now(), or undefined. */
  waitsSince: number | undefined;
};

/** A flush of many enterprises lets other work run after this many milliseconds. */
const FLUSH_SLICE_MS = 5;
/** Turns of the event loop in which a taken lock is tried again before timers space the attempts. */
const EAGER_TURNS = 20;
/** Renames in the middle of an append are a matter of moments; more of them in a row are a fault. */
const MAX_REOPENS = 16;

/** A writer over a data folder. Whoever creates it closes it. */
export const createWriter = (options: WriterOptions): Writer => {
  const { dir, clock, fs, durability } = options;
  const openLimit = options.maxOpenFiles ?? MAX_OPEN_FILES;
  const timeoutMs = options.lockTimeoutMs ?? LOCK_TIMEOUT_MS;
  const lanes = new Map<string, Lane>();
  /** Lanes with an open file, the longest unused first. */
  const open = new Set<Lane>();
  const dirty = new Set<Lane>();
  const underWay = new Set<Promise<unknown>>();
  let isScheduled = false;
  let isClosed = false;
  let waits = 0;

  const drop = (lane: Lane): void => {
    open.delete(lane);
    const { file } = lane;
    lane.file = undefined;
    if (file !== undefined) dropRunning(fs, file);
  };

  const dropOldest = (keep: number): void => {
    for (const lane of open) {
      if (open.size <= keep) return;
      drop(lane);
    }
  };

  const openFor = (lane: Lane): RunningFile => {
    if (lane.file !== undefined) {
      open.delete(lane);
      open.add(lane);
      return lane.file;
    }
    dropOldest(openLimit - 1);
    try {
      lane.file = openRunning(fs, lane.folder);
    } catch (cause) {
      if (systemCode(cause) !== "EMFILE" && systemCode(cause) !== "ENFILE") throw cause;
      dropOldest(Math.floor(open.size / 2));
      lane.file = openRunning(fs, lane.folder);
    }
    open.add(lane);
    return lane.file;
  };

  const answer = (lane: Lane, file: RunningFile, batch: readonly Pending[], at: number): void => {
    const result: AppendResult = { at, duplicate: false };
    if (durability === "written") {
      for (const { resolve } of batch) resolve(result);
      return;
    }
    const synced = syncRunning(fs, file, [lane.folder, dir]).then(
      () => {
        for (const { resolve } of batch) resolve(result);
      },
      (cause: unknown) => {
        const failure = failureOf(lane, cause);
        for (const { reject } of batch) reject(failure);
      },
    );
    underWay.add(synced);
    void synced.finally(() => underWay.delete(synced));
  };

  const failureOf = (lane: Lane, cause: unknown): TraceWriteError =>
    new TraceWriteError(lane.enterprise, join(lane.folder, RUNNING_NAME), cause);

  /** Sorts out the records that are there already; the others are to be written. The lock is held. */
  const withoutRepeats = (file: RunningFile, batch: readonly Pending[]): Pending[] => {
    const first = new Set<string>();
    return batch.filter(({ once, resolve }) => {
      if (once === undefined) return true;
      // The other one of this turn is not in the file yet: look again when it is.
      if (first.has(once.key)) {
        resolve("recheck");
        return false;
      }
      const seen = onceInGap(fs, file, once);
      if (seen === "absent") {
        first.add(once.key);
        return true;
      }
      resolve(seen);
      return false;
    });
  };

  /** @returns false where another process has the lock. */
  const writeLane = (lane: Lane): boolean => {
    for (let attempt = 0; attempt < MAX_REOPENS; attempt += 1) {
      const file = openFor(lane);
      const state = lockRunning(fs, file);
      if (state === "busy") return false;
      if (state === "moved") {
        drop(lane);
        continue;
      }
      try {
        lane.pending = withoutRepeats(file, lane.pending);
        if (lane.pending.length === 0) return true;
        const at = Math.max(clock.now(), file.lastAt ?? 0);
        if (!isStampable(at)) throw new Error("the clock shows no time between 1970 and 9999");
        const day = dayToFinish(file.lastAt, at);
        if (day !== undefined) {
          closeTornLine(fs, file);
          const name = finishRunning(fs, lane.folder, file, day);
          drop(lane);
          options.onFinished?.(lane.enterprise, name);
          continue;
        }
        const batch = lane.pending;
        const sizeBefore = file.size;
        appendLines(
          fs,
          file,
          at,
          batch.map(({ line }) => line),
        );
        lane.pending = [];
        answer(lane, file, batch, at);
        options.onWritten?.(lane.enterprise, file.size, file.size - sizeBefore);
        return true;
      } finally {
        if (!file.isDropped) unlockRunning(file);
      }
    }
    throw new Error("the file is renamed or deleted faster than it can be opened");
  };

  const fail = (lane: Lane, cause: unknown): void => {
    const failure = failureOf(lane, cause);
    const batch = lane.pending;
    lane.pending = [];
    drop(lane);
    for (const { reject } of batch) reject(failure);
  };

  /** @returns whether the lane is done with, well or badly. */
  const tryLane = (lane: Lane): boolean => {
    try {
      if (writeLane(lane)) {
        lane.waitsSince = undefined;
        return true;
      }
      lane.waitsSince ??= performance.now();
      if (performance.now() - lane.waitsSince < timeoutMs) return false;
      const busy = new Error(`another process has held the file for ${timeoutMs} ms`);
      fail(lane, Object.assign(busy, { code: "EBUSY" }));
    } catch (cause) {
      fail(lane, cause);
    }
    lane.waitsSince = undefined;
    return true;
  };

  const flush = (): void => {
    isScheduled = false;
    const began = performance.now();
    let isAnyBusy = false;
    for (const lane of [...dirty]) {
      if (tryLane(lane)) {
        dirty.delete(lane);
        if (lane.file === undefined && lane.pending.length === 0) lanes.delete(lane.enterprise);
      } else {
        isAnyBusy = true;
      }
      if (performance.now() - began > FLUSH_SLICE_MS) break;
    }
    waits = isAnyBusy ? waits + 1 : 0;
    if (dirty.size > 0) schedule();
  };

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    if (waits > EAGER_TURNS) setTimeout(flush, 1);
    else setImmediate(flush);
  };

  const laneOf = (enterprise: string): Lane => {
    const known = lanes.get(enterprise);
    if (known !== undefined) return known;
    const folder = enterpriseFolder(dir, enterprise);
    const lane: Lane = { enterprise, folder, pending: [], file: undefined, waitsSince: undefined };
    lanes.set(enterprise, lane);
    return lane;
  };

  const write: Writer["write"] = (enterprise, record, once) =>
    new Promise((resolve, reject) => {
      if (isClosed) {
        const closed = Object.assign(new Error("the store is closed"), { code: "ECLOSED" });
        throw new TraceWriteError(enterprise, dir, closed);
      }
      const line = encodeFields(record);
      if (line.length * 3 > MAX_LINE_BYTES && Buffer.byteLength(line) > MAX_LINE_BYTES - 64) {
        throw new LineTooLongError(
          `cannot record: the line is longer than ${MAX_LINE_BYTES} bytes`,
        );
      }
      const lane = laneOf(enterprise);
      lane.pending.push({ line, once, resolve, reject });
      dirty.add(lane);
      schedule();
    });

  const close: Writer["close"] = async () => {
    isClosed = true;
    while (dirty.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await Promise.allSettled(underWay);
    for (const lane of [...open]) drop(lane);
    lanes.clear();
  };

  return { write, close };
};
