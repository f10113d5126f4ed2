// Rows as the list keeps them of a file: for tests of the rules that go over them.

import type { Layer } from "../../src/call/list/day-book.ts";
import { GivenNames } from "../../src/call/list/names.ts";
import { comparePlaces, type Entry, placeOf } from "../../src/call/list/row.ts";
import { buildTable, cellOf, sortCells } from "../../src/call/list/table.ts";
import type { CallCursor, CallRow } from "../../src/call/list/types.ts";

/** A call under way: as it is at its last event, and as it will be once it was silent for the call time-out. */
export const openEntry = (
  alive: CallRow,
  over: CallRow,
  { lastSeenAt, isTalking }: { readonly lastSeenAt: number; readonly isTalking: boolean },
): Entry => ({ open: { alive, over, lastSeenAt, isTalking } });

/** A layer that holds the entries, in whatever order they come. */
export const layerOf = async (
  entries: readonly (CallRow | Entry)[],
  {
    dead = [],
    replaces = [],
    named = {},
  }: {
    readonly dead?: readonly CallRow[];
    readonly replaces?: readonly CallCursor[];
    /** Names that were given for numbers. */
    readonly named?: { readonly [number: string]: string };
  } = {},
): Promise<Layer> => {
  const all = entries.map((entry): Entry => ("uniqueId" in entry ? { row: entry } : entry));
  const table = await buildTable(
    sortCells(all.map((entry, owner) => cellOf(entry, owner))),
    () => undefined,
  );
  const names = new GivenNames();
  for (const [number, name] of Object.entries(named)) names.add(number, name);
  const given = names.text();
  if (dead.length === 0) return { table, replaces, given };
  const places = all.map(placeOf).sort(comparePlaces);
  const isDead = ({ uniqueId }: CallCursor) => dead.some((row) => row.uniqueId === uniqueId);
  return {
    table,
    replaces,
    given,
    dead: Uint8Array.from(places, (place) => (isDead(place) ? 1 : 0)),
  };
};
