// What this data folder knows to be in the archive: a small file for each enterprise, written by whoever uploads and read by
// every process. It can be made anew from the archive; without it a day counts as not uploaded, so nothing is removed.

import { readFileSync, statSync } from "node:fs";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import { type FileLock, tryHoldLock } from "../../lib/file-lock.ts";
import { giveToOwner } from "../../lib/private-file.ts";
import { replaceFileAsync } from "../../lib/replace-file.ts";
import { DAY_MS } from "../../lib/time.ts";
import { finishedNames, tryParseFinishedName } from "../format/files.ts";
import { listFolder } from "../read/open-files.ts";
import { newFileMode, newFolderMode } from "../write/modes.ts";
import type { FileFacts } from "../write/trace-fs.ts";
import type { DayHead } from "./day-index.ts";

/** A day of the archive. */
export type LedgerDay = {
  /** The file as it was uploaded; `mtimeMs` is 0 where it was not uploaded from here. */
  readonly bytes: number;
  readonly mtimeMs: number;
  /** xxHash64 of the head of its index. */
  readonly head: string;
  /** Bytes of its objects. */
  readonly stored: number;
  readonly hasTable: boolean;
  /** Hashes of ids that their own time does not lead to; null where there are too many to be kept here. */
  readonly strays: readonly number[] | null;
  /** When its objects were last read back whole and found to be right, in milliseconds since the epoch; 0: never. */
  readonly checkedAt: number;
};

export type ArchivedDay = LedgerDay & {
  readonly name: string;
  /** Beginning of its UTC day, in milliseconds since the epoch. */
  readonly from: number;
};

type LedgerFile = {
  readonly version: number;
  /** The archive that it is about: that of another address is another one. */
  readonly archive: string;
  readonly days: { readonly [name: string]: LedgerDay };
};

/** How long a day that was read back whole counts as safe, in milliseconds: it may leave this disk within that time. */
export const CHECKED_FOR_MS = DAY_MS;

const VERSION = 1;
const FOLDER = ".archive";
const COMPLETE = "complete";
const MAX_STRAYS = 256;

/** The folder for everything that is kept of the archive beside the days. */
export const archiveFolder = (dir: string): string => join(dir, FOLDER);

/** Held by whoever writes into the archive or its ledger, for as long as that takes. */
export const archiveWriteLockPath = (dir: string): string => join(archiveFolder(dir), "write.lock");

/** Takes that lock; undefined while somebody else has it. What root makes of it is the service's. @throws the system's error */
export const holdArchiveLock = (dir: string): FileLock | undefined => {
  const path = archiveWriteLockPath(dir);
  const lock = tryHoldLock(path);
  try {
    for (const made of [archiveFolder(dir), path]) giveToOwner(made, dir);
    return lock;
  } catch (error) {
    lock?.release();
    throw error;
  }
};

/** The names of days that are known to be in an archive, whichever it is. */
export const archivedNames = (dir: string, enterprise: string): string[] => {
  try {
    const text = readFileSync(join(archiveFolder(dir), `${enterprise}.json`), "utf8");
    return Object.keys((JSON.parse(text) as LedgerFile).days);
  } catch {
    return [];
  }
};

/** What the ledger keeps of an index. */
export const ledgerDayOf = (
  { facts, strays, hash, bytes }: DayHead,
  from: Pick<LedgerDay, "mtimeMs" | "checkedAt">,
): LedgerDay => ({
  bytes: facts.bytes,
  head: hash,
  stored: bytes + facts.parts.reduce((sum, part) => sum + part.bytes, facts.table?.bytes ?? 0),
  hasTable: facts.table !== null,
  strays: strays.size > MAX_STRAYS ? null : [...strays],
  ...from,
});

type Remembered = {
  readonly mtimeMs: number;
  readonly size: number;
  readonly days: ReadonlyMap<string, LedgerDay>;
};

const NONE: ReadonlyMap<string, LedgerDay> = new Map();

export class Ledger {
  readonly #dataDir: string;
  readonly #dir: string;
  readonly #archive: string;
  readonly #known = new Map<string, Remembered>();
  readonly #listed = new WeakMap<ReadonlyMap<string, LedgerDay>, readonly ArchivedDay[]>();

  /** @param archive its address */
  constructor(dataDir: string, archive: string) {
    this.#dataDir = dataDir;
    this.#dir = archiveFolder(dataDir);
    this.#archive = archive;
  }

  /** The days of an enterprise by the names of their files. */
  days(enterprise: string): ReadonlyMap<string, LedgerDay> {
    const path = this.#pathOf(enterprise);
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return NONE;
    const known = this.#known.get(enterprise);
    if (known !== undefined && known.mtimeMs === facts.mtimeMs && known.size === facts.size)
      return known.days;
    const days = this.#read(path);
    this.#known.set(enterprise, { mtimeMs: facts.mtimeMs, size: facts.size, days });
    return days;
  }

  /** The same, oldest first. */
  list(enterprise: string): readonly ArchivedDay[] {
    const days = this.days(enterprise);
    const known = this.#listed.get(days);
    if (known !== undefined) return known;
    const listed = finishedNames([...days.keys()]).flatMap((name) => {
      const day = days.get(name);
      return day === undefined
        ? []
        : [{ ...day, name, from: (tryParseFinishedName(name) ?? 0) * DAY_MS }];
    });
    this.#listed.set(days, listed);
    return listed;
  }

  /** Whether a local file is in the archive as it is now. */
  holds(enterprise: string, name: string, facts: Pick<FileFacts, "size" | "mtimeMs">): boolean {
    const day = this.days(enterprise).get(name);
    return day !== undefined && day.bytes === facts.size && day.mtimeMs === facts.mtimeMs;
  }

  /** The enterprises of which something is known. */
  async enterprises(): Promise<string[]> {
    return (await listFolder(this.#dir))
      .filter((name) => name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length))
      .sort();
  }

  /** Puts days in, or takes them out (undefined). One writer at a time: whoever holds the archive's lock. */
  async change(
    enterprise: string,
    changes: ReadonlyMap<string, LedgerDay | undefined>,
  ): Promise<void> {
    const days = new Map(this.days(enterprise));
    for (const [name, day] of changes) {
      if (day === undefined) days.delete(name);
      else days.set(name, day);
    }
    const file: LedgerFile = {
      version: VERSION,
      archive: this.#archive,
      days: Object.fromEntries(days),
    };
    await this.#write(this.#pathOf(enterprise), JSON.stringify(file));
    this.#known.delete(enterprise);
  }

  /** Whether everything that is in the archive is known here, not only what was uploaded from here. */
  isComplete(): boolean {
    return this.learnt() === this.#archive;
  }

  /** The address of the archive that was learnt here last, whichever it is; undefined where none was. */
  learnt(): string | undefined {
    try {
      return readFileSync(join(this.#dir, COMPLETE), "utf8");
    } catch {
      return undefined;
    }
  }

  async setComplete(): Promise<void> {
    await this.#write(join(this.#dir, COMPLETE), this.#archive);
  }

  #pathOf(enterprise: string): string {
    return join(this.#dir, `${enterprise}.json`);
  }

  async #write(path: string, text: string): Promise<void> {
    await fsp.mkdir(this.#dir, { recursive: true, mode: newFolderMode(this.#dir) });
    const aside = `${path}.${process.pid}.tmp`;
    await replaceFileAsync(path, [Buffer.from(text)], {
      isDurable: true,
      aside,
      mode: newFileMode(path),
    });
    for (const made of [this.#dir, path]) giveToOwner(made, this.#dataDir);
  }

  #read(path: string): ReadonlyMap<string, LedgerDay> {
    try {
      const file = JSON.parse(readFileSync(path, "utf8")) as LedgerFile;
      return file.version === VERSION && file.archive === this.#archive
        ? new Map(Object.entries(file.days))
        : NONE;
    } catch {
      // Damaged: made anew by the next upload; until then nothing is taken to be archived.
      return NONE;
    }
  }
}
