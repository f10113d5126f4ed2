// An index file beside a finished day: disposable, and trusted only while size, modification time, head and tail of
// its day are unchanged; otherwise the day is scanned and indexed again. Layout (little endian), described for other
// tools in docs/format.md:
//   64 bytes header | (buckets + 1) x u32 first entry of a bucket | entries x (u32 hash, u32 offset) | Bloom filter
// A bucket holds the hashes with the same upper bits, in the order of the lines. The Bloom filter (two bits a hash) is
// kept in memory, so that a file without the key costs no read.

import type { FileHandle } from "node:fs/promises";
import { createPacer } from "../read/turns.ts";
import type { FileFacts } from "../write/trace-fs.ts";
import type { IndexTable } from "./index-table.ts";

const MAGIC = 0x58_49_4c_43;
const VERSION = 1;
const HEADER_BYTES = 64;
const PROOF_BYTES = 4096;
/** Entries of a bucket, on average: what a search reads for one key is about 512 bytes. */
const ENTRIES_PER_BUCKET = 64;

export type IndexHeader = {
  readonly dataSize: number;
  readonly dataMtimeMs: number;
  /** Checksum of the first and the last 4 KiB of the data. */
  readonly proof: number;
  readonly bucketBits: number;
  readonly count: number;
  /** The filter has two to the power of this many bits. */
  readonly filterBits: number;
  /** Checksum of bucket table and filter: entries prove themselves against their bucket and their lines. */
  readonly tablesProof: number;
};

/** A checksum over the first and the last bytes of a file. */
export const proofOf = async (data: FileHandle, size: number): Promise<number> => {
  const bytes = Buffer.alloc(Math.min(size, PROOF_BYTES) * 2);
  const half = bytes.length / 2;
  await data.read(bytes, 0, half, 0);
  await data.read(bytes, half, half, size - half);
  return Number(Bun.hash.xxHash32(bytes));
};

const proofOfTables = (starts: Uint32Array, filter: Uint8Array): number =>
  Number(Bun.hash.xxHash32(filter, Number(Bun.hash.xxHash32(Buffer.from(starts.buffer)))));

const encodeHeader = (header: IndexHeader): Buffer => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(VERSION, 4);
  bytes.writeDoubleLE(header.dataSize, 8);
  bytes.writeDoubleLE(header.dataMtimeMs, 16);
  bytes.writeUInt32LE(header.proof, 24);
  bytes.writeUInt32LE(header.bucketBits, 28);
  bytes.writeUInt32LE(header.count, 32);
  bytes.writeUInt32LE(header.filterBits, 36);
  bytes.writeUInt32LE(header.tablesProof, 40);
  bytes.writeUInt32LE(Number(Bun.hash.xxHash32(bytes.subarray(0, 44))), 44);
  return bytes;
};

const decodeHeader = (bytes: Buffer): IndexHeader | undefined => {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  if (bytes.readUInt32LE(4) !== VERSION) return undefined;
  if (bytes.readUInt32LE(44) !== Number(Bun.hash.xxHash32(bytes.subarray(0, 44)))) return undefined;
  return {
    dataSize: bytes.readDoubleLE(8),
    dataMtimeMs: bytes.readDoubleLE(16),
    proof: bytes.readUInt32LE(24),
    bucketBits: bytes.readUInt32LE(28),
    count: bytes.readUInt32LE(32),
    filterBits: bytes.readUInt32LE(36),
    tablesProof: bytes.readUInt32LE(40),
  };
};

const bucketOf = (hash: number, bits: number): number => (bits === 0 ? 0 : hash >>> (32 - bits));

/** Filter bits for each entry: for about one absent key in thirty the filter says "perhaps". */
const FILTER_BITS_PER_ENTRY = 10;
const LARGEST_BITS = 27;

/** The places of the two bits of a hash in a filter. */
const firstPlace = (hash: number, bits: number): number => hash >>> (32 - bits);
const secondPlace = (hash: number, bits: number): number =>
  Math.imul(hash, 0x9e3779b1) >>> (32 - bits);

const setBit = (filter: Uint8Array, place: number): void => {
  filter[place >>> 3] = (filter[place >>> 3] ?? 0) | (1 << (place & 7));
};

const hasBit = (filter: Uint8Array, place: number): boolean =>
  ((filter[place >>> 3] ?? 0) & (1 << (place & 7))) !== 0;

const entriesAt = (bits: number): number => HEADER_BYTES + (2 ** bits + 1) * 4;

/** The bytes of an index file. Lets other work run in between. */
export const encodeIndex = async (
  table: IndexTable,
  data: FileFacts,
  proof: number,
): Promise<Buffer> => {
  const count = table.count();
  const bucketBits = Math.max(
    0,
    Math.min(24, Math.ceil(Math.log2(count / ENTRIES_PER_BUCKET || 1))),
  );
  const pacer = createPacer();
  const starts = new Uint32Array(2 ** bucketBits + 1);
  const stride = 2048;
  for (const { hashes, count: used } of table.entries()) {
    for (let from = 0; from < used; from += stride) {
      for (let place = from; place < Math.min(used, from + stride); place += 1) {
        const bucket = bucketOf(hashes[place] ?? 0, bucketBits) + 1;
        starts[bucket] = (starts[bucket] ?? 0) + 1;
      }
      await pacer.pause();
    }
  }
  for (let bucket = 1; bucket < starts.length; bucket += 1) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  const next = starts.slice();
  const filterBits = Math.max(
    3,
    Math.min(LARGEST_BITS, Math.ceil(Math.log2(count * FILTER_BITS_PER_ENTRY + 1))),
  );
  const filter = new Uint8Array(2 ** filterBits / 8);
  const entries = new Uint32Array(count * 2);
  for (const { hashes, offsets, count: used } of table.entries()) {
    for (let from = 0; from < used; from += stride) {
      for (let place = from; place < Math.min(used, from + stride); place += 1) {
        const hash = hashes[place] ?? 0;
        const bucket = bucketOf(hash, bucketBits);
        const target = next[bucket] ?? 0;
        next[bucket] = target + 1;
        setBit(filter, firstPlace(hash, filterBits));
        setBit(filter, secondPlace(hash, filterBits));
        entries[target * 2] = hash;
        entries[target * 2 + 1] = offsets[place] ?? 0;
      }
      await pacer.pause();
    }
  }
  const header = encodeHeader({
    dataSize: data.size,
    dataMtimeMs: data.mtimeMs,
    proof,
    bucketBits,
    count,
    filterBits,
    tablesProof: proofOfTables(starts, filter),
  });
  return Buffer.concat([header, Buffer.from(starts.buffer), Buffer.from(entries.buffer), filter]);
};

/** An index that was found to belong to its file as it is now. */
export type OpenIndex = {
  readonly header: IndexHeader;
  /** The first entry of each bucket, and the end. */
  readonly starts: Uint32Array;
  readonly filter: Uint8Array;
};

/** Whether the file may hold a key of that hash: false is certain. */
export const mayHold = ({ header, filter }: OpenIndex, hash: number): boolean =>
  hasBit(filter, firstPlace(hash, header.filterBits)) &&
  hasBit(filter, secondPlace(hash, header.filterBits));

/** Reads an index and checks it against its file; undefined where it does not match. */
export const openIndex = async (
  index: FileHandle,
  data: FileHandle,
  facts: FileFacts,
): Promise<OpenIndex | undefined> => {
  const head = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await index.read(head, 0, HEADER_BYTES, 0);
  const header = decodeHeader(head.subarray(0, bytesRead));
  if (header === undefined) return undefined;
  if (header.bucketBits > LARGEST_BITS || header.filterBits > LARGEST_BITS) return undefined;
  if (header.dataSize !== facts.size || header.dataMtimeMs !== facts.mtimeMs) return undefined;
  const filterAt = entriesAt(header.bucketBits) + header.count * 8;
  const filter = new Uint8Array(2 ** header.filterBits / 8);
  const size = filterAt + filter.length;
  if ((await index.stat()).size !== size) return undefined;
  if ((await proofOf(data, facts.size)) !== header.proof) return undefined;
  const starts = new Uint32Array(2 ** header.bucketBits + 1);
  const into = Buffer.from(starts.buffer);
  const read = await index.read(into, 0, into.length, HEADER_BYTES);
  if (read.bytesRead !== into.length || starts.at(-1) !== header.count) return undefined;
  const inFilter = await index.read(filter, 0, filter.length, filterAt);
  if (inFilter.bytesRead !== filter.length) return undefined;
  if (proofOfTables(starts, filter) !== header.tablesProof) return undefined;
  return { header, starts, filter };
};

/** The offsets filed under a hash, ascending; undefined where the index turns out damaged. */
export const indexedOffsets = async (
  index: FileHandle,
  opened: OpenIndex,
  hash: number,
): Promise<number[] | undefined> => {
  if (!mayHold(opened, hash)) return [];
  const { header, starts } = opened;
  const bucket = bucketOf(hash, header.bucketBits);
  const from = starts[bucket] ?? 0;
  const to = starts[bucket + 1] ?? 0;
  if (to < from) return undefined;
  if (to === from) return [];
  const entries = new Uint32Array((to - from) * 2);
  const into = Buffer.from(entries.buffer);
  const place = entriesAt(header.bucketBits) + from * 8;
  const { bytesRead } = await index.read(into, 0, into.length, place);
  if (bytesRead !== into.length) return undefined;
  const found: number[] = [];
  for (let entry = 0; entry < entries.length; entry += 2) {
    const entryHash = entries[entry] ?? 0;
    const offset = entries[entry + 1] ?? 0;
    if (bucketOf(entryHash, header.bucketBits) !== bucket || offset >= header.dataSize)
      return undefined;
    if (entryHash === hash) found.push(offset);
  }
  return found;
};
