// The in-memory index of one growing file. It follows the file rather than the writer, so that lines of every process
// are in it. The part that is not indexed yet is scanned by the caller.

import { idKey, recordKeys } from "../../domain/record.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { decodeLine, idOfOtherLine } from "../format/codec.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import { blocksForwards } from "../read/forward-lines.ts";
import type { ByteSource } from "../read/reverse-lines.ts";
import { createPacer } from "../read/turns.ts";
import { createIndexTable, faultHash, hashOfKey, type IndexTable } from "./index-table.ts";

/** Bytes before the indexed end that are compared: a file cut and filled anew is another file. */
const MARK_BYTES = 64;

/** Takes a line of a file: `bytes` from `start` to `end`; `at` is its offset in the file. */
export type TakeLine = (bytes: Buffer, start: number, end: number, at: number) => void;

/** Puts lines into a table under their keys, or among the unreadable. */
export const lineIndexer =
  (table: Pick<IndexTable, "add">): TakeLine =>
  (bytes, start, end, at) => {
    if (end === start) return;
    if (end - start > MAX_LINE_BYTES) {
      table.add(faultHash, at);
      return;
    }
    const line = bytes.toString("utf8", start, end);
    const id = idOfOtherLine(line);
    if (id !== undefined) {
      if (id !== "") table.add(hashOfKey(idKey(id)), at);
      return;
    }
    const decoded = decodeLine(line);
    if (decoded.ok) for (const key of recordKeys(decoded.value)) table.add(hashOfKey(key), at);
    else table.add(faultHash, at);
  };

/** Takes the lines of one block, each once, from somebody who reads the whole file anyway. */
export type BlockIndexer = {
  /** A line that was read, by the keys of its record (`recordKeys`). */
  readonly keys: (keys: readonly string[], at: number) => void;
  /** Any other line. */
  readonly line: TakeLine;
  /** All lines of the block were given. @param bytes the block */
  readonly done: (bytes: Buffer) => void;
};

export type RunningIndex = {
  /** Everything before this offset is in the index, as of now. */
  readonly indexedTo: () => number;
  /** The table as of now: another one after a file was found cut, so take it together with `indexedTo`. */
  readonly table: () => IndexTable;
  /**
   * Reads on up to `size`. One at a time: a second caller gets the first one's end.
   *
   * @param restMs how long to leave the machine to others between slices.
   * @param isWanted asked between slices; false ends the work early.
   */
  readonly follow: (
    source: ByteSource,
    size: number,
    restMs?: number,
    isWanted?: () => boolean,
  ) => Promise<void>;
  readonly isFollowing: () => boolean;
  /** What takes the block that begins at an offset; undefined where that is not what the index lacks next. */
  readonly blockAt: (at: number) => BlockIndexer | undefined;
};

export const createRunningIndex = (): RunningIndex => {
  let table = createIndexTable();
  let indexedTo = 0;
  let mark: Buffer = Buffer.alloc(0);
  let following: Promise<void> | undefined;

  const reachedBy = (at: number, bytes: Buffer): void => {
    mark = Buffer.from(bytes.subarray(Math.max(0, bytes.length - MARK_BYTES)));
    indexedTo = at + bytes.length;
  };

  const blockAt = (at: number): BlockIndexer | undefined => {
    if (at !== indexedTo || following !== undefined) return undefined;
    // Set aside, for others may read on while the block is taken.
    const hashes: number[] = [];
    const offsets: number[] = [];
    const add = (hash: number, offset: number): void => {
      hashes.push(hash);
      offsets.push(offset);
    };
    return {
      keys: (keys, offset) => {
        for (const key of keys) add(hashOfKey(key), offset);
      },
      line: lineIndexer({ add }),
      done: (bytes) => {
        if (at !== indexedTo || following !== undefined) return;
        hashes.forEach((hash, index) => {
          table.add(hash, offsets[index] ?? 0);
        });
        reachedBy(at, bytes);
      },
    };
  };

  const isStillThatFile = async (source: ByteSource): Promise<boolean> => {
    const now = Buffer.alloc(mark.length);
    const read = await source.read(now, now.length, indexedTo - now.length);
    return read === now.length && now.equals(mark);
  };

  const readOn = async (
    source: ByteSource,
    size: number,
    restMs: number,
    isWanted: () => boolean,
  ): Promise<void> => {
    // A caller's size may be older than what is indexed; only the bytes tell that the file was cut.
    if (!(await isStillThatFile(source))) {
      table = createIndexTable();
      indexedTo = 0;
      mark = Buffer.alloc(0);
    }
    const pacer = createPacer(restMs);
    for await (const block of blocksForwards(source, indexedTo, size)) {
      const { bytes, at } = block;
      if (block.isOverlong) table.add(faultHash, at);
      for (let start = 0; start < bytes.length && !block.isOverlong; ) {
        const end = bytes.indexOf(NEWLINE, start);
        lineIndexer(table)(bytes, start, end, at + start);
        start = end + 1;
        await pacer.pause();
      }
      reachedBy(at, bytes);
      if (!isWanted()) return;
    }
  };

  const follow: RunningIndex["follow"] = (source, size, restMs = 0, isWanted = () => true) => {
    following ??= readOn(source, size, restMs, isWanted).finally(() => {
      following = undefined;
    });
    return following;
  };

  return {
    indexedTo: () => indexedTo,
    table: () => table,
    follow,
    isFollowing: () => following !== undefined,
    blockAt,
  };
};
