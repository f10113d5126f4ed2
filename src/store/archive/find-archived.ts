// Finds the records of keys in archived days. A unique id says by its own time in which days its records are; for those that
// do not, the ledger knows the days. A key of a call leads to the frames of the whole call, and what the call's other
// keys may need in the days beside is read along: so a page costs a few requests one behind another, whatever the
// rounds in which the call is put together.

import { LRUCache } from "lru-cache";
import { isIdKey } from "../../domain/record.ts";
import { mapAtMost } from "../../lib/at-most.ts";
import type { Clock } from "../../lib/clock.ts";
import { finishedName, finishedNames, tryParseFinishedName } from "../format/files.ts";
import { dayOf, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { hashOfKey } from "../index/index-table.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import { type Find, type Wanted, wantedBy } from "../read/candidates.ts";
import { createPacer } from "../read/turns.ts";
import type { DayObjects, FrameLines, OpenHead } from "./day-objects.ts";
import { daysOfId, type KeyPlaces } from "./key-places.ts";
import type { Ledger } from "./ledger.ts";
import { isFiled, keysOfLine } from "./line-keys.ts";

/** What was found in one day's file. */
export type DayFinds = { readonly name: string; readonly finds: readonly Find[] };

/** What the local files have told already. */
export type LocalSight = {
  /** The files that were searched here: they are not looked for in the archive. */
  readonly names: ReadonlySet<string>;
  readonly isFound: boolean;
};

/** Days read at the same time. */
const PARALLEL_DAYS = 8;
/** Frames of one day that are read for one question: 2 MB of packed lines, where a call needs one to twenty. */
const MAX_FRAMES = 96;
/** So long after a call records of it are looked for though others are found: an agent was cut off, and gave what it had kept. */
const LATE_DAYS = 7;
/** Days of which it is remembered where keys stand, and keys of one day. */
const MAX_DAYS = 100;
const MAX_KEYS = 5000;

type Places = Map<number, Pick<KeyPlaces, "frames" | "isClosed">>;
const NOWHERE = { frames: [], isClosed: true } as const;

/** What a day gave: its finds, and the other keys of the calls they belong to. */
type Sight = { readonly finds: readonly Find[]; readonly beside: ReadonlySet<string> };
const NOTHING: Sight = { finds: [], beside: new Set() };

export class ArchivedRecords {
  readonly #objects: DayObjects;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  /** Frames of keys by day; none where the day does not have the key. */
  readonly #places = new LRUCache<string, Places>({ max: MAX_DAYS });

  constructor(objects: DayObjects, ledger: Ledger, clock: Clock) {
    this.#objects = objects;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /**
   * What the archive holds of the keys, a day each, oldest first.
   *
   * @throws ArchiveError where a day that may hold something cannot be read: half a call is never given
   */
  async find(enterprise: string, keys: readonly string[], local: LocalSight): Promise<DayFinds[]> {
    const filed = keys.filter(isFiled);
    const wanted = wantedBy(filed);
    const names = this.#namesFor(enterprise, filed, local);
    const sights = new Map<string, Sight>();
    const look = async (days: readonly string[]): Promise<void> => {
      await mapAtMost(PARALLEL_DAYS, days, async (name) => {
        sights.set(name, await this.#inDay(enterprise, name, filed, wanted));
      });
    };
    const odd = this.#oddDays(enterprise, local.names).filter((name) => !names.includes(name));
    const late = odd.filter((name) => isSoonAfter(name, filed));
    await Promise.all([look(names), this.#bearing(enterprise, late, filed).then(look)]);
    const isFound = (): boolean => [...sights.values()].some(({ finds }) => finds.length > 0);
    if (!isFound() && !local.isFound) {
      const rest = odd.filter((name) => !late.includes(name));
      await look(await this.#bearing(enterprise, rest, filed));
    }
    const beside = new Set([...sights.values()].flatMap(({ beside }) => [...beside]));
    if (beside.size > 0) await this.#readAlong(enterprise, [...beside], filed, local);
    return finishedNames([...sights.keys()]).map((name) => ({
      name,
      finds: sights.get(name)?.finds ?? [],
    }));
  }

  /**
   * The hashes of the keys that stand in the last lines of a day, those since a moment; none where the day is not there.
   *
   * @param since in milliseconds since the epoch
   * @throws ArchiveError where it cannot be read
   */
  async keysSince(enterprise: string, name: string, since: number): Promise<Set<number>> {
    const day = { enterprise, name };
    return this.#objects.again(day, async () => {
      const hashes = new Set<number>();
      const open = await this.#objects.head(day);
      for (let number = (open?.head.frames.length ?? 0) - 1; number >= 0; number -= 1) {
        const [frame] = open === undefined ? [] : await this.#objects.frames(open, [number]);
        if (frame === undefined) break;
        for (const line of await this.#objects.keysOf(frame))
          for (const key of line) hashes.add(hashOfKey(key));
        // Lines stand in the order of time: what is before is older still.
        const first = tryParseStamp(frame.bytes.toString("latin1", 0, STAMP_LENGTH));
        if (first === undefined || first < since) break;
      }
      return hashes;
    });
  }

  /** The archived files in which unique ids are to be looked for. */
  #namesFor(enterprise: string, keys: readonly string[], local: LocalSight): string[] {
    const known = this.#ledger.days(enterprise);
    const today = dayOf(this.#clock.now());
    const ids = keys.filter(isIdKey);
    const days = new Set(ids.flatMap((key) => daysOfId(key.slice(3))));
    const hashes = new Set(ids.map(hashOfKey));
    const names = new Set<string>();
    for (const [name, { strays }] of known) {
      const isNear = days.has(tryParseFinishedName(name) ?? -1);
      if (isNear || strays?.some((hash) => hashes.has(hash))) names.add(name);
    }
    // What was put there from elsewhere is not known yet: it is asked for by its name. A call that is here needs none of that.
    if (!this.#ledger.isComplete() && !local.isFound) {
      for (const day of days) if (day >= 0 && day < today) names.add(finishedName(day));
    }
    return [...names].filter((name) => !local.names.has(name));
  }

  /** Days with so many ids that their own time does not lead to that the ledger does not keep them. */
  #oddDays(enterprise: string, localNames: ReadonlySet<string>): string[] {
    return this.#ledger
      .list(enterprise)
      .filter(({ name, strays }) => strays === null && !localNames.has(name))
      .map(({ name }) => name);
  }

  /** Those of odd days that have an id of these: each tells by its index. */
  async #bearing(
    enterprise: string,
    odd: readonly string[],
    keys: readonly string[],
  ): Promise<string[]> {
    const hashes = keys.filter(isIdKey).map(hashOfKey);
    const found = await mapAtMost(PARALLEL_DAYS, odd, async (name) => {
      const open = await this.#objects.head({ enterprise, name });
      return open !== undefined && hashes.some((hash) => open.head.strays.has(hash)) ? [name] : [];
    });
    return found.flat();
  }

  async #inDay(
    enterprise: string,
    name: string,
    keys: readonly string[],
    wanted: Wanted,
  ): Promise<Sight> {
    const day = { enterprise, name };
    return this.#objects.again(day, async () => {
      const open = await this.#objects.head(day);
      if (open === undefined) return NOTHING;
      const { numbers, isCut } = await this.#framesOf(open, keys);
      if (numbers.length === 0) return NOTHING;
      const frames = await this.#objects.frames(open, numbers);
      const finds: Find[] = [];
      for (const frame of frames)
        for (const find of await findsIn(frame, name, wanted)) finds.push(find);
      if (isCut)
        finds.push({
          at: open.head.facts.bytes,
          fault: { file: name, reason: `in more than ${MAX_FRAMES} pieces of the archived day` },
        });
      const beside = await this.#besideOf(open, frames, numbers, keys);
      return { finds, beside };
    });
  }

  /** Where keys stand in a day, as far as is known without asking. */
  #placesOf({ enterprise, name, head }: OpenHead): Places {
    const key = `${enterprise}/${name} ${head.hash}`;
    const known = this.#places.get(key);
    if (known !== undefined && known.size <= MAX_KEYS) return known;
    const places: Places = new Map();
    this.#places.set(key, places);
    return places;
  }

  /** The frames to be read for keys: those of unique ids first, where they are too many. */
  async #framesOf(
    open: OpenHead,
    keys: readonly string[],
  ): Promise<{ numbers: number[]; isCut: boolean }> {
    const places = this.#placesOf(open);
    const hashes = keys.map(hashOfKey);
    const unknown = hashes.filter((hash) => !places.has(hash));
    if (unknown.length > 0) {
      const found = await this.#objects.places(open, unknown);
      for (const hash of unknown) places.set(hash, NOWHERE);
      for (const place of found) places.set(place.hash, place);
    }
    const numbers = new Set<number>();
    for (const isId of [true, false]) {
      for (const key of keys) {
        if (isIdKey(key) !== isId) continue;
        for (const frame of places.get(hashOfKey(key))?.frames ?? []) numbers.add(frame);
      }
    }
    const isCut = numbers.size > MAX_FRAMES;
    return { numbers: [...numbers].slice(0, MAX_FRAMES).sort((a, b) => a - b), isCut };
  }

  /**
   * The other keys of the calls that were asked for. Where they stand is known by that: in the frames that were read, since
   * an index files all keys of a call under all its frames.
   */
  async #besideOf(
    open: OpenHead,
    frames: readonly FrameLines[],
    numbers: readonly number[],
    keys: readonly string[],
  ): Promise<Set<string>> {
    const { hubs } = open.head;
    const ties = (key: string): boolean => !hubs.has(hashOfKey(key));
    const own = new Set(keys.filter(ties));
    const pacer = createPacer();
    // Most lines of a frame are of other calls: only those that may bear a key are decoded.
    for (let fresh = [...own]; fresh.length > 0; ) {
      const asked = new Set(fresh);
      const { candidates } = wantedBy(fresh);
      fresh = [];
      for (const { bytes } of frames)
        for (const { start, end } of candidates(bytes)) {
          const line =
            end - start > MAX_LINE_BYTES ? [] : keysOfLine(bytes.toString("utf8", start, end));
          if (line.some((key) => asked.has(key)))
            for (const key of line) {
              if (own.has(key) || !ties(key)) continue;
              own.add(key);
              fresh.push(key);
            }
          await pacer.pause();
        }
    }
    const places = this.#placesOf(open);
    const isClosed = keys.every((key) => places.get(hashOfKey(key))?.isClosed ?? true);
    for (const key of own) {
      const hash = hashOfKey(key);
      if (isClosed && !places.has(hash)) places.set(hash, { frames: numbers, isClosed: true });
    }
    for (const key of keys) own.delete(key);
    return own;
  }

  /** Reads what the other keys of a call have in days beside: whoever asked will ask for them next. */
  async #readAlong(
    enterprise: string,
    beside: readonly string[],
    asked: readonly string[],
    local: LocalSight,
  ): Promise<void> {
    const keys = [...asked, ...beside];
    const names = this.#namesFor(enterprise, keys, local);
    await mapAtMost(PARALLEL_DAYS, names, async (name) => {
      const day = { enterprise, name };
      await this.#objects.again(day, async () => {
        const open = await this.#objects.head(day);
        if (open === undefined) return;
        const { numbers } = await this.#framesOf(open, keys);
        await this.#objects.frames(open, numbers);
      });
    });
  }
}

/** Whether a day is one in which late records of these ids may be. */
const isSoonAfter = (name: string, keys: readonly string[]): boolean => {
  const day = tryParseFinishedName(name) ?? -1;
  return keys.some((key) =>
    daysOfId(isIdKey(key) ? key.slice(3) : "").some((own) => day > own && day <= own + LATE_DAYS),
  );
};

const findsIn = async (
  { bytes, at }: FrameLines,
  name: string,
  wanted: Wanted,
): Promise<Find[]> => {
  const look = wanted.lookIn(name);
  const finds: Find[] = [];
  const pacer = createPacer();
  for (const { start, end } of wanted.candidates(bytes)) {
    const find = look(bytes, start, end, at + start);
    if (find !== undefined) finds.push(find);
    await pacer.pause();
  }
  return finds.reverse();
};
