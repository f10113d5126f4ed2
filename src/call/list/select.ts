// Selects the rows that a query asks for, newest first, from layers of tables. Filters run over columns, and a row is
// parsed only when it is returned. Older layers are loaded only when the page needs them.

import { isOwed } from "../follow-up.ts";
import type { Layer } from "./day-book.ts";
import { numbersNamed } from "./names.ts";
import {
  comparePlaces,
  directionOfCode,
  type Entry,
  isLostCode,
  OPEN_CODE,
  placeOf,
  rowAt,
  statusOfCode,
} from "./row.ts";
import {
  type CallTable,
  digitsOf,
  entryAt,
  firstBefore,
  indexOf,
  type TextColumn,
  textAt,
} from "./table.ts";
import type { CallCursor, CallQuery, CallRow } from "./types.ts";

export type ListMoment = { readonly now: number; readonly callTimeoutMs: number };

/** How numbers are dialled inside a country, and how the same numbers begin from outside. */
const NATIONAL: readonly (readonly [national: string, digits: number, country: string])[] = [
  ["80", 11, "375"],
  ["8", 11, "7"],
  ["0", 10, "380"],
];

/**
 * The ways to look for a part of a number: as it stands anywhere, and, since it may be written as it is dialled inside a
 * country or with a prefix for abroad, the other spelling from the number's beginning on (a line break stands there).
 */
export const numberNeedles = (number: string): string[] => {
  const digits = digitsOf(number);
  if (digits === "") return [];
  const needles = new Set([digits]);
  for (const abroad of ["00", "810"]) {
    if (digits.startsWith(abroad) && digits.length > abroad.length + 3) {
      needles.add(`\n${digits.slice(abroad.length)}`);
    }
  }
  for (const [national, whole, country] of NATIONAL) {
    const rest = digits.slice(national.length);
    // `80` alone would be every number of the country; a lone `8` or `0` says too little unless the number is whole.
    const isTelling = national === "80" ? rest.length >= 2 : digits.length === whole;
    if (digits.startsWith(national) && isTelling) needles.add(`\n${country}${rest}`);
    if (digits.startsWith(country) && digits.length === country.length + whole - national.length) {
      needles.add(`\n${national}${digits.slice(country.length)}`);
    }
  }
  return [...needles];
};

/** Marks the rows whose text in a column holds one of the needles. */
const marksOf = ({ bytes, ends }: TextColumn, needles: readonly string[]): Uint8Array => {
  const marks = new Uint8Array(ends.length);
  for (const needle of needles) {
    const wanted = Buffer.from(needle, "utf8");
    let row = 0;
    for (let at = bytes.indexOf(wanted); at >= 0; ) {
      let [low, high] = [row, ends.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((ends[middle] ?? 0) <= at) low = middle + 1;
        else high = middle;
      }
      row = low;
      marks[row] = 1;
      at = bytes.indexOf(wanted, ends[row]);
    }
  }
  return marks;
};

/** Marks the rows of which the caller's name, or a name given for one of their numbers, holds a word. */
const nameMarks = (table: CallTable, given: Buffer, word: string): Uint8Array => {
  const marks = marksOf(table.names, [word]);
  const numbers = numbersNamed(given, word);
  if (numbers.size === 0) return marks;
  const digits = new Set([...numbers].map((number) => `\n${digitsOf(number)}`));
  for (let index = 0; index < table.count; index += 1) {
    if (marks[index] === 1) continue;
    const isOurs = (): boolean =>
      textAt(table.extensions, index)
        .split("\t")
        .some((number) => numbers.has(number));
    if (digits.has(textAt(table.phones, index)) || isOurs()) marks[index] = 1;
  }
  return marks;
};

/** Which rows of a table can be wanted, as far as columns tell. */
export const createFilter = (query: CallQuery) => {
  const needles = numberNeedles(query.number ?? "");
  const extension = query.extension?.trim() ?? "";
  const isExtensionOdd = /[\t\n]/.test(extension);
  type Facts = Pick<CallRow, "direction" | "status" | "isLost">;
  const isWantedRow = ({ direction, status, isLost }: Facts): boolean =>
    (query.directions?.includes(direction) ?? true) &&
    (query.statuses?.includes(status) ?? status !== "service") &&
    (query.follow === undefined || isOwed({ direction, status, isLost }));
  const byCode = Uint8Array.from({ length: OPEN_CODE + 1 }, (_, code) =>
    code === OPEN_CODE ||
    isWantedRow({
      direction: directionOfCode(code),
      status: statusOfCode(code),
      isLost: isLostCode(code),
    })
      ? 1
      : 0,
  );
  return {
    from: query.from ?? Number.NEGATIVE_INFINITY,
    to: query.to ?? Number.POSITIVE_INFINITY,
    marks: ({ table, given }: Pick<Layer, "table" | "given">): readonly Uint8Array[] => [
      ...(query.name ?? []).map((word) => nameMarks(table, given, word)),
      ...(needles.length === 0 ? [] : [marksOf(table.phones, needles)]),
      ...(extension === ""
        ? []
        : [
            isExtensionOdd
              ? new Uint8Array(table.count)
              : marksOf(table.extensions, [`\t${extension}\t`]),
          ]),
    ],
    mayBe: (code: number): boolean => byCode[code] === 1,
    is: isWantedRow,
  };
};
export type Filter = ReturnType<typeof createFilter>;

/** The rows of a table that newer layers replace. */
const deadOf = async (
  { table, dead }: Layer,
  replaced: readonly CallCursor[],
): Promise<Uint8Array | undefined> => {
  let marks = dead;
  for (const place of replaced) {
    const index = await indexOf(table, place);
    if (index === undefined) continue;
    if (marks === dead) marks = dead?.slice() ?? new Uint8Array(table.count);
    if (marks !== undefined) marks[index] = 1;
  }
  return marks;
};

/** A layer with what newer layers take out of it: hand them in newest first. */
export const layerOver = (): ((layer: Layer) => Promise<Layer>) => {
  const replaced: CallCursor[] = [];
  return async (layer) => {
    const dead = await deadOf(layer, replaced);
    for (const place of layer.replaces) replaced.push(place);
    return dead === undefined ? layer : { ...layer, dead };
  };
};

/** A walk over the wanted rows of one layer, newest first. */
export type Walk = {
  /** When the next row began; -Infinity where there is none. */
  readonly nextAt: () => number;
  readonly nextPlace: () => CallCursor | undefined;
  readonly take: () => Entry | undefined;
};

const emptyWalk: Walk = {
  nextAt: () => Number.NEGATIVE_INFINITY,
  nextPlace: () => undefined,
  take: () => undefined,
};

/** Begins a walk behind `before`. Texts are read only where a row may be wanted. */
export const walkOver = async (
  { table, dead, given }: Layer,
  filter: Filter,
  before: CallCursor | undefined,
): Promise<Walk> => {
  const marks = filter.marks({ table, given });
  const behind = before === undefined ? Number.POSITIVE_INFINITY : before.startedAt + 1;
  const upTo = Math.min(filter.to, behind);
  let at = Number.isFinite(upTo) ? firstBefore(table, upTo) : 0;
  const isWanted = (index: number): boolean =>
    dead?.[index] !== 1 &&
    filter.mayBe(table.codes[index] ?? 0) &&
    marks.every((mark) => mark[index] === 1);
  /** Goes on to the next row that columns let through. */
  const settle = (): boolean => {
    while (at < table.count && !isWanted(at)) at += 1;
    if ((table.startedAt[at] ?? Number.NEGATIVE_INFINITY) < filter.from) at = table.count;
    return at < table.count;
  };
  if (!settle()) return emptyWalk;
  const texts = await table.texts.load();
  const current = (): Entry | undefined => (at < table.count ? entryAt(texts, at) : undefined);
  for (let entry = current(); before !== undefined && entry !== undefined; entry = current()) {
    if (comparePlaces(before, placeOf(entry)) < 0) break;
    at += 1;
    settle();
  }
  return {
    nextAt: () => (at < table.count ? (table.startedAt[at] ?? 0) : Number.NEGATIVE_INFINITY),
    nextPlace: () => {
      const next = current();
      return next === undefined ? undefined : placeOf(next);
    },
    take: () => {
      const taken = current();
      at += 1;
      settle();
      return taken;
    },
  };
};

/** The walk with the newest row; undefined where none has one. */
export const newestOf = (walks: readonly Walk[]): Walk | undefined => {
  let newest: Walk | undefined;
  for (const walk of walks) {
    const at = walk.nextAt();
    if (at === Number.NEGATIVE_INFINITY) continue;
    const best = newest?.nextAt() ?? Number.NEGATIVE_INFINITY;
    if (at < best) continue;
    const [own, other] = at > best ? [] : [walk.nextPlace(), newest?.nextPlace()];
    if (at > best || (own && other && comparePlaces(own, other) < 0)) newest = walk;
  }
  return newest;
};

/** The row of an entry now, where it is wanted. */
export const wantedRow = (
  entry: Entry,
  filter: Filter,
  { now, callTimeoutMs }: ListMoment,
): CallRow | undefined => {
  const row = rowAt(entry, now, callTimeoutMs);
  return filter.is(row) ? row : undefined;
};
