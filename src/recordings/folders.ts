// What lies in the recordings' folders, remembered a folder at a time: read when somebody first asks, checked by the
// folder's time of change whenever somebody asks again, forgotten when memory is short. A folder in which something is always
// new is not read again for each who asks: a watcher adds names, and the reading follows behind. Of a folder of very many
// names that is taken for granted; of a smaller one only where its watcher has proved that it tells.

import type { Dirent, FSWatcher, Stats } from "node:fs";
import { watch } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { errorCode } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { keysOfStem, parseName } from "./file-name.ts";
import { NameTable } from "./name-table.ts";

/** A folder as it was when it was read. */
export type Folder = {
  readonly path: string;
  /** Names of recordings. */
  readonly names: NameTable;
  /** Names of folders, links to folders left out: what they lead to is either found by itself or not ours. */
  readonly folders: readonly string[];
};

export type Folders = {
  /**
   * The folder as it is now; of one with very many names, as it was lately. Undefined where there is none, or where it may not
   * be read, which is logged once.
   */
  look(path: string): Promise<Folder | undefined>;
  /** Bytes of all that is remembered. */
  bytes(): number;
  close(): void;
};

export type FoldersOptions = { readonly clock: Clock; readonly log: Log };

/** All folders together take no more than that, in bytes, or one alone what it needs. */
export const MAX_BYTES = 48 * 1024 * 1024;
/** A folder with more names is never read again before whoever asks has his answer: reading so many takes about 3 ms. */
const MANY_NAMES = 4000;
/** One with more names is watched once it changes: reading fewer costs less than it saves. */
const SOME_NAMES = 200;
/** Folders watched at the same time: those of today, of some enterprises. The one watched longest is let go. */
const MAX_WATCHED = 64;
/** Names that a watcher may add before the folder is let go. */
const MAX_ADDED = 20_000;
/** Between two readings of such a folder, in milliseconds. */
const REST_MS = 5000;
/** Names are taken in so many at a time, in well under a millisecond; others have their turn in between. */
const STEP = 512;
/**
 * A change so soon after another may leave the folder's time as it was (file systems count in ticks, some in seconds):
 * until then it is read again. In milliseconds.
 */
const SETTLED_MS = 2000;
/** What a folder without names takes, in bytes. */
const FOLDER_BYTES = 400;

type Known = Folder & {
  /** Which folder it is. */
  readonly id: string;
  /** The same with its time of change, as it was read. */
  readonly state: string;
  /** When it was read, in milliseconds since the epoch. */
  readonly readAt: number;
  /** How many names it had then. */
  readonly namesRead: number;
  /** What it took when it was read; a watcher adds few names before it is read again. */
  readonly bytes: number;
  /** How many names a watcher told of since. */
  told: number;
  /** A watcher told of something that only a reading makes clear: perhaps a folder. */
  isDoubted: boolean;
};

type Watched = {
  readonly watcher: FSWatcher;
  /** It told of something once: not every file system does. */
  hasTold: boolean;
};

const idOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;
const stateOf = (facts: Stats): string => `${idOf(facts)}:${facts.mtimeMs}`;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @returns whether it is the name of a recording */
const addName = (names: NameTable, name: string): boolean => {
  const parsed = parseName(name);
  if (parsed !== undefined) names.add(name, keysOfStem(parsed.stem));
  return parsed !== undefined;
};

/** The same for a name that may be there already. */
const addNewName = (names: NameTable, name: string): boolean => {
  const parsed = parseName(name);
  if (parsed === undefined) return false;
  const keys = keysOfStem(parsed.stem);
  if (!names.has(name, keys)) names.add(name, keys);
  return true;
};

const isThere = (error: unknown): boolean => !["ENOENT", "ENOTDIR"].includes(errorCode(error));

class RememberedFolders implements Folders {
  readonly #clock: Clock;
  readonly #log: Log;
  /** In the order of use. */
  readonly #known = new Map<string, Known>();
  readonly #readings = new Map<string, Promise<Known | undefined>>();
  /** In the order of their beginning. */
  readonly #watched = new Map<string, Watched>();
  /** Names that watchers told of while their folder is read: the reading may have been before them. */
  readonly #arrived = new Map<string, string[]>();
  readonly #complained = new Set<string>();
  /** Of all that is known. */
  #bytes = 0;
  #isClosed = false;

  constructor({ clock, log }: FoldersOptions) {
    this.#clock = clock;
    this.#log = log;
  }

  async look(path: string): Promise<Folder | undefined> {
    const facts = await this.#factsOf(path);
    if (facts === undefined) {
      this.#forget(path);
      return undefined;
    }
    // Another folder has its name now: a watcher still tells of the one of before.
    if (this.#known.get(path)?.id !== idOf(facts)) this.#forget(path);
    const known = this.#known.get(path);
    if (known === undefined) return this.#read(path, facts);
    this.#known.delete(path);
    this.#known.set(path, known);
    const isFresh = known.state === stateOf(facts) && known.readAt - facts.mtimeMs >= SETTLED_MS;
    if (isFresh) return known;
    if (!this.#isFollowed(known, stateOf(facts))) return this.#read(path, facts);
    if (this.#clock.now() - known.readAt >= REST_MS) {
      void this.#read(path, facts).catch((error: unknown) => this.#complain(path, error));
    }
    return known;
  }

  bytes(): number {
    return this.#bytes;
  }

  close(): void {
    this.#isClosed = true;
    for (const path of [...this.#known.keys()]) this.#forget(path);
  }

  /** Whether what changed since the reading, if anything did, was told. */
  #isFollowed({ path, names, state, told, isDoubted }: Known, now: string): boolean {
    if (names.size >= MANY_NAMES) return true;
    const isTelling = this.#watched.get(path)?.hasTold === true;
    return isTelling && !isDoubted && (told > 0 || state === now);
  }

  #keep(known: Known): void {
    this.#known.set(known.path, known);
    this.#bytes += known.bytes;
  }

  #drop(path: string): void {
    this.#bytes -= this.#known.get(path)?.bytes ?? 0;
    this.#known.delete(path);
  }

  /** Sums are kept, since there are thousands of folders where a PBX makes one an hour. */
  #makeRoom(newest: string): void {
    for (const path of this.#known.keys()) {
      if (this.#bytes <= MAX_BYTES || path === newest) return;
      this.#forget(path);
    }
  }

  #complain(path: string, error: unknown): void {
    if (this.#complained.has(path)) return;
    this.#complained.add(path);
    this.#log.warn("cannot read a folder of recordings; pages show none of those in it", {
      folder: path,
      error,
    });
  }

  async #factsOf(path: string): Promise<Stats | undefined> {
    try {
      const facts = await stat(path);
      return facts.isDirectory() ? facts : undefined;
    } catch (error) {
      if (isThere(error)) this.#complain(path, error);
      return undefined;
    }
  }

  #forget(path: string): void {
    this.#drop(path);
    this.#unwatch(path);
  }

  /** Whoever asks while it is being read gets the same reading. */
  #read(path: string, facts: Stats): Promise<Known | undefined> {
    const reading = this.#readings.get(path);
    if (reading !== undefined) return reading;
    const begun = this.#list(path, facts).finally(() => {
      this.#readings.delete(path);
      this.#arrived.delete(path);
    });
    this.#readings.set(path, begun);
    this.#arrived.set(path, []);
    return begun;
  }

  async #list(path: string, facts: Stats): Promise<Known | undefined> {
    const readAt = this.#clock.now();
    const [names, folders] = [new NameTable(), [] as string[]];
    const before = this.#known.get(path);
    if (before !== undefined) before.isDoubted = false;
    // Watched before it is read: what comes meanwhile is told.
    if ((before?.names.size ?? 0) >= SOME_NAMES) this.#watch(path);
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (isThere(error)) this.#complain(path, error);
      this.#forget(path);
      return undefined;
    }
    for (let index = 0; index < entries.length; index++) {
      if (index % STEP === STEP - 1) await nextTurn();
      const entry = entries[index] as Dirent;
      if (entry.isDirectory()) folders.push(entry.name);
      else if (!addName(names, entry.name) && (await isUntoldFolder(path, entry))) {
        folders.push(entry.name);
      }
    }
    names.settle();
    for (const name of this.#arrived.get(path) ?? []) addNewName(names, name);
    const folderBytes = folders.reduce((sum, name) => sum + 2 * name.length + 40, FOLDER_BYTES);
    const known: Known = {
      path,
      names,
      folders,
      id: idOf(facts),
      state: stateOf(facts),
      readAt,
      namesRead: names.size,
      bytes: folderBytes + names.bytes,
      told: 0,
      isDoubted: before?.isDoubted ?? false,
    };
    if (this.#isClosed) return known;
    this.#complained.delete(path);
    this.#drop(path);
    this.#keep(known);
    if (names.size >= MANY_NAMES) this.#watch(path);
    this.#makeRoom(path);
    return known;
  }

  #unwatch(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }

  #watch(path: string): void {
    if (this.#watched.has(path) || this.#isClosed) return;
    try {
      const watcher = watch(path, (what, name) => {
        // `change`: somebody writes into a file, as a PBX does all day; the names are the same.
        if (what === "rename") this.#hear(path, name);
      });
      watcher.on("error", () => this.#unwatch(path));
      watcher.unref();
      this.#watched.set(path, { watcher, hasTold: false });
      const [longest] = this.#watched.keys();
      if (this.#watched.size > MAX_WATCHED && longest !== undefined) this.#unwatch(longest);
    } catch {
      // Where the system gives none, names come with the next reading.
    }
  }

  /** A watcher tells that a name is new or gone; null where it does not know which. */
  #hear(path: string, name: string | null): void {
    const watched = this.#watched.get(path);
    const known = this.#known.get(path);
    if (watched !== undefined) watched.hasTold = true;
    if (known === undefined) return;
    if (name === null || !addNewName(known.names, name)) {
      known.isDoubted = true;
      return;
    }
    known.told += 1;
    this.#arrived.get(path)?.push(name);
    // Nobody asks any more: it would only grow.
    if (known.names.size - known.namesRead > MAX_ADDED) this.#forget(path);
  }
}

/** Some file systems do not tell in a listing what a name is. */
const isUntoldFolder = async (path: string, entry: Dirent): Promise<boolean> => {
  if (entry.isFile() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket()) return false;
  if (entry.isCharacterDevice() || entry.isBlockDevice()) return false;
  try {
    return (await lstat(join(path, entry.name))).isDirectory();
  } catch {
    return false;
  }
};

/** Starts with nothing read. */
export const openFolders = (options: FoldersOptions): Folders => new RememberedFolders(options);
