// Follows the running files like tail -F, whichever process writes: whole lines, in file order, each once. One watcher
// a folder for all followers, and a slow poll for changes that a watcher missed. Holds no file open. Where lines may
// have been missed, it says so.

import { type FSWatcher, type Stats, watch } from "node:fs";
import { join } from "node:path";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import type { StoredRecord } from "../../domain/record.ts";
import { bareLine, decodeLine } from "../format/codec.ts";
import { finishedNames, RUNNING_NAME } from "../format/files.ts";
import { blocksForwards } from "./forward-lines.ts";
import { listFolder, openIfThere, sourceOf } from "./open-files.ts";

/** A place in an enterprise's trace; valid on this machine only, until the file is removed. */
export type Position = {
  /** The file, whatever its name. */
  readonly dev: number;
  readonly ino: number;
  /** When it was made: a number is given again when its file is gone. */
  readonly bornMs: number;
  /** Bytes of it that lie before the place. */
  readonly offset: number;
};

export type FollowedLine = {
  /** Without its line break. */
  readonly raw: string;
  /** Decodes the line; undefined where it is no record. */
  record(): StoredRecord | undefined;
};

export type FollowedLines = {
  readonly enterprise: string;
  readonly lines: readonly FollowedLine[];
  /** Behind the last of the lines. */
  readonly position: Position;
  /** Lines before these may have been missed: a file was removed or merged before it was read to its end. */
  readonly isGap: boolean;
};

export type FollowOptions = {
  /** Where to begin; default: with what is appended from now on. */
  readonly from?: Position;
  /** Called in the order of the lines; must not throw. */
  readonly onLines: (batch: FollowedLines) => void;
};

export type Follower = {
  /** Follows one enterprise. Resolves when nothing appended from now on can be missed. @returns how to stop. */
  follow(enterprise: string, options: FollowOptions): Promise<() => void>;
  /** Follows every enterprise of the folder, those that appear later from their first line on. */
  followAll(onLines: FollowOptions["onLines"]): Promise<() => void>;
  close(): Promise<void>;
};

/** After one read of a file the next waits this long: many lines then cost one read. In milliseconds. */
const GATHER_MS = 10;
/** How often files are looked at without a notice of the watcher, in milliseconds. */
const POLL_MS = 1000;

const lineOf = (text: string): FollowedLine => {
  const raw = text.endsWith("\r") || text.startsWith("\ufeff") ? bareLine(text) : text;
  return {
    raw,
    record: () => {
      const decoded = decodeLine(raw);
      return decoded.ok ? { ...decoded.value, raw } : undefined;
    },
  };
};

/** The end of a file. */
const placeOf = (facts: Stats): Position => ({
  dev: facts.dev,
  ino: facts.ino,
  bornMs: facts.birthtimeMs,
  offset: facts.size,
});

const isSamePlace = (a: Position, b: Position): boolean =>
  a.ino === b.ino && a.dev === b.dev && a.bornMs === b.bornMs;

type OnBatch = (lines: FollowedLine[], position: Position, isGap: boolean) => void;

/** The lines of an open file from a place on; answers the place behind its last whole line. */
const readOn = async (
  handle: Exclude<Awaited<ReturnType<typeof openIfThere>>, undefined>,
  from: number,
  isGap: boolean,
  onBatch: OnBatch,
): Promise<Position> => {
  const { offset: size, ...file } = placeOf(await handle.stat());
  let offset = Math.min(from, size);
  let gap = isGap || from > size;
  for await (const block of blocksForwards(sourceOf(handle), offset, size)) {
    // Decoded as one text: line by line it would cost several times as much.
    const texts = block.isOverlong ? [] : block.bytes.toString("utf8").split("\n");
    const lines = texts.filter((text) => text !== "").map(lineOf);
    offset = block.at + block.bytes.length;
    onBatch(lines, { ...file, offset }, gap);
    gap = false;
  }
  if (gap) onBatch([], { ...file, offset }, true);
  return { ...file, offset };
};

/** Everything appended since `from`, through a rotation in between; answers the new place. */
const readSince = async (
  folder: string,
  from: Position | undefined,
  onBatch: OnBatch,
): Promise<Position | undefined> => {
  const handle = await openIfThere(join(folder, RUNNING_NAME));
  try {
    const running = handle === undefined ? undefined : placeOf(await handle.stat());
    if (from === undefined || (running !== undefined && isSamePlace(running, from))) {
      return handle === undefined ? from : await readOn(handle, from?.offset ?? 0, false, onBatch);
    }
    // The day was finished, perhaps several were: what is left of them first.
    let reached: Position | undefined;
    for (const name of finishedNames(await listFolder(folder))) {
      const finished = await openIfThere(join(folder, name));
      if (finished === undefined) continue;
      try {
        const place = placeOf(await finished.stat());
        if (running !== undefined && isSamePlace(place, running)) break;
        if (reached === undefined && !isSamePlace(place, from)) continue;
        reached = await readOn(finished, reached === undefined ? from.offset : 0, false, onBatch);
      } finally {
        await finished.close();
      }
    }
    const isGap = reached === undefined;
    // Until the next day begins, the place is the end of the last finished one.
    return handle === undefined ? reached : await readOn(handle, 0, isGap, onBatch);
  } finally {
    await handle?.close();
  }
};

/** Somebody who follows a file, and how far they have come. */
type Reader = { position: Position | undefined; readonly onLines: FollowOptions["onLines"] };

/** One enterprise's file, with those who follow it. */
type FollowedFile = {
  readonly enterprise: string;
  readonly folder: string;
  readonly readers: Set<Reader>;
  watcher: FSWatcher | undefined;
  reading: Promise<void> | undefined;
  isAskedAgain: boolean;
};

/** A watcher only makes it faster: where the system gives none, the periodic look finds the lines. */
const tryWatch = (path: string, onEvent: (name: string | null) => void): FSWatcher | undefined => {
  try {
    const watcher = watch(path, (_, name) => onEvent(name));
    watcher.on("error", () => watcher.close());
    watcher.unref();
    return watcher;
  } catch {
    return undefined;
  }
};

const endOf = async (folder: string): Promise<Position | undefined> => {
  const handle = await openIfThere(join(folder, RUNNING_NAME));
  try {
    return handle === undefined ? undefined : placeOf(await handle.stat());
  } finally {
    await handle?.close();
  }
};

class FileFollower implements Follower {
  readonly #dir: string;
  readonly #onFault: (message: string) => void;
  readonly #tails = new Map<string, FollowedFile>();
  readonly #forAll = new Set<FollowOptions["onLines"]>();
  #folderWatcher: FSWatcher | undefined;
  #poll: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(dir: string, onFault: (message: string) => void = () => undefined) {
    this.#dir = dir;
    this.#onFault = onFault;
  }

  async follow(enterprise: string, { from, onLines }: FollowOptions): Promise<() => void> {
    this.#start();
    const tail = this.#tailOf(enterprise);
    const reader: Reader = { position: from ?? (await endOf(tail.folder)), onLines };
    // Meanwhile it may have been dropped for want of readers.
    const current = this.#tailOf(enterprise);
    current.readers.add(reader);
    this.#look(current);
    return () => {
      current.readers.delete(reader);
      this.#dropUnused();
    };
  }

  async followAll(onLines: (batch: FollowedLines) => void): Promise<() => void> {
    const names = (await listFolder(this.#dir)).filter(isEnterpriseNumber);
    const ends = await Promise.all(names.map((name) => endOf(join(this.#dir, name))));
    for (const [index, name] of names.entries()) {
      this.#tailOf(name).readers.add({ position: ends[index], onLines });
    }
    this.#forAll.add(onLines);
    this.#start();
    return () => {
      this.#forAll.delete(onLines);
      for (const { readers } of this.#tails.values()) {
        for (const reader of readers) if (reader.onLines === onLines) readers.delete(reader);
      }
      this.#dropUnused();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const underWay = [...this.#tails.values()].map(({ reading }) => reading);
    this.#forAll.clear();
    for (const { readers } of this.#tails.values()) readers.clear();
    this.#dropUnused();
    await Promise.all(underWay);
  }

  /** Those who have come equally far share one read. */
  async #readTail(tail: FollowedFile): Promise<void> {
    const keyOf = ({ position: at }: Reader): string => `${at?.dev} ${at?.ino} ${at?.offset}`;
    for (const readers of Map.groupBy(tail.readers, keyOf).values()) {
      const from = readers[0]?.position;
      const place = await readSince(tail.folder, from, (lines, position, isGap) => {
        for (const reader of readers) {
          reader.position = position;
          if (!tail.readers.has(reader)) continue;
          reader.onLines({ enterprise: tail.enterprise, lines, position, isGap });
        }
      });
      for (const reader of readers) reader.position = place;
    }
  }

  #look(tail: FollowedFile): void {
    if (this.#isClosed) return;
    if (tail.reading !== undefined) {
      tail.isAskedAgain = true;
      return;
    }
    tail.reading = this.#readTail(tail)
      .catch((cause: unknown) =>
        this.#onFault(`cannot follow ${tail.enterprise}: ${String(cause)}`),
      )
      .then(() => new Promise<void>((resolve) => setTimeout(resolve, GATHER_MS)))
      .then(() => {
        tail.reading = undefined;
        if (!tail.isAskedAgain) return;
        tail.isAskedAgain = false;
        this.#look(tail);
      });
  }

  #watchTail(tail: FollowedFile): void {
    tail.watcher?.close();
    tail.watcher = tryWatch(tail.folder, (name) => {
      if (name === RUNNING_NAME) this.#look(tail);
    });
  }

  #tailOf(enterprise: string): FollowedFile {
    const known = this.#tails.get(enterprise);
    if (known !== undefined) return known;
    const tail: FollowedFile = {
      enterprise,
      folder: join(this.#dir, enterprise),
      readers: new Set(),
      watcher: undefined,
      reading: undefined,
      isAskedAgain: false,
    };
    this.#tails.set(enterprise, tail);
    this.#watchTail(tail);
    return tail;
  }

  /** Folders that appeared are read from their first line. */
  async #lookForFolders(): Promise<void> {
    if (this.#forAll.size === 0) return;
    for (const name of await listFolder(this.#dir)) {
      if (!isEnterpriseNumber(name) || this.#isClosed) continue;
      const tail = this.#tailOf(name);
      const followed = new Set([...tail.readers].map(({ onLines }) => onLines));
      for (const onLines of this.#forAll) {
        if (!followed.has(onLines)) tail.readers.add({ position: undefined, onLines });
      }
      this.#look(tail);
    }
  }

  #onFolder(name: string | null): void {
    if (this.#isClosed) return;
    const tail = name === null ? undefined : this.#tails.get(name);
    if (tail === undefined) {
      this.#lookForFolders().catch((cause: unknown) =>
        this.#onFault(`cannot follow ${this.#dir}: ${String(cause)}`),
      );
      return;
    }
    // Removed and made again, perhaps: the old watcher looks at what is gone.
    this.#watchTail(tail);
    this.#look(tail);
  }

  #start(): void {
    if (this.#poll !== undefined || this.#isClosed) return;
    this.#folderWatcher = tryWatch(this.#dir, (name) => this.#onFolder(name));
    this.#poll = setInterval(() => {
      this.#folderWatcher ??= tryWatch(this.#dir, (name) => this.#onFolder(name));
      this.#onFolder(null);
      for (const tail of this.#tails.values()) {
        if (tail.watcher === undefined) this.#watchTail(tail);
        this.#look(tail);
      }
    }, POLL_MS);
    this.#poll.unref();
  }

  #dropUnused(): void {
    for (const [enterprise, tail] of this.#tails) {
      if (tail.readers.size > 0) continue;
      tail.watcher?.close();
      this.#tails.delete(enterprise);
    }
    if (this.#tails.size > 0 || this.#forAll.size > 0) return;
    this.#folderWatcher?.close();
    this.#folderWatcher = undefined;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }
}

/** Follows the files of a data folder. The caller must close it. @param onFault told of files that cannot be read. */
export const openFollower = (
  dir: string,
  onFault: (message: string) => void = () => undefined,
): Follower => new FileFollower(dir, onFault);
