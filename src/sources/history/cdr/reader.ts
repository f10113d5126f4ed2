// Call detail records as a kind of history: which file is which, its rows, and the calls that they are of.

import { basename } from "node:path";
import type { Result } from "../../../lib/result.ts";
import { Peers } from "../../ami/index.ts";
import { headOf } from "../head.ts";
import type { FileHead, HistoryReader, ReaderOptions, ReadingNotes } from "../types.ts";
import { callEvents, learnFrom } from "./call.ts";
import { csvRecords, type Delimiter, firstRecord, MIN_COLUMNS } from "./csv.ts";
import { isSqlite, mikoPbxRows } from "./mikopbx-sqlite.ts";
import {
  CDR_CSV_COLUMNS,
  CDR_CUSTOM_COLUMNS,
  type CdrRow,
  type Columns,
  cdrRow,
  isAsteriskId,
  madeAt,
  mikoPbxRow,
} from "./row.ts";
import { StoredRows } from "./rows-sqlite.ts";

type Layout = {
  readonly delimiter: Delimiter;
  readonly hasHeader: boolean;
  /** The columns of a record; undefined where it has too few. */
  readonly columns: (fields: readonly string[]) => Columns | undefined;
};

const byNames = (names: readonly string[]): Layout["columns"] => {
  const places = new Map(names.map((name, place) => [name, place]));
  return (fields) => {
    if (fields.length < names.length) return undefined;
    return (name) => fields[places.get(name) ?? -1]?.trim() ?? "";
  };
};

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/;

/** What stands behind the fixed columns: ids are known by their form, for cdr.conf decides which there are. */
const tailOf = (fields: readonly string[]): { readonly [name: string]: string } => {
  const [uniqueid = "", linkedid = ""] = fields.filter(isAsteriskId);
  return { uniqueid, linkedid: isAsteriskId(fields[0] ?? "") ? linkedid : "" };
};

/** A record of Master.csv says by the place of its times how it was written. */
const byPlaces: Layout["columns"] = (fields) => {
  const names = TIME.test(fields[9] ?? "")
    ? CDR_CSV_COLUMNS
    : TIME.test(fields[8] ?? "")
      ? CDR_CUSTOM_COLUMNS
      : undefined;
  if (names === undefined || fields.length < names.length) return undefined;
  const column = byNames(names)(fields);
  const tail = tailOf(fields.slice(names.length));
  return (name) => tail[name] ?? column?.(name) ?? "";
};

const isHeader = (names: readonly string[]): boolean =>
  (names.includes("calldate") || names.includes("start")) &&
  ["src", "dst"].every((name) => names.includes(name));

const layoutOf = (head: string): Layout | undefined => {
  for (const delimiter of [",", ";", "\t"] as const) {
    const fields = firstRecord(head.replace(/^\ufeff/, ""), delimiter);
    if (fields === undefined || fields.length < MIN_COLUMNS) continue;
    const names = fields.map((name) => name.trim().toLowerCase());
    if (isHeader(names)) return { delimiter, hasHeader: true, columns: byNames(names) };
  }
  // Its first line may be a torn one.
  const lines = head.split("\n").slice(0, 20);
  const isMaster = lines.some((line) => byPlaces(firstRecord(line, ",") ?? []) !== undefined);
  return isMaster ? { delimiter: ",", hasHeader: false, columns: byPlaces } : undefined;
};

type ReadRow = { readonly line: number; readonly row: Result<CdrRow, string> };

async function* csvRows(path: string, head: Buffer, timeZone: string): AsyncGenerator<ReadRow> {
  const layout = layoutOf(head.toString("utf8"));
  if (layout === undefined) {
    throw new Error(
      `cannot import ${path}: no call details are found in it; a dump of a table needs its line of column names`,
    );
  }
  let isHead = layout.hasHeader;
  for await (const records of csvRecords(path, layout.delimiter)) {
    for (const { line, fields } of records) {
      if (isHead) {
        isHead = false;
        continue;
      }
      const column = fields === undefined ? undefined : layout.columns(fields);
      const reason = fields === undefined ? "its quotes do not close" : "it has too few columns";
      const row: ReadRow["row"] =
        column === undefined ? { ok: false, error: reason } : cdrRow(column, timeZone);
      yield { line, row };
    }
  }
}

async function* rowsOf(path: string, timeZone: string): AsyncGenerator<ReadRow> {
  const head = await headOf(path);
  if (isSqlite(head)) {
    for (const { number, column } of mikoPbxRows(path)) {
      yield { line: number, row: mikoPbxRow(column, timeZone) };
    }
    return;
  }
  yield* csvRows(path, head, timeZone);
}

const QUARTER_MS = 15 * 60_000;
/** So many rows must agree before anything is said of their zone. */
const MIN_ROWS_OF_ZONE = 10;

/** How far the times of rows are from the seconds in their ids, in quarters of an hour: the zone is another where most are. */
class ZoneCheck {
  readonly #counts = new Map<number, number>();
  #rows = 0;

  add({ start, uniqueId }: CdrRow): void {
    const made = madeAt(uniqueId);
    if (made === undefined) return;
    const quarters = Math.round((start - made) / QUARTER_MS);
    if (this.#counts.size < 1000) this.#counts.set(quarters, (this.#counts.get(quarters) ?? 0) + 1);
    this.#rows += 1;
  }

  doubt(timeZone: string): string | undefined {
    if (this.#rows < MIN_ROWS_OF_ZONE) return undefined;
    for (const [quarters, count] of this.#counts) {
      if (quarters === 0 || count * 2 < this.#rows) continue;
      const hours = (quarters * 15) / 60;
      return `by their unique ids most calls began ${Math.abs(hours)} h ${hours > 0 ? "earlier" : "later"} than their times in ${timeZone} say: is --timezone right?`;
    }
    return undefined;
  }
}

async function* readCalls(
  files: readonly string[],
  { timeZone, trunks, extensions, scratch }: ReaderOptions,
  notes: ReadingNotes,
): ReturnType<HistoryReader["read"]> {
  const rows = new StoredRows(scratch);
  try {
    const peers = new Peers({ trunks, extensions });
    const zone = new ZoneCheck();
    for (const path of files) {
      for await (const { line, row } of rowsOf(path, timeZone)) {
        if (!row.ok) {
          notes.onUnreadable(basename(path), line, row.error);
          continue;
        }
        notes.onRow();
        if (!rows.add(row.value)) {
          notes.onRepeat();
          continue;
        }
        zone.add(row.value);
        learnFrom(row.value, peers);
      }
    }
    const doubt = zone.doubt(timeZone);
    if (doubt !== undefined) notes.onDoubt(doubt);
    for (const ofCall of rows.calls()) {
      const events = callEvents(ofCall, peers);
      if (events.ok) yield* events.value;
      else notes.onLeftOut(events.error);
    }
  } finally {
    rows.close();
  }
}

const recognises = ({ bytes }: FileHead): boolean =>
  isSqlite(bytes) || layoutOf(bytes.toString("utf8")) !== undefined;

export const cdrReader: HistoryReader = { format: "cdr", recognises, read: readCalls };
