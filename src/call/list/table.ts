// The rows of one file as columns, newest first: queries read numbers and short texts, and a row is parsed only when
// it is shown. Immutable; the layout in memory and on disk is the same.

import { foldName } from "./names.ts";
import {
  codeOf,
  comparePlaces,
  decodeEntry,
  type Entry,
  encodeEntry,
  idOfEntry,
  OPEN_CODE,
  placeOf,
} from "./row.ts";
import type { CallCursor, CallRow } from "./types.ts";

/** Stands for null in a column of durations. */
export const NO_DURATION = 0xffff_ffff;
const MAX_DURATION = NO_DURATION - 1;

export type CallTable = {
  readonly count: number;
  /** Beginnings, descending, in milliseconds since the epoch. */
  readonly startedAt: Float64Array;
  /** Direction and status, or `OPEN_CODE`. */
  readonly codes: Uint8Array;
  readonly waits: Uint32Array;
  readonly talks: Uint32Array;
  /** What the row belongs to, in the words of whoever made the table. */
  readonly owners: Uint32Array;
  readonly texts: Texts;
  /** A line break, then the digits of the number. */
  readonly phones: TextColumn;
  /** Every number on our side, each between tabs. */
  readonly extensions: TextColumn;
  /** A line break, then the caller's name as names are compared. */
  readonly names: TextColumn;
  /** Memory held, without the texts of the rows. */
  readonly bytes: number;
};

/** The rows as text: in memory, or to be read from beside the file when rows are shown. */
export type Texts = {
  /** Undefined where they are not in memory. */
  column: TextColumn | undefined;
  /** @throws StaleTableError where they cannot be had any more: the table is to be asked for again. */
  readonly load: () => Promise<TextColumn>;
};

/** The texts of a table are gone from the disk. */
export class StaleTableError extends Error {
  override readonly name = "StaleTableError";
}

/** Texts one after the other; `ends` says where each ends. */
export type TextColumn = { readonly bytes: Buffer; readonly ends: Uint32Array };

/** A row ready for a table. */
export type Cell = {
  readonly place: CallCursor;
  readonly owner: number;
  readonly code: number;
  readonly wait: number;
  readonly talk: number;
  readonly text: string;
  readonly phone: string;
  readonly extensions: string;
  readonly name: string;
};

export const digitsOf = (text: string): string => text.replace(/\D/g, "");

const duration = (ms: number | null): number =>
  ms === null ? NO_DURATION : Math.max(0, Math.min(MAX_DURATION, Math.round(ms)));

const SEPARATORS = /[\t\n]/g;

const extensionsText = ({ extensions, answeredBy, direction, phone }: CallRow): string => {
  const own = new Set([...extensions, ...answeredBy]);
  if (direction === "internal" && phone !== null) own.add(phone);
  return own.size === 0
    ? ""
    : `\t${[...own].map((text) => text.replace(SEPARATORS, " ")).join("\t")}\t`;
};

export const cellOf = (entry: Entry, owner: number): Cell => {
  const row = "row" in entry ? entry.row : entry.open.over;
  return {
    place: placeOf(entry),
    owner,
    code: "row" in entry ? codeOf(row) : OPEN_CODE,
    wait: duration(row.waitMs),
    talk: duration(row.talkMs),
    text: encodeEntry(entry),
    phone: `\n${digitsOf(row.phone ?? "")}`,
    extensions: extensionsText(row),
    name: `\n${foldName(row.callerName ?? "")}`,
  };
};

const columnOf = (texts: readonly string[]): TextColumn => {
  const bytes = Buffer.from(texts.join(""), "utf8");
  const ends = new Uint32Array(texts.length);
  let end = 0;
  for (let index = 0; index < texts.length; index += 1) {
    end += Buffer.byteLength(texts[index] ?? "", "utf8");
    ends[index] = end;
  }
  return { bytes, ends };
};

const joinColumns = (columns: readonly TextColumn[]): TextColumn => {
  const ends = new Uint32Array(columns.reduce((sum, column) => sum + column.ends.length, 0));
  let from = 0;
  let start = 0;
  for (const column of columns) {
    for (let index = 0; index < column.ends.length; index += 1) {
      ends[from + index] = start + (column.ends[index] ?? 0);
    }
    from += column.ends.length;
    start += column.bytes.length;
  }
  return { bytes: Buffer.concat(columns.map(({ bytes }) => bytes)), ends };
};

const tableOf = (
  numbers: Pick<CallTable, "startedAt" | "codes" | "waits" | "talks" | "owners">,
  columns: Pick<CallTable, "phones" | "extensions" | "names">,
  texts: Texts,
): CallTable => {
  let bytes = 0;
  for (const { byteLength } of Object.values(numbers)) bytes += byteLength;
  for (const column of Object.values(columns)) {
    bytes += column.bytes.length + column.ends.byteLength;
  }
  return { count: numbers.codes.length, ...numbers, ...columns, texts, bytes };
};

const inMemory = (column: TextColumn): Texts => ({ column, load: async () => column });

const PIECE = 512;

/** Cells in the order of a table. */
export const sortCells = (cells: readonly Cell[]): Cell[] =>
  cells.toSorted((a, b) => comparePlaces(a.place, b.place));

/** Makes a table of cells that are in order. @param pause lets others run in between */
export const buildTable = async (
  sorted: readonly Cell[],
  pause: () => Promise<void> | undefined,
): Promise<CallTable> => {
  const numbers = {
    startedAt: new Float64Array(sorted.length),
    codes: new Uint8Array(sorted.length),
    waits: new Uint32Array(sorted.length),
    talks: new Uint32Array(sorted.length),
    owners: new Uint32Array(sorted.length),
  };
  const texts: TextColumn[] = [];
  const phones: TextColumn[] = [];
  const extensions: TextColumn[] = [];
  const names: TextColumn[] = [];
  for (let from = 0; from < sorted.length; from += PIECE) {
    const piece = sorted.slice(from, from + PIECE);
    piece.forEach((cell, index) => {
      numbers.startedAt[from + index] = cell.place.startedAt;
      numbers.codes[from + index] = cell.code;
      numbers.waits[from + index] = cell.wait;
      numbers.talks[from + index] = cell.talk;
      numbers.owners[from + index] = cell.owner;
    });
    texts.push(columnOf(piece.map(({ text }) => text)));
    phones.push(columnOf(piece.map(({ phone }) => phone)));
    extensions.push(columnOf(piece.map((cell) => cell.extensions)));
    names.push(columnOf(piece.map(({ name }) => name)));
    await pause();
  }
  return tableOf(
    numbers,
    {
      phones: joinColumns(phones),
      extensions: joinColumns(extensions),
      names: joinColumns(names),
    },
    inMemory(joinColumns(texts)),
  );
};

/** The text of a row in a column. */
export const textAt = ({ bytes, ends }: TextColumn, index: number): string =>
  bytes.toString("utf8", index === 0 ? 0 : ends[index - 1], ends[index]);

export const entryAt = (texts: TextColumn, index: number): Entry =>
  decodeEntry(textAt(texts, index));

/** A row of a table as a cell, for another table. */
export const cellAt = (table: CallTable, texts: TextColumn, index: number): Cell => {
  const text = textAt(texts, index);
  return {
    place: { startedAt: table.startedAt[index] ?? 0, uniqueId: idOfEntry(text) },
    owner: table.owners[index] ?? 0,
    code: table.codes[index] ?? 0,
    wait: table.waits[index] ?? 0,
    talk: table.talks[index] ?? 0,
    text,
    phone: textAt(table.phones, index),
    extensions: textAt(table.extensions, index),
    name: textAt(table.names, index),
  };
};

/** The first row that began before `startedAt`. */
export const firstBefore = ({ startedAt, count }: CallTable, time: number): number => {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((startedAt[middle] ?? 0) >= time) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The row of a call; undefined where it is not in the table. */
export const indexOf = async (table: CallTable, place: CallCursor): Promise<number | undefined> => {
  for (let index = firstBefore(table, place.startedAt + 1); index < table.count; index += 1) {
    if (table.startedAt[index] !== place.startedAt) return undefined;
    const texts = await table.texts.load();
    if (placeOf(entryAt(texts, index)).uniqueId === place.uniqueId) return index;
  }
  return undefined;
};

/**
 * The table as bytes, section by section; the last one holds the texts.
 *
 * @param given names that were given for numbers, which stand beside the rows
 * @throws StaleTableError
 */
export const tableSections = async (
  table: CallTable,
  given: Buffer,
): Promise<{ readonly columns: Uint8Array[]; readonly texts: Uint8Array }> => {
  const { phones, extensions, names } = table;
  const texts = await table.texts.load();
  const columns = [
    table.startedAt,
    table.codes,
    table.waits,
    table.talks,
    table.owners,
    texts.ends,
    phones.bytes,
    phones.ends,
    extensions.bytes,
    extensions.ends,
    names.bytes,
    names.ends,
    given,
  ].map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength));
  return { columns, texts: texts.bytes };
};

export const TABLE_SECTIONS = 13;
/** Which of them holds the given names. */
export const GIVEN_SECTION = 12;

/** Numbers over the bytes of a section, without copying. */
export const uint32 = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength / 4);

/**
 * Reads what `tableSections` gave; undefined where the lengths do not fit.
 *
 * @param readTexts gives the bytes of the texts, or undefined where they are gone
 * @param onTexts told whenever texts came into memory, so that somebody can let them go (`texts.column`)
 */
export const tableFrom = (
  sections: readonly Buffer[],
  readTexts: () => Promise<Buffer | undefined>,
  onTexts: (texts: Texts, bytes: number) => void,
): CallTable | undefined => {
  const [startedAt, codes, waits, talks, owners, ...rest] = sections;
  const [textEnds, phones, phoneEnds, extensions, extensionEnds, names, nameEnds] = rest;
  if (!startedAt || !codes || !waits || !talks || !owners || !textEnds) return undefined;
  if (!phones || !phoneEnds || !extensions || !extensionEnds || !names || !nameEnds)
    return undefined;
  const count = codes.length;
  const columns = [waits, talks, owners, textEnds, phoneEnds, extensionEnds, nameEnds];
  if (startedAt.length !== count * 8 || columns.some(({ length }) => length !== count * 4)) {
    return undefined;
  }
  const ends = uint32(textEnds);
  const load = async (): Promise<TextColumn> => {
    if (texts.column === undefined) {
      const bytes = await readTexts();
      if (bytes === undefined || bytes.length !== (ends.at(-1) ?? 0)) {
        throw new StaleTableError("cannot read rows: the list beside the day is gone");
      }
      texts.column = { bytes, ends };
    }
    const column = texts.column;
    onTexts(texts, column.bytes.length);
    return column;
  };
  const texts: Texts = { column: undefined, load };
  return tableOf(
    {
      startedAt: new Float64Array(startedAt.buffer, startedAt.byteOffset, count),
      codes,
      waits: uint32(waits),
      talks: uint32(talks),
      owners: uint32(owners),
    },
    {
      phones: { bytes: phones, ends: uint32(phoneEnds) },
      extensions: { bytes: extensions, ends: uint32(extensionEnds) },
      names: { bytes: names, ends: uint32(nameEnds) },
    },
    texts,
  );
};
