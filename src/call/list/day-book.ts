// The calls of one file, kept up to date while it grows: groups of events and a table of the rows made from them. New
// lines cause only the groups they touch to be assembled again. A finished day is the same thing read to its end. All
// of it can be rebuilt from the file.

import { bridgeKey, idKey } from "../../domain/record.ts";
import {
  createPacer,
  type DayFile,
  hashOfKey,
  type OpenDay,
  type PlacedRecord,
} from "../../store/index.ts";
import { CallEvent, type FindRecords, inOrder, partition } from "../index.ts";
import { type BookNotes, notesOf, restoreGroups } from "./book-notes.ts";
import { continuedCalls, keysBefore } from "./earlier.ts";
import { createGroups, type EventGroup, type Groups } from "./groups.ts";
import { GivenNames } from "./names.ts";
import { comparePlaces, type Entry, entryOf, isCall, placeOf } from "./row.ts";
import { buildTable, type CallTable, type Cell, cellAt, cellOf, sortCells } from "./table.ts";
import type { CallCursor } from "./types.ts";

/** Rows of one file, or of its newest lines; later layers may replace rows of earlier ones. */
export type Layer = {
  readonly table: CallTable;
  /** Marks rows that are no more. */
  readonly dead?: Uint8Array;
  /** Rows of older layers that are no more: their calls went on here. */
  readonly replaces: readonly CallCursor[];
  /** Names that were given for numbers in the file (`GivenNames`). */
  readonly given: Buffer;
};

export type BookOptions = {
  readonly dir: string;
  readonly enterprise: string;
  readonly file: DayFile;
  readonly find: FindRecords;
  readonly callTimeoutMs: number;
  readonly now: () => number;
  /** Keys in the archived day before, since a moment: given where the day before is not here. Does not reject. */
  readonly archivedBefore?: ((since: number) => Promise<ReadonlySet<number>>) | undefined;
};

export type DayBook = {
  /** How much of the file has been read, in bytes. */
  readonly readTo: () => number;
  /** Reads on up to `to`; ends early, at a place where it can go on, where `isWanted` says so. One at a time. */
  readonly readOn: (
    day: OpenDay,
    to: number,
    restMs?: number,
    isWanted?: () => boolean,
  ) => Promise<void>;
  /** The rows of everything read, newest layer first. */
  readonly layers: () => Promise<readonly Layer[]>;
  /** Everything in one table. */
  readonly seal: (restMs?: number) => Promise<Layer>;
  /** What brings the book back without reading the file; undefined where the file is too large for it. */
  readonly notes: () => Promise<
    { readonly meta: BookNotes; readonly sections: Uint8Array[] } | undefined
  >;
  /** Memory held, about. */
  readonly bytes: () => number;
};

/** A book as it was at a checkpoint. */
export type Restored = {
  readonly table: CallTable;
  readonly given: Buffer;
  readonly meta: BookNotes;
  readonly sections: readonly Buffer[];
  readonly readTo: number;
};

/** The events of records of a file, each in the order of its place. */
export const placedEvents = (placed: readonly PlacedRecord[]): CallEvent[] => {
  const events: CallEvent[] = [];
  for (const { offset, record, fields } of placed)
    if (record.kind === "AST") events.push(new CallEvent(record, offset, fields));
  return events;
};

/** Records of a group that are looked at, from its beginning and from its end: one id used without end is no call. */
const MAX_LOOKED = 2000;
/** Records kept in memory for calls that are not over. */
const MAX_KEPT = 20_000;
/** Rows that are not in the table before it is made anew. */
const MIN_FRESH = 1000;
const MAX_TOLD = 1000;
const MAX_OFFSET = 2 ** 32;
const BYTES_OF_GROUP = 220;
const BYTES_OF_KEY = 60;

class RunningDayBook implements DayBook {
  readonly #options: BookOptions;
  readonly #restored: Restored | undefined;
  readonly #dir: string;
  readonly #enterprise: string;
  readonly #file: DayFile;
  readonly #find: FindRecords;
  readonly #callTimeoutMs: number;
  readonly #now: () => number;
  #hashesBefore: Set<number> | undefined;
  #readTo: number;
  #batch = 0;
  #kept = 0;
  #sealed: CallTable | undefined;
  #dead: Uint8Array<ArrayBuffer> | undefined;
  readonly #fresh = new Map<EventGroup, Cell[]>();
  #freshTable: Promise<CallTable> | undefined;
  readonly #replaced = new Map<EventGroup, readonly CallCursor[]>();
  /** Events that tell that a bridge ties nobody, by offset: a parking place is spoken of by every parked call. */
  readonly #told = new Map<number, CallEvent>();
  readonly #groups: Groups;
  readonly #given: GivenNames;

  constructor(options: BookOptions, restored?: Restored) {
    this.#options = options;
    this.#restored = restored;
    const { dir, enterprise, file, find, callTimeoutMs, now } = this.#options;
    this.#dir = dir;
    this.#enterprise = enterprise;
    this.#file = file;
    this.#find = find;
    this.#callTimeoutMs = callTimeoutMs;
    this.#now = now;
    this.#readTo = this.#restored?.readTo ?? 0;
    this.#given = new GivenNames(this.#restored?.given);
    this.#sealed = this.#restored?.table;
    this.#dead = this.#sealed === undefined ? undefined : new Uint8Array(this.#sealed.count);
    this.#groups = createGroups({
      from: this.#file.from,
      callTimeoutMs: this.#callTimeoutMs,
      isInEarlierFile: (hash) => this.#hashesBefore?.has(hash) ?? false,
    });
  }

  async seal(restMs = 0): Promise<Layer> {
    const pacer = createPacer(restMs);
    if (this.#fresh.size > 0 || this.#sealed === undefined) {
      const cells: Cell[] = [];
      const texts = await this.#sealed?.texts.load();
      const added = sortCells([...this.#fresh.values()].flat());
      let next = 0;
      // Merged, not sorted anew: that would hold everybody up for tens of milliseconds.
      for (let index = 0; this.#sealed && texts && index < this.#sealed.count; index += 1) {
        if (this.#dead?.[index] === 1) continue;
        const cell = cellAt(this.#sealed, texts, index);
        for (let own = added[next]; own && comparePlaces(own.place, cell.place) < 0; ) {
          cells.push(own);
          next += 1;
          own = added[next];
        }
        cells.push(cell);
        await pacer.pause();
      }
      for (; next < added.length; next += 1) cells.push(added[next] as Cell);
      for (const group of this.#fresh.keys()) group.isInTable = true;
      this.#sealed = await buildTable(cells, pacer.pause);
      this.#dead = new Uint8Array(this.#sealed.count);
      this.#fresh.clear();
      this.#freshTable = undefined;
    }
    return this.#layerOf(this.#sealed, this.#dead);
  }

  async readOn(day: OpenDay, to: number, restMs = 0, isWanted = () => true): Promise<void> {
    for await (const block of day.events(this.#readTo, to, restMs)) {
      this.#batch += 1;
      for (const { number, name } of block.names) this.#given.add(number, name);
      for (const event of placedEvents(block.records)) {
        const isEarly = event.at - this.#file.from <= this.#callTimeoutMs;
        if (isEarly)
          this.#hashesBefore ??= await keysBefore(
            this.#dir,
            this.#enterprise,
            this.#file,
            this.#callTimeoutMs,
            this.#options.archivedBefore,
          );
        const group = this.#groups.add(event, this.#batch);
        if (group?.events !== undefined) this.#kept += 1;
      }
      this.#readTo = block.to;
      // What is over and quiet is looked at while its records are still at hand.
      const isFull = this.#kept > MAX_KEPT;
      if (isFull) this.#kept = 0;
      await this.#lookAt(
        day,
        (group) => isFull || (group.hasHangup && group.batch < this.#batch - 1),
        restMs,
      );
      if (!isWanted()) break;
    }
    await this.#lookAt(day, () => true, isWanted() ? restMs : 0);
  }

  async restore(from: Restored): Promise<void> {
    await restoreGroups(this.#groups, from, this.#replaced, createPacer().pause);
  }

  readTo(): number {
    return this.#readTo;
  }

  async layers(): Promise<Layer[]> {
    this.#freshTable ??= buildTable(
      sortCells([...this.#fresh.values()].flat()),
      createPacer().pause,
    );
    const table = await this.#freshTable;
    return this.#sealed === undefined
      ? [this.#layerOf(table, undefined)]
      : [
          { table, replaces: [], given: this.#given.text() },
          this.#layerOf(this.#sealed, this.#dead),
        ];
  }

  async notes(): Promise<{ meta: BookNotes; sections: Uint8Array[] } | undefined> {
    return this.#readTo >= MAX_OFFSET || this.#fresh.size > 0 || this.#groups.touched().length > 0
      ? undefined
      : notesOf(this.#groups, this.#replaced, createPacer().pause);
  }

  bytes(): number {
    return (
      (this.#sealed?.bytes ?? 0) +
      (this.#sealed?.texts.column?.bytes.length ?? 0) +
      this.#groups.all.length * BYTES_OF_GROUP +
      this.#groups.keys.size * BYTES_OF_KEY
    );
  }

  /** Rows of the group, and of those it took up, are no more. */
  #forgetRows(group: EventGroup): void {
    this.#fresh.delete(group);
    this.#replaced.delete(group);
    if (group.hasTaken) {
      for (const rows of [this.#fresh, this.#replaced]) {
        for (const owner of rows.keys())
          if (this.#groups.rootOf(owner) === group) rows.delete(owner);
      }
    }
    if (this.#sealed === undefined || this.#dead === undefined || !group.isInTable) return;
    for (let index = 0; index < this.#sealed.count; index += 1) {
      const owner = this.#groups.all[this.#sealed.owners[index] ?? 0];
      if (owner !== undefined && this.#groups.rootOf(owner) === group) this.#dead[index] = 1;
    }
  }

  async #eventsOf(day: OpenDay, group: EventGroup): Promise<readonly CallEvent[]> {
    let events = group.events;
    if (events === undefined || events.length > 2 * MAX_LOOKED) {
      const offsets = group.offsets.sort((a, b) => a - b);
      const looked =
        offsets.length > 2 * MAX_LOOKED
          ? [...offsets.slice(0, MAX_LOOKED), ...offsets.slice(-MAX_LOOKED)]
          : offsets;
      events = placedEvents(await day.recordsAt(looked));
    }
    return events;
  }

  /** What tells that a bridge of the group ties nobody, where the group's own events do not. */
  async #tellingOf(day: OpenDay, { telling, offsets }: EventGroup): Promise<CallEvent[]> {
    if (this.#told.size > MAX_TOLD) this.#told.clear();
    const unread = telling.filter((offset) => !this.#told.has(offset));
    if (unread.length > 0) {
      for (const event of placedEvents(await day.recordsAt(unread.sort((a, b) => a - b))))
        this.#told.set(event.order, event);
    }
    const isOwn = new Set(offsets);
    return telling.flatMap((offset) => (isOwn.has(offset) ? [] : (this.#told.get(offset) ?? [])));
  }

  /** Joins a group with the others of this file that its calls have events of; undefined where there are none. */
  #joinAll(group: EventGroup, calls: readonly (readonly CallEvent[])[]): EventGroup | undefined {
    let whole = group;
    let isJoined = false;
    for (const { ids, bridgeId, record } of calls.flat()) {
      if (record.at < this.#file.from) continue;
      const mates = ids.map((id) => this.#groups.keys.get(hashOfKey(idKey(id))));
      if (ids.length === 0)
        mates.push(this.#groups.bridges.get(hashOfKey(bridgeKey(bridgeId)))?.group);
      for (const mate of mates) {
        const other = mate === undefined ? whole : this.#groups.rootOf(mate);
        if (other === whole) continue;
        whole = this.#groups.join(whole, other);
        isJoined = true;
      }
    }
    return isJoined ? whole : undefined;
  }

  async #look(day: OpenDay, group: EventGroup): Promise<void> {
    if (group.wasSeen) this.#forgetRows(group);
    const own = await this.#eventsOf(day, group);
    const telling = group.telling.length === 0 ? [] : await this.#tellingOf(day, group);
    this.#kept = Math.max(0, this.#kept - (group.events?.length ?? 0));
    this.#groups.settled(group);
    const isOwn = new Set(own);
    let calls = partition(inOrder([...telling, ...own]), this.#callTimeoutMs).filter(
      (call) => isCall(call) && (telling.length === 0 || call.some((event) => isOwn.has(event))),
    );
    if (group.reachesBack) {
      const continued = await continuedCalls(
        this.#find,
        own.map(({ record }) => record),
        this.#file.from,
        this.#callTimeoutMs,
      );
      calls = continued.calls;
      const whole = this.#joinAll(group, calls);
      // An earlier part holds together what seemed to be calls of their own in this file.
      if (whole !== undefined) return this.#look(day, whole);
      const at = {
        enterprise: this.#enterprise,
        now: this.#now(),
        callTimeoutMs: this.#callTimeoutMs,
      };
      const before = continued.before
        .map((call) => entryOf(call, at))
        .filter((entry) => entry !== undefined);
      if (before.length > 0) this.#replaced.set(group, before.map(placeOf));
    }
    const entries = calls
      .map((call) =>
        entryOf(call, {
          enterprise: this.#enterprise,
          now: this.#now(),
          callTimeoutMs: this.#callTimeoutMs,
        }),
      )
      .filter((entry): entry is Entry => entry !== undefined);
    if (entries.length > 0)
      this.#fresh.set(
        group,
        entries.map((entry) => cellOf(entry, group.number)),
      );
    this.#freshTable = undefined;
  }

  /** Rows of older files give way below all rows of this one: the whole call often has its first part's place. */
  #layerOf(table: CallTable, marks: Uint8Array | undefined): Layer {
    return {
      table,
      ...(marks?.includes(1) ? { dead: marks.slice() } : {}),
      replaces: [...this.#replaced.values()].flat(),
      given: this.#given.text(),
    };
  }

  async #lookAt(
    day: OpenDay,
    wanted: (group: EventGroup) => boolean,
    restMs: number,
  ): Promise<void> {
    const pacer = createPacer(restMs);
    for (const group of this.#groups.touched()) {
      if (!wanted(group)) continue;
      await this.#look(day, group);
      await pacer.pause();
    }
    // Each time all rows are put in order anew: where nobody waits for a table, so seldom that it costs twice the rows.
    const share = restMs > 0 && !this.#file.isRunning ? 1 : 4;
    if (this.#fresh.size > Math.max(MIN_FRESH, (this.#sealed?.count ?? 0) / share))
      await this.seal(restMs);
  }
}

/** Begins a book, or goes on with one that was kept. */
export const createDayBook = async (
  options: BookOptions,
  restored?: Restored,
): Promise<DayBook> => {
  const book = new RunningDayBook(options, restored);
  if (restored !== undefined) await book.restore(restored);
  return book;
};
