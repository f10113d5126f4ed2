// The newest calls of a file that has no table yet: read backwards from its end until there are enough, within a time
// limit. Calls whose beginning was not reached are left out.

import type { GivenName } from "../../domain/names.ts";
import { createPacer, type OpenDay } from "../../store/index.ts";
import { type CallEvent, inOrder, partition } from "../index.ts";
import { type Layer, placedEvents } from "./day-book.ts";
import { createGroups } from "./groups.ts";
import { GivenNames } from "./names.ts";
import { entryOf, isCall } from "./row.ts";
import { buildTable, type Cell, cellOf, sortCells } from "./table.ts";

export type NewestOptions = {
  readonly enterprise: string;
  readonly now: number;
  readonly callTimeoutMs: number;
  /** Calls that are enough; undefined where most calls may not be wanted: as many as there is time for. */
  readonly limit: number | undefined;
  /** Calls that began later are not wanted. */
  readonly upTo: number;
};

/** Shares of the time in which a page should come, in milliseconds; a page that is not full may take the longer one. */
const readingMs = { enough: 30, most: 500 };
const lookingMs = { enough: 40, most: 1000 };
/** Legs and transfers of a call come within this; so much further back is read. In milliseconds. */
const MARGIN_MS = 10 * 60_000;
const PLACING = new Set(["start", "dial"]);

/** The calls, and the moment since when none that began in the file is missing. */
export const newestCalls = async (
  day: OpenDay,
  { enterprise, now, callTimeoutMs, limit, upTo }: NewestOptions,
): Promise<{ readonly layer: Layer; readonly since: number }> => {
  const began = performance.now();
  const blocks: CallEvent[][] = [];
  const placed = new Set<string>();
  let enoughAt: number | undefined;
  let readFrom = day.facts.size;
  let oldestAt = Number.POSITIVE_INFINITY;
  const given: GivenName[] = [];
  for await (const { records, names, from } of day.eventsBackwards()) {
    given.push(...names.toReversed());
    const events = placedEvents(records);
    blocks.push(events);
    readFrom = from;
    for (const { at, type, uniqueId } of events) {
      oldestAt = Math.min(oldestAt, at);
      if (PLACING.has(type) && at <= upTo) placed.add(uniqueId);
    }
    if (limit !== undefined && placed.size > limit) enoughAt ??= oldestAt;
    if (enoughAt !== undefined && oldestAt < enoughAt - MARGIN_MS) break;
    const isEnough = limit === undefined || enoughAt !== undefined;
    if (performance.now() - began > (isEnough ? readingMs.enough : readingMs.most)) break;
  }

  const groups = createGroups({ from: 0, callTimeoutMs, isInEarlierFile: () => false });
  for (const events of blocks.reverse()) for (const event of events) groups.add(event, 0);
  const firstOf = (events: readonly CallEvent[]): number =>
    events.reduce((first, { at }) => Math.min(first, at), Number.MAX_VALUE);
  const newestFirst = groups
    .touched()
    .map(({ number, events = [] }) => ({ number, events, at: firstOf(events) }))
    .filter(({ at }) => at <= upTo)
    .sort((a, b) => b.at - a.at);
  const cells: Cell[] = [];
  let since = readFrom === 0 ? Number.NEGATIVE_INFINITY : oldestAt;
  const pacer = createPacer();
  const lookingSince = performance.now();
  for (const { number, events, at } of newestFirst) {
    const isFull = limit !== undefined && cells.length > limit;
    const mayTakeMs = limit === undefined ? lookingMs.enough : lookingMs.most;
    if (isFull || performance.now() - lookingSince > mayTakeMs) {
      since = Math.max(since, at + 1);
      break;
    }
    for (const call of partition(inOrder(events), callTimeoutMs)) {
      const isWhole = readFrom === 0 || call.some(({ type }) => PLACING.has(type));
      if (!isCall(call) || !isWhole) continue;
      const entry = entryOf(call, { enterprise, now, callTimeoutMs });
      if (entry !== undefined) cells.push(cellOf(entry, number));
    }
    await pacer.pause();
  }
  const known = new GivenNames();
  for (const { number, name } of given.reverse()) known.add(number, name);
  const table = await buildTable(sortCells(cells), pacer.pause);
  return { layer: { table, replaces: [], given: known.text() }, since };
};
