// All indexes of a data folder: in memory for running days, in files for finished ones. Built in the background, one
// at a time, in slices; until an index exists its file is scanned. No answer depends on an index, so a failure is
// counted and not fatal.

import { statSync } from "node:fs";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { makeRoom } from "../../lib/make-room.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { replaceFileAsync } from "../../lib/replace-file.ts";
import { enterpriseFolder, indexName, RUNNING_NAME, temporaryIndexName } from "../format/files.ts";
import {
  MAX_LINE_BYTES,
  MAX_REMEMBERED_INDEX_BYTES,
  MAX_RUNNING_INDEX_BYTES,
  MIN_INDEXED_BYTES,
} from "../limits.ts";
import { factsOf, openIfThere, sourceOf } from "../read/open-files.ts";
import type { ByteSource } from "../read/reverse-lines.ts";
import { newFileMode } from "../write/modes.ts";
import { type FileFacts, isSameFile, isUnchanged } from "../write/trace-fs.ts";
import {
  encodeIndex,
  indexedOffsets,
  mayHold,
  type OpenIndex,
  openIndex,
  proofOf,
} from "./index-file.ts";
import { MAX_INDEXED_BYTES } from "./index-table.ts";
import {
  type BlockIndexer,
  createRunningIndex,
  lineIndexer,
  type RunningIndex,
} from "./running-index.ts";

/** The pause between slices while an index is made in the background, in milliseconds: others get the machine. */
const REST_MS = 2;
/** Up to this much is read on while somebody waits; more is scanned, and read on in the background. */
const PROMPT_BYTES = 128 * 1024;

type Running = { readonly facts: FileFacts; readonly index: RunningIndex };
type Remembered = {
  readonly facts: FileFacts;
  readonly indexFacts: FileFacts;
  readonly index: OpenIndex;
};

/** An index to be made; `own` is what is known of the file already: it was the running one, or somebody else has read it. */
type Order = {
  readonly enterprise: string;
  readonly name: string;
  readonly own: Running | undefined;
  /** All of it was read by others: only the index is to be written. */
  readonly isRead: boolean;
};

/** Files that others began to read and whose rest may come later. */
const MAX_BEGUN = 4;

/** Takes the lines of a file from somebody who reads all of it, so that it is not read once more for its index. */
export type FileFeed = {
  /** What takes the block at an offset; undefined where its lines are not wanted. */
  readonly blockAt: (at: number) => BlockIndexer | undefined;
  /** No more blocks will come. */
  readonly end: () => void;
};

export type Indexes = {
  /** Whether a finished file certainly holds no key with one of the hashes: it need not be opened. */
  readonly isAbsentFrom: (enterprise: string, name: string, hashes: readonly number[]) => boolean;
  /**
   * The offsets of lines in a finished file that may bear a key with one of the hashes, ascending; undefined where
   * there is no index to believe: the file is to be scanned.
   */
  readonly inFinished: (
    enterprise: string,
    name: string,
    data: fsp.FileHandle,
    hashes: readonly number[],
  ) => Promise<number[] | undefined>;
  /** The same for the running file, and up to which offset that holds: the rest is to be scanned. */
  readonly inRunning: (
    enterprise: string,
    data: ByteSource,
    facts: FileFacts,
    hashes: readonly number[],
  ) => Promise<{ readonly offsets: number[]; readonly to: number }>;
  /** What takes the lines of an open file; undefined where it has an index, or is not to have one. */
  readonly feedOf: (
    enterprise: string,
    file: { readonly name: string; readonly isRunning: boolean },
    data: fsp.FileHandle,
  ) => Promise<FileFeed | undefined>;
  /** While the work goes on, days are read by others: their indexes come of that, and are not made by reading them here. */
  readonly whileOthersRead: <T>(work: () => Promise<T>) => Promise<T>;
  /** The running file has grown to `size`. */
  readonly onWritten: (enterprise: string, size: number) => void;
  /** The running file was finished under this name. */
  readonly onFinished: (enterprise: string, name: string) => void;
  /** Resolves when no index is being made. */
  readonly idle: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const ascending = (offsets: readonly number[]): number[] =>
  [...new Set(offsets)].sort((a, b) => a - b);

export type IndexOptions = {
  readonly isReadOnly?: boolean;
  readonly minBytes?: number;
  readonly onFault?: (error: unknown) => void;
};

class FileIndexes implements Indexes {
  readonly #dir: string;
  readonly #isReadOnly: boolean;
  readonly #minBytes: number;
  readonly #onFault: (error: unknown) => void;
  /** In the order of use, the least recently used first. */
  readonly #running = new Map<string, Running>();
  readonly #remembered = new LRUCache<string, Remembered>({
    maxSize: MAX_REMEMBERED_INDEX_BYTES,
    sizeCalculation: ({ index: { starts, filter } }) => starts.byteLength + filter.byteLength,
  });
  /** Files for which making an index failed, as they were then: not tried again. */
  readonly #hopeless = new Map<string, FileFacts>();
  readonly #queue = new Map<string, Order>();
  /** By path: finished files that others read. */
  readonly #begun = new LRUCache<string, Running>({ max: MAX_BEGUN });
  #othersReading = 0;
  readonly #underWay = new Set<Promise<void>>();
  #isMaking = false;
  #isClosed = false;

  constructor(
    dir: string,
    {
      isReadOnly = false,
      minBytes = MIN_INDEXED_BYTES,
      onFault = () => undefined,
    }: IndexOptions = {},
  ) {
    this.#dir = dir;
    this.#isReadOnly = isReadOnly;
    this.#minBytes = minBytes;
    this.#onFault = onFault;
  }

  onFinished(enterprise: string, name: string): void {
    this.#order({ enterprise, name, own: this.#running.get(enterprise), isRead: false });
  }

  async feedOf(
    enterprise: string,
    { name, isRunning }: { readonly name: string; readonly isRunning: boolean },
    data: fsp.FileHandle,
  ): Promise<FileFeed | undefined> {
    const facts = factsOf(data);
    if (this.#isClosed || this.#isReadOnly || !this.#isWorthIt(facts)) return undefined;
    if (isRunning) {
      const { blockAt } = this.#runningFor(enterprise, facts);
      return { blockAt, end: () => undefined };
    }
    const folder = enterpriseFolder(this.#dir, enterprise);
    const path = join(folder, name);
    if (await this.#hasIndex(join(folder, indexName(name)), data, facts)) return undefined;
    const known = this.#begun.get(path) ?? this.#queue.get(path)?.own;
    const begun =
      known !== undefined && isSameFile(known.facts, facts)
        ? known
        : { facts, index: createRunningIndex() };
    this.#begun.set(path, begun);
    return {
      blockAt: begun.index.blockAt,
      end: () => {
        // A last line without a break is left to whoever writes the index.
        if (facts.size - begun.index.indexedTo() > MAX_LINE_BYTES) return;
        this.#begun.delete(path);
        this.#order({ enterprise, name, own: begun, isRead: true });
      },
    };
  }

  async whileOthersRead<T>(work: () => Promise<T>): Promise<T> {
    this.#othersReading += 1;
    try {
      return await work();
    } finally {
      this.#othersReading -= 1;
      this.#makeOrdered();
    }
  }

  isAbsentFrom(enterprise: string, name: string, hashes: readonly number[]): boolean {
    const folder = enterpriseFolder(this.#dir, enterprise);
    const indexPath = join(folder, indexName(name));
    const known = this.#remembered.peek(indexPath);
    if (known === undefined || hashes.some((hash) => mayHold(known.index, hash))) return false;
    // Answered from the kernel's memory: a few microseconds, against a dozen times that off this thread.
    const facts = statSync(join(folder, name), { throwIfNoEntry: false });
    const indexFacts = statSync(indexPath, { throwIfNoEntry: false });
    return (
      facts !== undefined &&
      indexFacts !== undefined &&
      isUnchanged(known.facts, facts) &&
      isUnchanged(known.indexFacts, indexFacts)
    );
  }

  async inFinished(
    enterprise: string,
    name: string,
    data: fsp.FileHandle,
    hashes: readonly number[],
  ): Promise<number[] | undefined> {
    const facts = factsOf(data);
    if (!this.#isWorthIt(facts)) return undefined;
    const folder = enterpriseFolder(this.#dir, enterprise);
    const path = join(folder, name);
    const indexPath = join(folder, indexName(name));
    const handle = await openIfThere(indexPath);
    try {
      const index =
        handle === undefined ? undefined : await this.#believed(indexPath, handle, data, facts);
      if (handle !== undefined && index !== undefined) {
        const perHash = await Promise.all(
          hashes.map((hash) => indexedOffsets(handle, index, hash)),
        );
        if (perHash.every((offsets) => offsets !== undefined)) return ascending(perHash.flat());
        if (!this.#isReadOnly) await fsp.rm(indexPath, { force: true });
      }
      const failed = this.#hopeless.get(path);
      if (failed === undefined || !isUnchanged(failed, facts)) this.onFinished(enterprise, name);
      return undefined;
    } finally {
      await handle?.close();
    }
  }

  async inRunning(
    enterprise: string,
    data: ByteSource,
    facts: FileFacts,
    hashes: readonly number[],
  ): Promise<{ offsets: number[]; to: number }> {
    if (this.#isReadOnly || !this.#isWorthIt(facts)) return { offsets: [], to: 0 };
    const index = this.#runningFor(enterprise, facts);
    const entry = this.#running.get(enterprise);
    if (!index.isFollowing()) {
      // Short of that it also makes sure that the file has not been cut and filled anew.
      await index.follow(data, Math.min(facts.size, index.indexedTo() + PROMPT_BYTES));
    }
    if (
      entry !== undefined &&
      facts.size - index.indexedTo() > PROMPT_BYTES &&
      this.#othersReading === 0 &&
      !index.isFollowing()
    ) {
      this.#track(this.#followInBackground(enterprise, entry));
    }
    const to = Math.min(index.indexedTo(), facts.size);
    const offsets = hashes
      .flatMap((hash) => index.table().offsetsOf(hash))
      .filter((offset) => offset < to);
    return { offsets: ascending(offsets), to };
  }

  onWritten(enterprise: string, size: number): void {
    const entry = this.#running.get(enterprise);
    if (entry === undefined || this.#isClosed || entry.index.isFollowing()) return;
    if (size - entry.index.indexedTo() > PROMPT_BYTES / 2)
      this.#track(this.#followInBackground(enterprise, entry));
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.idle();
    this.#running.clear();
  }

  #order(order: Order): void {
    if (this.#isClosed || this.#isReadOnly) return;
    const path = join(this.#dir, order.enterprise, order.name);
    // What others have read is not lost to a search that asks for the same index.
    if (this.#queue.get(path)?.isRead !== true) this.#queue.set(path, order);
    this.#makeOrdered();
  }

  #makeOrdered(): void {
    if (!this.#isMaking && this.#next() !== undefined) this.#track(this.#makeNext());
  }

  /** The path of the index to be made next. */
  #next(): string | undefined {
    if (this.#isClosed) return undefined;
    for (const [path, { isRead }] of this.#queue)
      if (isRead || this.#othersReading === 0) return path;
    return undefined;
  }

  async #hasIndex(path: string, data: fsp.FileHandle, facts: FileFacts): Promise<boolean> {
    const handle = await openIfThere(path);
    if (handle === undefined) return false;
    try {
      return (await this.#believed(path, handle, data, facts)) !== undefined;
    } finally {
      await handle.close();
    }
  }

  #isWorthIt({ size }: FileFacts): boolean {
    return size >= this.#minBytes && size <= MAX_INDEXED_BYTES;
  }

  #track(work: Promise<void>): void {
    const quiet = work.catch(this.#onFault);
    this.#underWay.add(quiet);
    void quiet.finally(() => this.#underWay.delete(quiet));
  }

  #runningFor(enterprise: string, facts: FileFacts): RunningIndex {
    const known = this.#running.get(enterprise);
    this.#running.delete(enterprise);
    const entry =
      known !== undefined && isSameFile(known.facts, facts)
        ? known
        : { facts, index: createRunningIndex() };
    this.#running.set(enterprise, entry);
    makeRoom(this.#running, {
      most: MAX_RUNNING_INDEX_BYTES,
      newest: enterprise,
      bytesOf: ({ index }) => index.table().bytes(),
    });
    return entry.index;
  }

  async #writeIndex(folder: string, name: string, bytes: Buffer): Promise<void> {
    const path = join(folder, indexName(name));
    await replaceFileAsync(path, [bytes], {
      aside: join(folder, temporaryIndexName(name, process.pid)),
      mode: newFileMode(path),
      isDurable: true,
    });
  }

  async #make({ enterprise, name, own }: Order): Promise<void> {
    const folder = enterpriseFolder(this.#dir, enterprise);
    const data = await openIfThere(join(folder, name));
    if (data === undefined) return;
    try {
      const facts = factsOf(data);
      if (!this.#isWorthIt(facts)) return;
      // What was the running file a moment ago is indexed already.
      const index =
        own !== undefined && isSameFile(own.facts, facts) ? own.index : createRunningIndex();
      while (index.indexedTo() < facts.size && !this.#isClosed) {
        const before = index.indexedTo();
        await index.follow(sourceOf(data), facts.size, REST_MS, () => !this.#isClosed);
        if (index.indexedTo() === before && !index.isFollowing()) break;
      }
      if (this.#isClosed) return;
      // Taken at once: a search that is still under way may find the file cut and begin a new table.
      const table = index.table();
      const indexedTo = index.indexedTo();
      const rest = Buffer.alloc(facts.size - indexedTo);
      const { bytesRead } = await data.read(rest, 0, rest.length, indexedTo);
      if (bytesRead !== rest.length || rest.includes(NEWLINE)) return;
      // The last line has no break; in a finished file it is a line all the same.
      lineIndexer(table)(rest, 0, rest.length, indexedTo);
      try {
        const bytes = await encodeIndex(table, facts, await proofOf(data, facts.size));
        if (!isUnchanged(factsOf(data), facts)) return;
        await this.#writeIndex(folder, name, bytes);
      } catch (cause) {
        this.#hopeless.set(join(folder, name), facts);
        throw cause;
      }
      if (own !== undefined && this.#running.get(enterprise) === own && index === own.index)
        this.#running.delete(enterprise);
    } finally {
      await data.close();
    }
  }

  async #makeNext(): Promise<void> {
    this.#isMaking = true;
    try {
      for (let path = this.#next(); path !== undefined; path = this.#next()) {
        const order = this.#queue.get(path);
        this.#queue.delete(path);
        if (order !== undefined) await this.#make(order).catch(this.#onFault);
      }
    } finally {
      this.#isMaking = false;
    }
  }

  /** The index of a file if it is there and belongs to it as it is now. */
  async #believed(
    path: string,
    handle: fsp.FileHandle,
    data: fsp.FileHandle,
    facts: FileFacts,
  ): Promise<OpenIndex | undefined> {
    const indexFacts = factsOf(handle);
    const known = this.#remembered.get(path);
    if (
      known !== undefined &&
      isUnchanged(known.facts, facts) &&
      isUnchanged(known.indexFacts, indexFacts)
    ) {
      return known.index;
    }
    const index = await openIndex(handle, data, facts);
    if (index !== undefined) this.#remembered.set(path, { facts, indexFacts, index });
    return index;
  }

  async #followInBackground(enterprise: string, entry: Running): Promise<void> {
    const data = await openIfThere(join(enterpriseFolder(this.#dir, enterprise), RUNNING_NAME));
    if (data === undefined) return;
    try {
      const facts = factsOf(data);
      if (!isSameFile(facts, entry.facts) || facts.size > MAX_INDEXED_BYTES) return;
      const isWanted = (): boolean => !this.#isClosed && this.#running.get(enterprise) === entry;
      await entry.index.follow(sourceOf(data), facts.size, REST_MS, isWanted);
    } finally {
      await data.close();
    }
  }
}

/**
 * The indexes of a data folder. Whoever creates them closes them.
 *
 * @param minBytes files smaller than this are scanned.
 * @param onFault an index could not be made: its file is scanned. For figures and the log; must not throw.
 * @param isReadOnly uses what is there and makes nothing: for a command that looks in once. Needs no closing.
 */
export const createIndexes = (dir: string, options1: IndexOptions = {}): Indexes =>
  new FileIndexes(dir, options1);
