// When an enterprise had records, in time slots, without reading its files: lines are in time order, so that a slot is
// found by binary search. Finished files are looked at once a process.

import { join } from "node:path";
import { NEWLINE } from "../../lib/newline.ts";
import { DAY_MS } from "../../lib/time.ts";
import { STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import type { FileFacts } from "../write/trace-fs.ts";
import { dayFiles } from "./day-records.ts";
import { openIfThere, sourceOf } from "./open-files.ts";
import { recentRecords } from "./recent.ts";
import type { ByteSource } from "./reverse-lines.ts";
import { createPacer } from "./turns.ts";

export type Activity = {
  /** Slots in which something was recorded; slot `n` begins at `n * slotMs`, in milliseconds since the epoch. */
  readonly slots: ReadonlySet<number>;
  /** Receipt of the newest event, in milliseconds since the epoch; undefined where there is none in that time. */
  readonly lastEventAt: number | undefined;
};

export type ActivityReader = {
  /** @param since files of days that were over before are left out; in milliseconds since the epoch */
  of(enterprise: string, since: number): Promise<Activity>;
};

/** A stretch of this size is read rather than halved. In bytes. */
const STRETCH_BYTES = 64 * 1024;

type Place = { readonly offset: number; readonly at: number };

/** The stamped lines that begin in bytes which lie at `base` of a file. */
const placesIn = (bytes: Buffer, base: number, isLineStart: boolean): Place[] => {
  const places: Place[] = [];
  let start = isLineStart ? 0 : bytes.indexOf(NEWLINE) + 1;
  if (!isLineStart && start === 0) return places;
  while (start < bytes.length) {
    const at = tryParseStamp(bytes.toString("latin1", start, start + STAMP_LENGTH));
    if (at !== undefined) places.push({ offset: base + start, at });
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) break;
    start = end + 1;
  }
  return places;
};

const readAt = async (source: ByteSource, from: number, to: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  return bytes.subarray(0, await source.read(bytes, bytes.length, from));
};

/** The first stamped line that begins after `from` and before `to`. */
const firstAfter = async (
  source: ByteSource,
  from: number,
  to: number,
): Promise<Place | undefined> => {
  for (let at = from; at < to; at += STRETCH_BYTES) {
    // A stamp that begins at the end of a stretch reaches into the next.
    const end = Math.min(to + STAMP_LENGTH, at + STRETCH_BYTES + STAMP_LENGTH);
    const [place] = placesIn(await readAt(source, at, end), at, at === 0);
    if (place !== undefined) return place.offset < to ? place : undefined;
  }
  return undefined;
};

/** The slots of a file of that size. */
const slotsOf = async (source: ByteSource, size: number, slotMs: number): Promise<Set<number>> => {
  const slots = new Set<number>();
  const pacer = createPacer();
  const slotOf = ({ at }: Place): number => Math.floor(at / slotMs);
  const first = await firstAfter(source, 0, size);
  if (first === undefined) return slots;
  slots.add(slotOf(first));
  let tail: Place[] = [];
  for (let bytes = STRETCH_BYTES; tail.length === 0; bytes *= 8) {
    const from = Math.max(0, size - bytes);
    tail = placesIn(await readAt(source, from, size), from, from === 0);
    if (from === 0 || bytes > MAX_LINE_BYTES) break;
  }
  for (const place of tail) slots.add(slotOf(place));

  const between = async (low: Place, high: Place): Promise<void> => {
    await pacer.pause();
    if (slotOf(high) - slotOf(low) <= 1) return;
    if (high.offset - low.offset <= STRETCH_BYTES) {
      const bytes = await readAt(source, low.offset, high.offset + STAMP_LENGTH);
      for (const place of placesIn(bytes, low.offset, true)) slots.add(slotOf(place));
      return;
    }
    const middle = low.offset + Math.floor((high.offset - low.offset) / 2);
    const place = await firstAfter(source, middle, high.offset);
    if (place === undefined) return await between(low, { ...high, offset: middle + 1 });
    slots.add(slotOf(place));
    await between(low, place);
    await between(place, high);
  };
  await between(first, tail[0] ?? first);
  return slots;
};

const identityOf = ({ dev, ino, size, mtimeMs }: FileFacts): string =>
  `${dev}.${ino}.${size}.${mtimeMs}`;

/**
 * Looks into a data folder. Remembers finished files, so keep it.
 *
 * @param slotMs length of a slot in milliseconds
 */
export const createActivityReader = (dir: string, slotMs: number): ActivityReader => {
  const known = new Map<string, { readonly identity: string; readonly slots: Set<number> }>();

  return {
    of: async (enterprise, since) => {
      const slots = new Set<number>();
      for (const { name, isRunning, facts, from } of await dayFiles(dir, enterprise)) {
        const path = join(dir, enterprise, name);
        if (from + 2 * DAY_MS < since) {
          known.delete(path);
          continue;
        }
        const identity = identityOf(facts);
        const remembered = known.get(path);
        let own = remembered?.identity === identity ? remembered.slots : undefined;
        if (own === undefined) {
          const handle = await openIfThere(path);
          if (handle === undefined) continue;
          try {
            own = await slotsOf(sourceOf(handle), facts.size, slotMs);
          } finally {
            await handle.close();
          }
          if (!isRunning) known.set(path, { identity, slots: own });
        }
        for (const slot of own) slots.add(slot);
      }
      let lastEventAt: number | undefined;
      for await (const { at } of recentRecords(dir, enterprise, "AST", since)) {
        lastEventAt = at;
        break;
      }
      return { slots, lastEventAt };
    },
  };
};
