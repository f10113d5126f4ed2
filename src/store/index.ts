// The log engine's face: opens a data folder and composes writer, lookup and retention. Knows files; what an event
// means, who asks and how it is shown is left to others.

import type { RecordToWrite } from "../domain/record.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Archive } from "./archive/index.ts";
import { RecordError } from "./format/codec.ts";
import { finishedNames, RUNNING_NAME } from "./format/files.ts";
import { dayOf } from "./format/stamp.ts";
import { createIndexes } from "./index/indexes.ts";
import { DEFAULT_RETENTION_DAYS } from "./limits.ts";
import { type DayFile, type OpenDay, openDay } from "./read/day-records.ts";
import { createLookup, type Lookup, resultOf } from "./read/lookup.ts";
import type { AppendResult, TraceStore } from "./types.ts";
import { type SweepResult, sweep } from "./write/retention.ts";
import { StampedWriter } from "./write/stamped-writer.ts";
import { realFs, type TraceFs } from "./write/trace-fs.ts";
import { createWriteCheck } from "./write/write-check.ts";
import { createWriter, type Durability } from "./write/writer.ts";

export {
  type Archive,
  type ArchivedDay,
  ArchiveError,
  type ArchiveErrorCode,
  ArchiveKeeper,
  archivedNames,
  holdArchiveLock,
  type KeeperState,
  type OwedDay,
  OwedDays,
  openArchive,
  owedSentences,
  restoreDay,
  type SideBytes,
  type Survey,
  surveyArchive,
  verifyDay,
} from "./archive/index.ts";
export {
  type Bus,
  BusError,
  Cluster,
  type ClusterState,
  type ClusterSurvey,
  compareRecords,
  connectBus,
  type DayDifference,
  type DaySums,
  daySumsOf,
  differences,
  enterprisesOf,
  isNodeFolder,
  type Leading,
  type Lease,
  type LeaseJob,
  type NodeStatus,
  PARTITIONS,
  partitionName,
  partitionOf,
  type RecordDifference,
  surveyCluster,
} from "./cluster/index.ts";
export { type Erased, type Found, SubscriberErasure } from "./erase/erase-files.ts";
export type { StandingCard } from "./erase/erase-lines.ts";
export { removeOwedVersions, type VersionsDone } from "./erase/older-versions.ts";
export { resumeErasures } from "./erase/resume.ts";
export type { DayFailure } from "./erase/try-each.ts";
export { TraceWriteError } from "./errors.ts";
export { decodeLine, encodeRecord, normaliseRecord, RecordError } from "./format/codec.ts";
export { astHead, astHeadOf, isTgLine } from "./format/line-head.ts";
export { dayOf, formatDay } from "./format/stamp.ts";
export { proofOf } from "./index/index-file.ts";
export { hashOfKey } from "./index/index-table.ts";
export {
  encodeSide,
  peekSide,
  readSide,
  type SideContent,
  type SideFile,
  sideBytes,
  writeSide,
} from "./index/side-file.ts";
export { type Activity, type ActivityReader, createActivityReader } from "./read/activity.ts";
export {
  type DayFile,
  dayFiles,
  type OpenDay,
  openDay,
  type PlacedRecord,
} from "./read/day-records.ts";
export {
  type FollowedLine,
  type FollowedLines,
  type Follower,
  type FollowOptions,
  openFollower,
  type Position,
} from "./read/follow.ts";
export { enterprisesIn, recentRecords } from "./read/recent.ts";
export { createPacer } from "./read/turns.ts";
export type { AppendResult, FindResult, LineFault, Part, TraceStore } from "./types.ts";
export { type PastRecord, type TakenDay, takenDays, writePastDay } from "./write/past-days.ts";
export type { SweepResult } from "./write/retention.ts";
export { type FileFacts, isSameFile, isUnchanged } from "./write/trace-fs.ts";
export type { Durability } from "./write/writer.ts";

export type TraceStoreOptions = {
  /** The data folder, such as `./call_tracer`; created with the first event. */
  readonly dir: string;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: `written`. */
  readonly durability?: Durability;
  /** UTC days kept beside the running one; default 14. */
  readonly retentionDays?: number;
  /** Called after every sweep that removed something, or failed to. */
  readonly onSweep?: (result: SweepResult) => void;
  /** Called for every write, with its bytes, and for every finished day. For figures: must not throw. */
  readonly onWritten?: (bytes: number) => void;
  readonly onFinished?: () => void;
  /** Default: the machine's files. For tests of a failing disk. */
  readonly fs?: TraceFs;
  /** Descriptors kept open for writing; default 128. */
  readonly maxOpenFiles?: number;
  /** Files smaller than this are scanned, not indexed; default 256 KiB. */
  readonly minIndexedBytes?: number;
  /** An index could not be made; its file is scanned instead. For figures and the log: must not throw. */
  readonly onIndexFault?: (error: unknown) => void;
  /** How long an append waits for another process, in milliseconds; default 5000. */
  readonly lockTimeoutMs?: number;
  /** Where finished days are kept for years: retention removes a day only when it is there. */
  readonly archive?: Archive;
};

/** Reads whole days of a data folder. */
export type DayReading = {
  /** As the function `openDay` does. */
  readonly open: (enterprise: string, file: DayFile) => Promise<OpenDay | undefined>;
  /** For work that reads day after day to their ends. */
  readonly while: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Reads days and leaves indexes alone: for whoever looks in once. */
export const plainDayReading = (dir: string): DayReading => ({
  open: (enterprise, file) => openDay(dir, enterprise, file),
  while: (work) => work(),
});

/** What the composition root needs beside the store itself. */
export type OpenTraceStore = TraceStore & {
  /** The same as `find` over the files that are here alone: for what must not wait for the archive. */
  findHere: TraceStore["find"];
  /** Removes what retention no longer keeps, now. It also happens at the start and at each new UTC day. */
  sweep(): Promise<SweepResult>;
  /** Resolves when no index is being made in the background. */
  indexed(): Promise<void>;
  /** How days are read whole beside the store: what is read goes into the indexes, too. */
  readonly days: DayReading;
  /** Writes lines whose stamps were given elsewhere, in place of `append`; closed by whoever asks for it. */
  stampedWriter(): StampedWriter;
};

/** The days that are no longer here, as a look-up goes on into them. */
type Beyond = Pick<Archive, "find">;

const findWith =
  (lookup: Lookup, beyond?: Beyond): TraceStore["find"] =>
  async (enterprise, keys, part) => {
    // Where there is an archive, everything is near: what is in it is found by the ids, wherever that is.
    const isAsked = keys.length > 0 && (beyond === undefined || part?.part !== "far");
    if (!isAsked) return { records: [], faults: [] };
    const { records, faults, perFile } = await lookup.find(
      enterprise,
      keys,
      beyond === undefined ? part : undefined,
    );
    if (beyond === undefined) return { records, faults };
    const archived = await beyond.find(enterprise, keys, {
      names: new Set(perFile.map(({ name }) => name)),
      isFound: records.length > 0,
    });
    if (archived.every(({ finds }) => finds.length === 0)) return { records, faults };
    const byName = new Map([...archived, ...perFile].map(({ name, finds }) => [name, finds]));
    const names = [...finishedNames([...byName.keys()]), RUNNING_NAME];
    return resultOf(names.flatMap((name) => byName.get(name) ?? []));
  };

/**
 * Only the reading half, for commands that look into a folder that a service writes: nothing is created, rotated or
 * removed. Needs no closing.
 *
 * @param archive holds the days that retention has removed
 */
export const openTraceReader = (dir: string, archive?: Archive): Pick<TraceStore, "find"> => ({
  find: findWith(createLookup(dir, createIndexes(dir, { isReadOnly: true })), archive),
});

/** How often the store looks whether a new UTC day has begun, in milliseconds. */
const DAY_WATCH_MS = 60_000;

/** Opens the store over a data folder. The caller must close it. */
export const openTraceStore = (options: TraceStoreOptions): OpenTraceStore => {
  const { dir, clock = systemClock, fs = realFs, durability = "written" } = options;
  const days = options.retentionDays ?? DEFAULT_RETENTION_DAYS;
  const { minIndexedBytes: minBytes, onIndexFault: onFault } = options;
  const indexes = createIndexes(dir, {
    ...(minBytes === undefined ? {} : { minBytes }),
    ...(onFault === undefined ? {} : { onFault }),
  });
  const lookup = createLookup(dir, indexes);
  const hooks = {
    onWritten: (enterprise: string, size: number, addedBytes: number) => {
      indexes.onWritten(enterprise, size);
      options.onWritten?.(addedBytes);
    },
    onFinished: (enterprise: string, name: string) => {
      indexes.onFinished(enterprise, name);
      options.onFinished?.();
    },
  };
  const writer = createWriter({
    dir,
    clock,
    fs,
    durability,
    ...hooks,
    ...(options.maxOpenFiles === undefined ? {} : { maxOpenFiles: options.maxOpenFiles }),
    ...(options.lockTimeoutMs === undefined ? {} : { lockTimeoutMs: options.lockTimeoutMs }),
  });

  let sweptDay: number | undefined;
  let sweeping: Promise<SweepResult> | undefined;
  const sweepNow = async (): Promise<SweepResult> => {
    sweptDay = dayOf(clock.now());
    const result = await sweep(fs, dir, sweptDay, days, options.archive?.mayGo);
    if (result.removed.length > 0 || result.failures.length > 0) options.onSweep?.(result);
    return result;
  };
  const sweepOnce = (): Promise<SweepResult> => {
    sweeping ??= sweepNow().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  };
  const sweepOnNewDay = (): void => {
    if (dayOf(clock.now()) === sweptDay) return;
    sweepOnce().catch((cause: unknown) => {
      options.onSweep?.({ removed: [], failures: [`cannot sweep ${dir}: ${String(cause)}`] });
    });
  };
  sweepOnNewDay();
  const watch = setInterval(sweepOnNewDay, DAY_WATCH_MS);
  watch.unref();

  const append = async (
    enterprise: string,
    record: RecordToWrite,
    { onceKey: key }: { readonly onceKey?: string } = {},
  ): Promise<AppendResult> => {
    sweepOnNewDay();
    if (key === undefined) {
      const outcome = await writer.write(enterprise, record);
      if (outcome === "recheck")
        throw new RecordError(
          "cannot record: the writer asked for a second check of an event without EventId",
        );
      return outcome;
    }
    for (;;) {
      const { records, running } = await lookup.find(enterprise, [key]);
      const [first] = records;
      if (first !== undefined) return { at: first.at, duplicate: true };
      const outcome = await writer.write(enterprise, record, { key, running });
      if (outcome !== "recheck") return outcome;
    }
  };

  const check = createWriteCheck(fs, dir, clock);

  const close = async (): Promise<void> => {
    clearInterval(watch);
    await writer.close();
    await sweeping;
    await indexes.close();
  };

  return {
    append,
    find: findWith(lookup, options.archive),
    findHere: findWith(lookup),
    check,
    close,
    sweep: sweepOnce,
    indexed: () => indexes.idle(),
    days: {
      open: (enterprise, file) => openDay(dir, enterprise, file, indexes),
      while: (work) => indexes.whileOthersRead(work),
    },
    stampedWriter: () => new StampedWriter({ dir, fs, ...hooks }),
  };
};
