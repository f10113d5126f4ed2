// Which frames of a day hold the lines of a key, and of everything that hangs together with it: whoever asks for one unique id
// of a call gets, with the same read, the lines of all its legs and bridges. Keys that stand in a great many lines (a
// parking place, a conference) tie nothing, as in the rest of the program.

import { epochSecondOf } from "../../asterisk/index.ts";
import { isIdKey } from "../../domain/record.ts";
import { DisjointSets } from "../../lib/disjoint-sets.ts";
import { DAY_MS } from "../../lib/time.ts";
import { hashOfKey } from "../index/index-table.ts";

/** The frames of a key. */
export type KeyPlaces = {
  readonly hash: number;
  /** Ascending. */
  readonly frames: readonly number[];
  /** Every key that stands in a line of this one stands in these frames alone, too (hubs excepted). */
  readonly isClosed: boolean;
};

export type DayKeys = {
  /** By hash, ascending. */
  readonly places: readonly KeyPlaces[];
  /** Hashes of keys that tie nothing. */
  readonly hubs: readonly number[];
  /** Hashes of unique ids that nothing but this list leads from to this day. */
  readonly strays: readonly number[];
};

/** Lines of one call at most, about; a key in more of them is no call's. */
const HUB_LINES = 500;
/** A call that stands in more frames than that is found leg by leg. */
const MAX_CLOSED_FRAMES = 64;

/** The UTC days in whose files the records of a unique id are looked for first; none where it has no time in it. */
export const daysOfId = (uniqueId: string): number[] => {
  const second = epochSecondOf(uniqueId);
  if (second === undefined) return [];
  const day = Math.floor((second * 1000) / DAY_MS);
  return [day, day + 1];
};

const withLast = (frames: number[] | undefined, frame: number): number[] => {
  if (frames === undefined) return [frame];
  if (frames.at(-1) !== frame) frames.push(frame);
  return frames;
};

/** Gathers the keys of a day, line by line in the order of the file. */
export class KeyGatherer {
  readonly #day: number;
  readonly #numbers = new Map<number, number>();
  readonly #hashes: number[] = [];
  readonly #lines: number[] = [];
  readonly #strays = new Set<number>();
  /** Of each line its frame, the number of its keys and their numbers. */
  readonly #told: number[] = [];

  /** @param day of the file, in days since the epoch */
  constructor(day: number) {
    this.#day = day;
  }

  add(keys: readonly string[], frame: number): void {
    if (keys.length === 0) return;
    this.#told.push(frame, keys.length);
    for (const key of keys) {
      const hash = hashOfKey(key);
      let number = this.#numbers.get(hash);
      if (number === undefined) {
        number = this.#hashes.length;
        this.#numbers.set(hash, number);
        this.#hashes.push(hash);
        this.#lines.push(0);
        if (isIdKey(key) && !daysOfId(key.slice(3)).includes(this.#day)) this.#strays.add(hash);
      }
      this.#lines[number] = (this.#lines[number] ?? 0) + 1;
      this.#told.push(number);
    }
  }

  /** What was gathered. Lets others run in between. */
  async finish(pause: () => Promise<void> | undefined): Promise<DayKeys> {
    const sets = await this.#tie(pause);
    const own: (number[] | undefined)[] = [];
    const tied: (number[] | undefined)[] = [];
    const told = this.#told;
    for (let at = 0; at < told.length; ) {
      const [frame = 0, count = 0] = [told[at], told[at + 1]];
      for (let key = at + 2; key < at + 2 + count; key += 1) {
        const number = told[key] ?? 0;
        own[number] = withLast(own[number], frame);
        const root = sets.of(number);
        tied[root] = withLast(tied[root], frame);
      }
      at += 2 + count;
      await pause();
    }
    const places: KeyPlaces[] = [];
    const hubs: number[] = [];
    // Numbers alone are sorted in a few milliseconds, where objects would hold everybody up.
    for (const hash of Uint32Array.from(this.#hashes).sort()) {
      const number = this.#numbers.get(hash) ?? 0;
      const isHub = (this.#lines[number] ?? 0) > HUB_LINES;
      if (isHub) hubs.push(hash);
      const all = tied[sets.of(number)] ?? [];
      const isClosed = !isHub && all.length <= MAX_CLOSED_FRAMES;
      places.push({ hash, frames: isClosed ? all : (own[number] ?? []), isClosed });
      await pause();
    }
    return { places, hubs, strays: [...this.#strays].sort((a, b) => a - b) };
  }

  /** Unites the keys that stand in one line, hubs excepted. */
  async #tie(pause: () => Promise<void> | undefined): Promise<DisjointSets<number>> {
    const sets = new DisjointSets<number>();
    const told = this.#told;
    for (let at = 0; at < told.length; ) {
      const count = told[at + 1] ?? 0;
      let first: number | undefined;
      for (let key = at + 2; key < at + 2 + count; key += 1) {
        const number = told[key] ?? 0;
        if ((this.#lines[number] ?? 0) > HUB_LINES) continue;
        if (first === undefined) first = number;
        else sets.join(first, number);
      }
      at += 2 + count;
      await pause();
    }
    return sets;
  }
}
