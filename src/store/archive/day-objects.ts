// Reads archived days in parts: the head of an index, a bucket of keys, frames, the table of calls. Everything that comes
// is checked before it is used, and what does not fit is read once more, in case the day was just put anew. Keeps heads
// and tables on the disk, and what is in use in memory, each bounded in bytes.

import { LRUCache } from "lru-cache";
import { mapAtMost } from "../../lib/at-most.ts";
import { type SideFile, sideFrom } from "../index/side-file.ts";
import { createPacer } from "../read/turns.ts";
import {
  bucketFor,
  type DayHead,
  decodeBucket,
  decodeDayHead,
  headBytesOf,
  type TableStretch,
} from "./day-index.ts";
import type { DiskCache } from "./disk-cache.ts";
import { decompress, hashOf } from "./frames.ts";
import type { KeyPlaces } from "./key-places.ts";
import type { Ledger } from "./ledger.ts";
import { keysOfLine, linesOf } from "./line-keys.ts";
import { indexKey, partKey, tableKey } from "./object-names.ts";
import { ArchiveError, type ObjectStore } from "./object-store.ts";

export type DayName = { readonly enterprise: string; readonly name: string };

/** The head of a day with what came in the same read. */
export type OpenHead = DayName & { readonly head: DayHead; readonly prefix: Uint8Array };

/** The lines of a frame. */
export type FrameLines = {
  /** Offset of the frame in the day's file. */
  readonly at: number;
  readonly bytes: Buffer;
  /** The keys of each line; made when they are asked for. */
  keys: readonly (readonly string[])[] | undefined;
};

/** What is read at the head of an index: the whole head of a day of 200 MB. */
const HEAD_GUESS_BYTES = 32 * 1024;
const MAX_HEADS_BYTES = 8 * 1024 * 1024;
const MAX_FRAMES_BYTES = 24 * 1024 * 1024;
const MAX_BUCKETS = 2000;
/** Requests for one day at the same time. */
const PARALLEL_READS = 16;
/** Frames one behind another are read with one request up to this, in bytes. */
const MAX_RUN_BYTES = 512 * 1024;
/** A day that is not in the archive is not asked for again so soon, in milliseconds. */
const ABSENT_MS = 60_000;

const dayKey = ({ enterprise, name }: DayName): string => `${enterprise}/${name}`;
const damaged = (store: ObjectStore, key: string): ArchiveError =>
  new ArchiveError(
    "damaged",
    `cannot use ${store.name}/${key}: it is not what was put there; calllog archive verify says more`,
  );

type Located = { readonly part: number; readonly at: number; readonly rawAt: number };

/** Where each frame of a day lies. */
const locate = ({ frames, facts: { framesInPart } }: DayHead): Located[] => {
  const located: Located[] = [];
  let rawAt = 0;
  let frame = 0;
  for (const [part, count] of framesInPart.entries()) {
    let at = 0;
    for (let left = count; left > 0; left -= 1) {
      located.push({ part, at, rawAt });
      at += frames[frame]?.packedBytes ?? 0;
      rawAt += frames[frame]?.rawBytes ?? 0;
      frame += 1;
    }
  }
  return located;
};

export class DayObjects {
  readonly #store: ObjectStore;
  readonly #cache: DiskCache;
  readonly #ledger: Ledger;
  readonly #heads = new LRUCache<string, OpenHead>({
    maxSize: MAX_HEADS_BYTES,
    sizeCalculation: ({ head, prefix }) => prefix.length + head.frames.length * 100 + 1000,
  });
  readonly #opening = new Map<string, Promise<OpenHead | undefined>>();
  readonly #absent = new LRUCache<string, true>({ max: 5000, ttl: ABSENT_MS });
  readonly #buckets = new LRUCache<string, readonly KeyPlaces[]>({ max: MAX_BUCKETS });
  readonly #frames = new LRUCache<string, FrameLines>({
    maxSize: MAX_FRAMES_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length + 1,
  });
  readonly #located = new WeakMap<DayHead, readonly Located[]>();

  constructor(store: ObjectStore, cache: DiskCache, ledger: Ledger) {
    this.#store = store;
    this.#cache = cache;
    this.#ledger = ledger;
  }

  /**
   * The head of a day; undefined where the archive does not have it.
   *
   * @throws ArchiveError where it cannot be read, or is gone though it was put there
   */
  async head(day: DayName): Promise<OpenHead | undefined> {
    const key = dayKey(day);
    const said = this.#ledger.days(day.enterprise).get(day.name);
    const known = this.#heads.get(key);
    if (known !== undefined && (said === undefined || said.head === known.head.hash)) return known;
    if (said === undefined && this.#absent.has(key)) return undefined;
    let opening = this.#opening.get(key);
    if (opening === undefined) {
      opening = this.#open(day, said?.head).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return await opening;
  }

  /** Forgets what is known of a day: it did not fit what came. */
  async forget(day: DayName): Promise<void> {
    const key = dayKey(day);
    this.#heads.delete(key);
    this.#absent.delete(key);
    for (const kind of ["head", "front", "last"]) await this.#cache.remove(`${key}.${kind}`);
  }

  /** Where keys of those hashes stand; those that do not are left out. */
  async places(open: OpenHead, hashes: readonly number[]): Promise<KeyPlaces[]> {
    const buckets = [...new Set(hashes.map((hash) => bucketFor(open.head, hash)))];
    const wanted = new Set(hashes);
    const read = await mapAtMost(PARALLEL_READS, buckets, (bucket) => this.#bucket(open, bucket));
    return read.flatMap((places) => places.filter(({ hash }) => wanted.has(hash)));
  }

  /** The frames of those numbers, in their order. */
  async frames(open: OpenHead, numbers: readonly number[]): Promise<FrameLines[]> {
    const inOrder = [...new Set(numbers)].sort((a, b) => a - b);
    const nameOf = (number: number): string => `${dayKey(open)} ${open.head.hash} ${number}`;
    const found = new Map<number, FrameLines>();
    const missing = inOrder.filter((number) => {
      const known = this.#frames.get(nameOf(number));
      if (known !== undefined) found.set(number, known);
      return known === undefined;
    });
    await mapAtMost(PARALLEL_READS, this.#runsOf(open, missing), async (run) => {
      for (const [number, lines] of await this.#readRun(open, run)) {
        found.set(number, lines);
        this.#frames.set(nameOf(number), lines);
      }
    });
    return inOrder.flatMap((number) => found.get(number) ?? []);
  }

  /** The keys of each line of a frame. */
  async keysOf(frame: FrameLines): Promise<readonly (readonly string[])[]> {
    if (frame.keys !== undefined) return frame.keys;
    const keys: string[][] = [];
    const pacer = createPacer();
    for (const { start, end } of linesOf(frame.bytes)) {
      keys.push(keysOfLine(frame.bytes.toString("utf8", start, end)));
      await pacer.pause();
    }
    frame.keys = keys;
    return keys;
  }

  /** The day's calls; undefined where the day has no table, or is not in the archive. */
  async table(day: DayName): Promise<SideFile | undefined> {
    return this.again(day, async () => {
      const open = await this.head(day);
      const table = open?.head.facts.table;
      if (open === undefined || !table) return undefined;
      const front = await this.#stretch(open, "front", table.front);
      const readLast = async (): Promise<Buffer | undefined> =>
        Buffer.from(await this.again(day, () => this.#stretch(open, "last", table.last)));
      return sideFrom({ metaLength: table.metaLength, front }, readLast, open.head.facts.bytes);
    });
  }

  /** Reads something of a day, and once more where it does not fit: the day may have been put anew in between. */
  async again<T>(day: DayName, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== "damaged") throw error;
      await this.forget(day);
      return await read();
    }
  }

  async #open(day: DayName, expected: string | undefined): Promise<OpenHead | undefined> {
    const key = dayKey(day);
    const kept = await this.#cache.get(`${key}.head`);
    const known = kept === undefined ? undefined : decodeDayHead(kept, day.enterprise, day.name);
    if (kept !== undefined && known !== undefined && (expected ?? known.hash) === known.hash)
      return this.#remember({ ...day, head: known, prefix: kept });
    const index = indexKey(day.enterprise, day.name);
    let bytes = await this.#store.get(index, { from: 0, to: HEAD_GUESS_BYTES });
    if (bytes === undefined) {
      if (expected !== undefined)
        throw new ArchiveError(
          "missing",
          `cannot read ${this.#store.name}/${index}: it is gone; calllog archive verify says what else is`,
        );
      this.#absent.set(key, true);
      return undefined;
    }
    const length = headBytesOf(bytes) ?? 0;
    if (length > bytes.length && bytes.length === HEAD_GUESS_BYTES) {
      const rest = await this.#store.get(index, { from: HEAD_GUESS_BYTES, to: length });
      bytes = Buffer.concat([bytes, rest ?? new Uint8Array()]);
    }
    const head = decodeDayHead(bytes, day.enterprise, day.name);
    if (head === undefined) throw damaged(this.#store, index);
    await this.#cache.put(`${key}.head`, bytes);
    return this.#remember({ ...day, head, prefix: bytes });
  }

  #remember(open: OpenHead): OpenHead {
    this.#heads.set(dayKey(open), open);
    return open;
  }

  async #bucket(open: OpenHead, bucket: number): Promise<readonly KeyPlaces[]> {
    const name = `${dayKey(open)} ${open.head.hash} ${bucket}`;
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const facts = open.head.buckets[bucket];
    if (facts === undefined || facts.bytes === 0) return [];
    const { at, bytes: length } = facts;
    const index = indexKey(open.enterprise, open.name);
    const bytes =
      at + length <= open.prefix.length
        ? open.prefix.subarray(at, at + length)
        : await this.#store.get(index, { from: at, to: at + length });
    const places = bytes === undefined ? undefined : decodeBucket(open.head, bucket, bytes);
    if (places === undefined) throw damaged(this.#store, index);
    this.#buckets.set(name, places);
    return places;
  }

  #locatedIn(head: DayHead): readonly Located[] {
    const known = this.#located.get(head);
    if (known !== undefined) return known;
    const located = locate(head);
    this.#located.set(head, located);
    return located;
  }

  /** Frames that lie one behind another, as they are read together. */
  #runsOf({ head }: OpenHead, numbers: readonly number[]): number[][] {
    const located = this.#locatedIn(head);
    const runs: number[][] = [];
    let bytes = 0;
    for (const number of numbers) {
      const run = runs.at(-1);
      const own = head.frames[number]?.packedBytes ?? 0;
      const before = run?.at(-1);
      const isNext = before === number - 1 && located[before]?.part === located[number]?.part;
      if (run !== undefined && isNext && bytes + own <= MAX_RUN_BYTES) {
        run.push(number);
        bytes += own;
      } else {
        runs.push([number]);
        bytes = own;
      }
    }
    return runs;
  }

  async #readRun(open: OpenHead, run: readonly number[]): Promise<[number, FrameLines][]> {
    const located = this.#locatedIn(open.head);
    const first = located[run[0] ?? 0];
    const sizes = run.map((number) => open.head.frames[number]);
    const length = sizes.reduce((sum, frame) => sum + (frame?.packedBytes ?? 0), 0);
    const key = partKey(open.enterprise, open.name, first?.part);
    const from = first?.at ?? 0;
    const bytes = await this.#store.get(key, { from, to: from + length });
    if (bytes === undefined)
      throw new ArchiveError("missing", `cannot read ${this.#store.name}/${key}: it is gone`);
    let at = 0;
    const read: [number, FrameLines][] = [];
    for (const [index, number] of run.entries()) {
      const frame = sizes[index];
      const packed = bytes.subarray(at, at + (frame?.packedBytes ?? 0));
      at += packed.length;
      if (frame === undefined || hashOf(packed) !== frame.hash) throw damaged(this.#store, key);
      const raw = await decompress(packed);
      if (raw.length !== frame.rawBytes) throw damaged(this.#store, key);
      const rawAt = located[number]?.rawAt ?? 0;
      read.push([
        number,
        {
          at: rawAt,
          bytes: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength),
          keys: undefined,
        },
      ]);
    }
    return read;
  }

  async #stretch(
    open: OpenHead,
    kind: "front" | "last",
    { at, packedBytes, rawBytes, hash }: TableStretch,
  ): Promise<Uint8Array> {
    const kept = `${dayKey(open)}.${kind}`;
    const cached = await this.#cache.get(kept);
    const isRight = cached !== undefined && hashOf(cached) === hash;
    const key = tableKey(open.enterprise, open.name);
    const packed = isRight
      ? cached
      : await this.#store.get(key, { from: at, to: at + packedBytes });
    if (packed === undefined)
      throw new ArchiveError("missing", `cannot read ${this.#store.name}/${key}: it is gone`);
    if (packed.length !== packedBytes || hashOf(packed) !== hash) throw damaged(this.#store, key);
    const raw = await decompress(packed);
    if (raw.length !== rawBytes) throw damaged(this.#store, key);
    if (!isRight) await this.#cache.put(kept, packed);
    return raw;
  }
}
