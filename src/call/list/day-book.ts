// The calls of one file, kept up as it grows: groups of events, and a table of the rows they gave. Only what new lines
// touch is looked at again. A finished day is the same thing read to its end. Everything here can be made again from
// the file at any time.

import { happenedAt } from "../../domain/event-time.ts";
import { bridgeKey, idKey, type StoredRecord } from "../../domain/record.ts";
import { createPacer, type DayFile, hashOfKey, type OpenDay } from "../../store/index.ts";
import { type CallEvent, callEvents, type FindRecords, partition } from "../index.ts";
import { type BookNotes, notesOf, restoreGroups } from "./book-notes.ts";
import { continuedCalls, keysBefore } from "./earlier.ts";
import { createGroups, type Group, type Groups } from "./groups.ts";
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
};

export type BookOptions = {
  readonly dir: string;
  readonly enterprise: string;
  readonly file: DayFile;
  readonly find: FindRecords;
  readonly callTimeoutMs: number;
  readonly now: () => number;
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
  readonly meta: BookNotes;
  readonly sections: readonly Buffer[];
  readonly readTo: number;
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

/** Begins a book, or goes on with one that was kept. */
export const createDayBook = async (
  options: BookOptions,
  restored?: Restored,
): Promise<DayBook> => {
  const { dir, enterprise, file, find, callTimeoutMs, now } = options;
  let hashesBefore: Set<number> | undefined;
  let readTo = restored?.readTo ?? 0;
  let batch = 0;
  let kept = 0;
  let sealed: CallTable | undefined = restored?.table;
  let dead = sealed === undefined ? undefined : new Uint8Array(sealed.count);
  const fresh = new Map<Group, Cell[]>();
  let freshTable: Promise<CallTable> | undefined;
  const replaced = new Map<Group, readonly CallCursor[]>();
  /** Records that tell that a bridge ties nobody, by offset: a parking place is spoken of by every parked call. */
  const told = new Map<number, StoredRecord>();
  const groups: Groups = createGroups({
    from: file.from,
    callTimeoutMs,
    isInEarlierFile: (hash) => hashesBefore?.has(hash) ?? false,
  });
  if (restored !== undefined) {
    await restoreGroups(groups, restored, replaced, createPacer().pause);
  }

  /** Rows of the group, and of those it took up, are no more. */
  const forgetRows = (group: Group): void => {
    fresh.delete(group);
    replaced.delete(group);
    if (group.hasTaken) {
      for (const rows of [fresh, replaced]) {
        for (const owner of rows.keys()) if (groups.rootOf(owner) === group) rows.delete(owner);
      }
    }
    if (sealed === undefined || dead === undefined || !group.isInTable) return;
    for (let index = 0; index < sealed.count; index += 1) {
      const owner = groups.all[sealed.owners[index] ?? 0];
      if (owner !== undefined && groups.rootOf(owner) === group) dead[index] = 1;
    }
  };

  const recordsOf = async (day: OpenDay, group: Group): Promise<StoredRecord[]> => {
    let placed = group.records;
    if (placed === undefined || placed.length > 2 * MAX_LOOKED) {
      const offsets = group.offsets.sort((a, b) => a - b);
      const looked =
        offsets.length > 2 * MAX_LOOKED
          ? [...offsets.slice(0, MAX_LOOKED), ...offsets.slice(-MAX_LOOKED)]
          : offsets;
      placed = await day.recordsAt(looked);
    }
    return placed.toSorted((a, b) => a.offset - b.offset).map(({ record }) => record);
  };

  /** What tells that a bridge of the group ties nobody, where the group's own events do not. */
  const tellingOf = async (
    day: OpenDay,
    { telling }: Group,
    own: readonly StoredRecord[],
  ): Promise<StoredRecord[]> => {
    if (told.size > MAX_TOLD) told.clear();
    const unread = telling.filter((offset) => !told.has(offset));
    for (const { offset, record } of await day.recordsAt(unread.sort((a, b) => a - b))) {
      told.set(offset, record);
    }
    const lines = new Set(own.map(({ raw }) => raw));
    return telling.flatMap((offset) => told.get(offset) ?? []).filter(({ raw }) => !lines.has(raw));
  };

  /** Joins a group with the others of this file that its calls have events of; undefined where there are none. */
  const joinAll = (group: Group, calls: readonly (readonly CallEvent[])[]): Group | undefined => {
    let whole = group;
    let isJoined = false;
    for (const { ids, bridgeId, record } of calls.flat()) {
      if (record.at < file.from) continue;
      const mates = ids.map((id) => groups.keys.get(hashOfKey(idKey(id))));
      if (ids.length === 0) mates.push(groups.bridges.get(hashOfKey(bridgeKey(bridgeId)))?.group);
      for (const mate of mates) {
        const other = mate === undefined ? whole : groups.rootOf(mate);
        if (other === whole) continue;
        whole = groups.join(whole, other);
        isJoined = true;
      }
    }
    return isJoined ? whole : undefined;
  };

  const look = async (day: OpenDay, group: Group): Promise<void> => {
    if (group.wasSeen) forgetRows(group);
    const own = await recordsOf(day, group);
    const telling = await tellingOf(day, group, own);
    kept = Math.max(0, kept - (group.records?.length ?? 0));
    groups.settled(group);
    const isOwn = new Set<StoredRecord>(own);
    let calls = partition(callEvents([...telling, ...own]), callTimeoutMs).filter(
      (call) => isCall(call) && call.some(({ record }) => isOwn.has(record)),
    );
    if (group.reachesBack) {
      const continued = await continuedCalls(find, own, file.from, callTimeoutMs);
      calls = continued.calls;
      const whole = joinAll(group, calls);
      // An earlier part holds together what seemed to be calls of their own in this file.
      if (whole !== undefined) return look(day, whole);
      const at = { enterprise, now: now(), callTimeoutMs };
      const before = continued.before
        .map((call) => entryOf(call, at))
        .filter((entry) => entry !== undefined);
      if (before.length > 0) replaced.set(group, before.map(placeOf));
    }
    const entries = calls
      .map((call) => entryOf(call, { enterprise, now: now(), callTimeoutMs }))
      .filter((entry): entry is Entry => entry !== undefined);
    if (entries.length > 0)
      fresh.set(
        group,
        entries.map((entry) => cellOf(entry, group.number)),
      );
    freshTable = undefined;
  };

  const seal: DayBook["seal"] = async (restMs = 0) => {
    const pacer = createPacer(restMs);
    if (fresh.size > 0 || sealed === undefined) {
      const cells: Cell[] = [];
      const texts = await sealed?.texts.load();
      const added = sortCells([...fresh.values()].flat());
      let next = 0;
      // Merged, not sorted anew: that would hold everybody up for tens of milliseconds.
      for (let index = 0; sealed && texts && index < sealed.count; index += 1) {
        if (dead?.[index] === 1) continue;
        const cell = cellAt(sealed, texts, index);
        for (let own = added[next]; own && comparePlaces(own.place, cell.place) < 0; ) {
          cells.push(own);
          next += 1;
          own = added[next];
        }
        cells.push(cell);
        await pacer.pause();
      }
      for (; next < added.length; next += 1) cells.push(added[next] as Cell);
      for (const group of fresh.keys()) group.isInTable = true;
      sealed = await buildTable(cells, pacer.pause);
      dead = new Uint8Array(sealed.count);
      fresh.clear();
      freshTable = undefined;
    }
    return layerOf(sealed, dead);
  };

  /** Rows of older files give way below all rows of this one: the whole call often has its first part's place. */
  const layerOf = (table: CallTable, marks: Uint8Array | undefined): Layer => ({
    table,
    ...(marks?.includes(1) ? { dead: marks.slice() } : {}),
    replaces: [...replaced.values()].flat(),
  });

  const lookAt = async (
    day: OpenDay,
    wanted: (group: Group) => boolean,
    restMs: number,
  ): Promise<void> => {
    const pacer = createPacer(restMs);
    for (const group of groups.touched()) {
      if (!wanted(group)) continue;
      await look(day, group);
      await pacer.pause();
    }
    if (fresh.size > Math.max(MIN_FRESH, (sealed?.count ?? 0) / 4)) await seal(restMs);
  };

  const readOn: DayBook["readOn"] = async (day, to, restMs = 0, isWanted = () => true) => {
    for await (const block of day.events(readTo, to, restMs)) {
      batch += 1;
      for (const placed of block.records) {
        const isEarly = happenedAt(placed.record) - file.from <= callTimeoutMs;
        if (isEarly) hashesBefore ??= await keysBefore(dir, enterprise, file, callTimeoutMs);
        const group = groups.add(placed, batch);
        if (group?.records !== undefined) kept += 1;
      }
      readTo = block.to;
      // What is over and quiet is looked at while its records are still at hand.
      const isFull = kept > MAX_KEPT;
      if (isFull) kept = 0;
      await lookAt(day, (group) => isFull || (group.hasHangup && group.batch < batch - 1), restMs);
      if (!isWanted()) break;
    }
    await lookAt(day, () => true, isWanted() ? restMs : 0);
  };

  return {
    readTo: () => readTo,
    readOn,
    seal,
    layers: async () => {
      freshTable ??= buildTable(sortCells([...fresh.values()].flat()), createPacer().pause);
      const table = await freshTable;
      return sealed === undefined
        ? [layerOf(table, undefined)]
        : [{ table, replaces: [] }, layerOf(sealed, dead)];
    },
    notes: async () =>
      readTo >= MAX_OFFSET || fresh.size > 0 || groups.touched().length > 0
        ? undefined
        : notesOf(groups, replaced, createPacer().pause),
    bytes: () =>
      (sealed?.bytes ?? 0) +
      (sealed?.texts.column?.bytes.length ?? 0) +
      groups.all.length * BYTES_OF_GROUP +
      groups.keys.size * BYTES_OF_KEY,
  };
};
