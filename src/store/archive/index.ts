// The archive of finished days: an object store that holds them for years, what is known of it here, and how a call of a
// day that is no longer here is found in it.

import { join } from "node:path";
import type { ArchiveAddress } from "../../config/index.ts";
import { createBreaker } from "../../lib/breaker.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { tryParseFinishedName } from "../format/files.ts";
import { dayOf } from "../format/stamp.ts";
import type { SideFile } from "../index/side-file.ts";
import type { MayGo } from "../write/retention.ts";
import { openObjectStore } from "./address.ts";
import { DayObjects } from "./day-objects.ts";
import { DiskCache } from "./disk-cache.ts";
import { ArchivedRecords, type DayFinds, type LocalSight } from "./find-archived.ts";
import { guardedStore } from "./guarded-store.ts";
import { type ArchivedDay, archiveFolder, CHECKED_FOR_MS, Ledger } from "./ledger.ts";
import type { ObjectStore } from "./object-store.ts";
import type { S3Environment } from "./s3-address.ts";

export type { SideBytes } from "../index/side-file.ts";
export { type ArchivedDay, archivedNames, holdArchiveLock } from "./ledger.ts";
export { ArchiveError, type ArchiveErrorCode } from "./object-store.ts";

export type ArchiveOptions = {
  /** The data folder: what is known of the archive is kept in `.archive` there. */
  readonly dir: string;
  readonly address: ArchiveAddress;
  /** Holds the keys of an S3 store, by their usual names. */
  readonly env: S3Environment;
  readonly clock?: Clock;
  /** Room on the disk for what was read, in bytes; default 256 MiB. */
  readonly cacheBytes?: number;
  /** Days that are kept in it; default 0: for ever. An older day may leave this disk without being there. */
  readonly archiveDays?: number;
  /** How long a page waits for one answer, in milliseconds; default 4 s. */
  readonly readTimeoutMs?: number;
  /** How long one put or one read back may take, in milliseconds; default 2 min. */
  readonly writeTimeoutMs?: number;
  /** Told of each request: for figures; must not throw. */
  readonly onRequest?: (what: string, result: string, bytes: number) => void;
  /** Something could not be kept on the disk: it is read again. For figures and the log; must not throw. */
  readonly onCacheFault?: (error: unknown) => void;
};

export type Archive = {
  /** Its address. */
  readonly name: string;
  /** The records of keys in days that are not here. @throws ArchiveError */
  find(enterprise: string, keys: readonly string[], local: LocalSight): Promise<DayFinds[]>;
  /** The hashes of keys in the lines of a day since a moment, or a little before. @throws ArchiveError */
  keysSince(enterprise: string, name: string, since: number): Promise<Set<number>>;
  /** The days that are known to be in it, oldest first, whether they are here as well or not. */
  days(enterprise: string): readonly ArchivedDay[];
  /** The calls of a day; undefined where it has no table of them. @throws ArchiveError */
  table(enterprise: string, name: string): Promise<SideFile | undefined>;
  /** Whether a day may leave this disk: it is in the archive as it is here, and was read back whole. */
  readonly mayGo: MayGo;
  /** For whoever writes into it: without the pause after failures, and with time for large objects. */
  readonly store: ObjectStore;
  readonly ledger: Ledger;
  readonly objects: DayObjects;
};

const DEFAULT_CACHE_BYTES = 256 * 1024 * 1024;
const DEFAULT_READ_TIMEOUT_MS = 4000;
const DEFAULT_WRITE_TIMEOUT_MS = 120_000;
/** After a failure pages do not ask for so long, in milliseconds. */
const PAUSE = { firstPauseMs: 2000, longestPauseMs: 30_000, trialMs: 10_000 };

/**
 * Opens an archive; asks nothing of it yet. Needs no closing.
 *
 * @throws ArchiveError where the environment lacks its keys
 */
export const openArchive = (options: ArchiveOptions): Archive => {
  const { dir, address, env, clock = systemClock, onRequest, onCacheFault } = options;
  const plain = openObjectStore(address, env);
  const told = onRequest === undefined ? {} : { onRequest };
  const reading = guardedStore(plain, {
    timeoutMs: options.readTimeoutMs ?? DEFAULT_READ_TIMEOUT_MS,
    attempts: 2,
    breaker: createBreaker({ clock, ...PAUSE }),
    ...told,
  });
  const ledger = new Ledger(dir, plain.name);
  const cache = new DiskCache({
    dir: join(archiveFolder(dir), "cache"),
    maxBytes: options.cacheBytes ?? DEFAULT_CACHE_BYTES,
    ...(onCacheFault === undefined ? {} : { onFault: onCacheFault }),
  });
  const objects = new DayObjects(reading, cache, ledger);
  const records = new ArchivedRecords(objects, ledger, clock);
  const { archiveDays = 0 } = options;
  const isOver = (name: string): boolean =>
    archiveDays > 0 && (tryParseFinishedName(name) ?? 0) < dayOf(clock.now()) - archiveDays;
  return {
    name: plain.name,
    find: (enterprise, keys, local) => records.find(enterprise, keys, local),
    keysSince: (enterprise, name, since) => records.keysSince(enterprise, name, since),
    days: (enterprise) => ledger.list(enterprise),
    table: (enterprise, name) => objects.table({ enterprise, name }),
    mayGo: (enterprise, name, facts) =>
      isOver(name) ||
      facts.size === 0 ||
      (ledger.holds(enterprise, name, facts) &&
        clock.now() - (ledger.days(enterprise).get(name)?.checkedAt ?? 0) <= CHECKED_FOR_MS),
    store: guardedStore(plain, {
      timeoutMs: options.writeTimeoutMs ?? DEFAULT_WRITE_TIMEOUT_MS,
      attempts: 2,
      ...told,
    }),
    ledger,
    objects,
  };
};

export { ArchiveKeeper, type KeeperState } from "./keeper.ts";
export { type OwedDay, OwedDays, owedSentences } from "./owed.ts";
export { restoreDay } from "./restore-day.ts";
export { type Survey, surveyArchive } from "./survey.ts";
export { type VerifiedDay, verifyDay } from "./verify-day.ts";
