// The index object of an archived day: what proves the other objects, where each frame lies, and in which frames a key
// stands. Its head is read first, in one request, and a bucket of keys after it. Layout (docs/format.md), little endian:
//   32 bytes header | JSON, padded to 4 | frames | buckets (length and checksum of each) | strays | hubs || keys
// The double bar is the end of the head, which has a checksum of its own; every bucket has one, and every frame.

import { type Frame, hashOf } from "./frames.ts";
import type { DayKeys, KeyPlaces } from "./key-places.ts";

const MAGIC = 0x58_41_4c_43;
const VERSION = 1;
const HEADER_BYTES = 32;
const KEYS_PER_BUCKET = 128;
const MAX_BUCKET_BITS = 20;

/** One object of a day. */
export type PartFacts = { readonly bytes: number; readonly sha256: string };

/** A stretch of the table object: a zstd frame. */
export type TableStretch = {
  readonly at: number;
  readonly packedBytes: number;
  readonly rawBytes: number;
  readonly hash: number;
};

export type TableFacts = PartFacts & {
  /** Bytes of the description at the head of the first stretch. */
  readonly metaLength: number;
  /** What every question needs, and what is read when rows are shown. */
  readonly front: TableStretch;
  readonly last: TableStretch;
};

/** What an index says of its day. */
export type DayFacts = {
  readonly enterprise: string;
  /** The file's name, such as `events.log.2025-11-29`. */
  readonly name: string;
  /** The file as it was. */
  readonly bytes: number;
  readonly sha256: string;
  readonly lines: number;
  /** Its objects, in their order: one, but for a day of gigabytes. */
  readonly parts: readonly PartFacts[];
  /** Frames in each part. */
  readonly framesInPart: readonly number[];
  /** The day's calls; null where there was no table. */
  readonly table: TableFacts | null;
};

/** The head of an index, read. */
export type DayHead = {
  readonly facts: DayFacts;
  readonly frames: readonly Frame[];
  /** Bytes and checksum of each bucket. */
  readonly buckets: readonly {
    readonly at: number;
    readonly bytes: number;
    readonly hash: number;
  }[];
  readonly strays: ReadonlySet<number>;
  readonly hubs: ReadonlySet<number>;
  /** Bytes of the head, and of the whole index. */
  readonly headBytes: number;
  readonly bytes: number;
  /** xxHash64 of the head. */
  readonly hash: string;
};

const varint = (into: number[], value: number): void => {
  let rest = value;
  while (rest > 0x7f) {
    into.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  into.push(rest);
};

const bucketBitsFor = (keys: number): number =>
  Math.max(0, Math.min(MAX_BUCKET_BITS, Math.ceil(Math.log2(keys / KEYS_PER_BUCKET || 1))));

const bucketOf = (hash: number, bits: number): number => (bits === 0 ? 0 : hash >>> (32 - bits));

const encodePlaces = (into: number[], { hash, frames, isClosed }: KeyPlaces): void => {
  into.push(hash & 0xff, (hash >>> 8) & 0xff, (hash >>> 16) & 0xff, hash >>> 24);
  varint(into, frames.length * 2 + (isClosed ? 1 : 0));
  let before = 0;
  for (const frame of frames) {
    varint(into, frame - before);
    before = frame;
  }
};

const bucketsOf = async (
  places: readonly KeyPlaces[],
  pause: () => Promise<void> | undefined,
): Promise<Buffer[]> => {
  const bits = bucketBitsFor(places.length);
  const buckets = Array.from({ length: 2 ** bits }, () => Buffer.alloc(0));
  let bytes: number[] = [];
  for (const [index, place] of places.entries()) {
    const bucket = bucketOf(place.hash, bits);
    encodePlaces(bytes, place);
    const next = places[index + 1];
    if (next !== undefined && bucketOf(next.hash, bits) === bucket) continue;
    buckets[bucket] = Buffer.from(bytes);
    bytes = [];
    await pause();
  }
  return buckets;
};

const numbers = (values: readonly number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);

/** The bytes of an index object. Lets others run in between. */
export const encodeDayIndex = async (
  facts: DayFacts,
  frames: readonly Frame[],
  keys: DayKeys,
  pause: () => Promise<void> | undefined,
): Promise<Buffer> => {
  const buckets = await bucketsOf(keys.places, pause);
  const json = Buffer.from(JSON.stringify(facts), "utf8");
  const text = Buffer.concat([json, Buffer.alloc(-json.length & 3, 0x20)]);
  const body = Buffer.concat([
    text,
    numbers(frames.flatMap(({ packedBytes, rawBytes, hash }) => [packedBytes, rawBytes, hash])),
    numbers(buckets.flatMap((bucket) => [bucket.length, hashOf(bucket)])),
    numbers(keys.strays),
    numbers(keys.hubs),
  ]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(VERSION, 4);
  [text.length, frames.length, buckets.length, keys.strays.length, keys.hubs.length].forEach(
    (count, index) => {
      header.writeUInt32LE(count, 8 + index * 4);
    },
  );
  header.writeUInt32LE(hashOf(Buffer.concat([header.subarray(0, 28), body])), 28);
  return Buffer.concat([header, body, ...buckets]);
};

/** Bytes of the head whose first 32 bytes these are; undefined where they are none. */
export const headBytesOf = (bytes: Uint8Array): number | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < HEADER_BYTES || view.readUInt32LE(0) !== MAGIC) return undefined;
  if (view.readUInt32LE(4) !== VERSION) return undefined;
  const count = (index: number): number => view.readUInt32LE(8 + index * 4);
  return HEADER_BYTES + count(0) + count(1) * 12 + count(2) * 8 + (count(3) + count(4)) * 4;
};

/** Reads a head; undefined where it is damaged, or that of another day. */
export const decodeDayHead = (
  bytes: Uint8Array,
  enterprise: string,
  name: string,
): DayHead | undefined => {
  const headBytes = headBytesOf(bytes);
  if (headBytes === undefined || bytes.length < headBytes) return undefined;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, headBytes);
  const checked = Buffer.concat([head.subarray(0, 28), head.subarray(HEADER_BYTES)]);
  if (head.readUInt32LE(28) !== hashOf(checked)) return undefined;
  const count = (index: number): number => head.readUInt32LE(8 + index * 4);
  const facts = JSON.parse(
    head.toString("utf8", HEADER_BYTES, HEADER_BYTES + count(0)),
  ) as DayFacts;
  if (facts.enterprise !== enterprise || facts.name !== name) return undefined;
  let at = HEADER_BYTES + count(0);
  const next = (): number => {
    const value = head.readUInt32LE(at);
    at += 4;
    return value;
  };
  const frames = Array.from({ length: count(1) }, () => ({
    packedBytes: next(),
    rawBytes: next(),
    hash: next(),
  }));
  let bucketAt = headBytes;
  const buckets = Array.from({ length: count(2) }, () => {
    const bucket = { at: bucketAt, bytes: next(), hash: next() };
    bucketAt += bucket.bytes;
    return bucket;
  });
  const strays = new Set(Array.from({ length: count(3) }, next));
  const hubs = new Set(Array.from({ length: count(4) }, next));
  const hash = Bun.hash.xxHash64(head).toString(16);
  return { facts, frames, buckets, strays, hubs, headBytes, bytes: bucketAt, hash };
};

/** The bucket in which a key of that hash stands, if it does. */
export const bucketFor = ({ buckets }: DayHead, hash: number): number =>
  bucketOf(hash, Math.log2(buckets.length));

/** Reads a bucket; undefined where it is damaged. */
export const decodeBucket = (
  { buckets, frames }: DayHead,
  bucket: number,
  bytes: Uint8Array,
): KeyPlaces[] | undefined => {
  const facts = buckets[bucket];
  if (facts === undefined || bytes.length !== facts.bytes || hashOf(bytes) !== facts.hash)
    return undefined;
  let at = 0;
  const varintAt = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const places: KeyPlaces[] = [];
  while (at < bytes.length) {
    const hash =
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24)) >>>
      0;
    at += 4;
    const said = varintAt();
    let frame = 0;
    const own = Array.from({ length: said >>> 1 }, () => {
      frame += varintAt();
      return frame;
    });
    if (own.some((number) => number >= frames.length)) return undefined;
    places.push({ hash, frames: own, isClosed: (said & 1) === 1 });
  }
  return places;
};
