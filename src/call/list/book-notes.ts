// A checkpoint of a day book: its groups, keys and bridges as tables of numbers, so that a restart does not read the
// file again. Holds offsets and hashes only; every text is in the file or in the table of rows.

import { createGroup, type EventGroup, type Groups } from "./groups.ts";
import { uint32 } from "./table.ts";
import type { CallCursor } from "./types.ts";

/** Goes with the sections of a checkpoint. */
export type BookNotes = {
  readonly replaced: readonly (readonly [group: number, calls: readonly CallCursor[]])[];
  readonly telling: readonly (readonly [group: number, offsets: readonly number[]])[];
};

/** A look at the clock costs more than one step. */
const STRIDE = 64;
const HAS_HANGUP = 1;
const REACHES_BACK = 2;

/** Everything a book knows beside its table. @param replaced rows of earlier files that gave way, by group */
export const notesOf = async (
  groups: Groups,
  replaced: ReadonlyMap<EventGroup, readonly CallCursor[]>,
  pause: () => Promise<void> | undefined,
): Promise<{ meta: BookNotes; sections: Uint8Array[] }> => {
  const offsetEnds = new Uint32Array(groups.all.length);
  const flags = new Uint8Array(groups.all.length);
  const roots = new Uint32Array(groups.all.length);
  let total = 0;
  for (const group of groups.all) total += group.offsets.length;
  const offsets = new Uint32Array(total);
  let end = 0;
  for (const group of groups.all) {
    offsets.set(group.offsets, end);
    end += group.offsets.length;
    offsetEnds[group.number] = end;
    flags[group.number] =
      (group.hasHangup ? HAS_HANGUP : 0) | (group.reachesBack ? REACHES_BACK : 0);
    roots[group.number] = groups.rootOf(group).number;
    if (group.number % STRIDE === 0) await pause();
  }
  const names = new Uint32Array(groups.keys.size * 2 + groups.bridges.size * 4 + 1);
  names[0] = groups.keys.size;
  let at = 1;
  for (const [hash, group] of groups.keys) {
    names[at++] = hash;
    names[at++] = groups.rootOf(group).number;
    if (at % STRIDE === 1) await pause();
  }
  for (const [hash, { group, tied, tellingAt }] of groups.bridges) {
    names[at++] = hash;
    names[at++] = group === undefined ? 0 : groups.rootOf(group).number + 1;
    names[at++] = tied;
    names[at++] = tellingAt + 1;
  }
  return {
    meta: {
      replaced: [...replaced].map(([group, calls]) => [groups.rootOf(group).number, calls]),
      telling: groups.all
        .filter(({ telling }) => telling.length > 0)
        .map(({ number, telling }) => [number, telling]),
    },
    sections: [offsetEnds, flags, roots, offsets, names].map(
      ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
    ),
  };
};

/** Fills `groups` and `replaced` with what `notesOf` gave. */
export const restoreGroups = async (
  groups: Groups,
  { meta, sections }: { readonly meta: BookNotes; readonly sections: readonly Buffer[] },
  replaced: Map<EventGroup, readonly CallCursor[]>,
  pause: () => Promise<void> | undefined,
): Promise<void> => {
  const [offsetEnds, flags, roots, offsets, names] = sections as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const ends = uint32(offsetEnds);
  const places = uint32(offsets);
  for (let number = 0; number < ends.length; number += 1) {
    const group = createGroup(number);
    const end = ends[number] ?? 0;
    for (let place = number === 0 ? 0 : (ends[number - 1] ?? 0); place < end; place += 1) {
      group.offsets.push(places[place] ?? 0);
    }
    group.events = undefined;
    group.wasSeen = true;
    group.isInTable = true;
    group.hasHangup = ((flags[number] ?? 0) & HAS_HANGUP) !== 0;
    group.reachesBack = ((flags[number] ?? 0) & REACHES_BACK) !== 0;
    groups.all.push(group);
    if (number % STRIDE === 0) await pause();
  }
  uint32(roots).forEach((root, number) => {
    const group = groups.all[number];
    if (root === number || group === undefined) return;
    group.into = groups.all[root];
    if (group.into !== undefined) group.into.hasTaken = true;
  });
  const table = uint32(names);
  let at = 1;
  for (let count = table[0] ?? 0; count > 0; count -= 1, at += 2) {
    const group = groups.all[table[at + 1] ?? 0];
    if (group !== undefined) groups.keys.set(table[at] ?? 0, group);
    if (count % STRIDE === 0) await pause();
  }
  for (; at + 3 < table.length; at += 4) {
    groups.bridges.set(table[at] ?? 0, {
      group: groups.all[(table[at + 1] ?? 0) - 1],
      tied: table[at + 2] ?? 0,
      tellingAt: (table[at + 3] ?? 0) - 1,
    });
    if ((at - 1) % STRIDE === 0) await pause();
  }
  for (const [number, calls] of meta.replaced) {
    const group = groups.all[number];
    if (group !== undefined) replaced.set(group, calls);
  }
  for (const [number, telling] of meta.telling) {
    const group = groups.all[number];
    if (group !== undefined) group.telling = [...telling];
  }
};
