// An in-memory index: hash of a key to offsets of lines. Append-only, in segments, so that adding never rebuilds
// anything. Hashes may collide; the line itself decides.

/** Offsets fit 32 bits: a larger day's file is scanned instead of indexed. */
export const MAX_INDEXED_BYTES = 2 ** 32 - 1;

/** The 32-bit hash under which a key is filed (xxHash32 of its UTF-8, seed 0). */
export const hashOfKey = (key: string): number => Number(Bun.hash.xxHash32(key));

/** What unreadable lines are filed under, so that a search that names them reports them. */
export const faultHash = hashOfKey("fault:");

/** 0 stands for "none" in chains, and places are 16 bits wide. */
const LARGEST_SEGMENT = 0xffff;
const SMALLEST_SEGMENT = 255;

type Segment = {
  readonly hashes: Uint32Array;
  readonly offsets: Uint32Array;
  /** Place + 1 of the entry added last for a bucket, and of the one added before an entry. */
  readonly heads: Uint16Array;
  readonly before: Uint16Array;
  count: number;
};

const newSegment = (capacity: number): Segment => ({
  hashes: new Uint32Array(capacity),
  offsets: new Uint32Array(capacity),
  heads: new Uint16Array(capacity + 1),
  before: new Uint16Array(capacity),
  count: 0,
});

export type IndexTable = {
  readonly add: (hash: number, offset: number) => void;
  /** The offsets filed under a hash, in no particular order. */
  readonly offsetsOf: (hash: number) => number[];
  /** Entries in the order they were added. */
  readonly entries: () => Generator<{ hashes: Uint32Array; offsets: Uint32Array; count: number }>;
  readonly count: () => number;
  /** Memory held, in bytes. */
  readonly bytes: () => number;
};

export const createIndexTable = (): IndexTable => {
  const segments: Segment[] = [];
  let last: Segment | undefined;
  let total = 0;
  let bytes = 0;

  const grow = (): Segment => {
    const capacity = Math.min(
      LARGEST_SEGMENT,
      last === undefined ? SMALLEST_SEGMENT : last.hashes.length * 4 + 3,
    );
    const segment = newSegment(capacity);
    segments.push(segment);
    bytes += capacity * 12 + 2;
    return segment;
  };

  const add = (hash: number, offset: number): void => {
    if (last === undefined || last.count === last.hashes.length) last = grow();
    const place = last.count;
    const bucket = hash & last.hashes.length;
    last.hashes[place] = hash;
    last.offsets[place] = offset;
    last.before[place] = last.heads[bucket] ?? 0;
    last.heads[bucket] = place + 1;
    last.count += 1;
    total += 1;
  };

  const offsetsOf = (hash: number): number[] => {
    const found: number[] = [];
    for (const { hashes, offsets, heads, before } of segments) {
      for (let next = heads[hash & hashes.length] ?? 0; next !== 0; next = before[next - 1] ?? 0) {
        if (hashes[next - 1] === hash) found.push(offsets[next - 1] ?? 0);
      }
    }
    return found;
  };

  function* entries() {
    for (const { hashes, offsets, count } of segments) yield { hashes, offsets, count };
  }

  return { add, offsetsOf, entries, count: () => total, bytes: () => bytes };
};
