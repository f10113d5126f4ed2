// The rows of all files, put aside on the disk and given back call by call: a history may be larger than memory, and the rows
// of a call stand anywhere in it. A row that comes twice is there once.

import type { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { DisjointSets } from "../../../lib/disjoint-sets.ts";
import { HOUR_MS } from "../../../lib/time.ts";
import { openScratch } from "../scratch-sqlite.ts";
import { nameKey } from "./parties.ts";
import type { CdrRow } from "./row.ts";

const SCHEMA = `
CREATE TABLE rows (
  id INTEGER PRIMARY KEY,
  hash BLOB UNIQUE NOT NULL,
  call TEXT NOT NULL,
  start INTEGER NOT NULL,
  row TEXT NOT NULL
);`;

/** Rows written between two commits. */
const COMMIT_ROWS = 20_000;
/** A channel may stand idle this long between two rows, in milliseconds; channels that are remembered at a time. */
const IDLE_MS = 60_000;
const MAX_CHANNELS = 50_000;
/** Rows of equal ids this far apart are of two calls: hosts count from zero again. */
const APART_MS = 4 * HOUR_MS;
/** No call has so many: something that is no id stands in the column. */
const MAX_ROWS_OF_CALL = 1000;

type Stored = { readonly call: string; readonly start: number; readonly row: string };

export class StoredRows {
  readonly #database: Database;
  readonly #insert: (hash: Uint8Array, call: string, start: number, row: string) => boolean;
  #uncommitted = 0;

  /** @param folder empty; whoever made it removes it. */
  constructor(folder: string) {
    this.#database = openScratch(join(folder, "rows.db"), SCHEMA);
    const insert = this.#database.prepare(
      "INSERT OR IGNORE INTO rows (hash, call, start, row) VALUES (?, ?, ?, ?)",
    );
    this.#insert = (...values) => insert.run(...values).changes > 0;
    this.#database.run("BEGIN");
  }

  /** @returns false where the row is there already. */
  add(row: CdrRow): boolean {
    const text = JSON.stringify(row);
    const hash = createHash("sha1").update(text).digest();
    const call = row.linkedId || row.uniqueId || `cdr-${hash.toString("hex")}`;
    this.#uncommitted += 1;
    if (this.#uncommitted % COMMIT_ROWS === 0) this.#database.run("COMMIT; BEGIN");
    return this.#insert(hash, call, row.start, text);
  }

  /** The rows of each call in the order of their starts. After this nothing is added. */
  *calls(): Generator<readonly CdrRow[]> {
    this.#database.run("COMMIT; CREATE INDEX by_start ON rows (start)");
    this.#joinCalls();
    this.#database.run("CREATE INDEX by_call ON rows (call, start)");
    let rows: CdrRow[] = [];
    let call = "";
    let end = 0;
    const ordered = "SELECT call, start, row FROM rows ORDER BY call, start, id";
    for (const stored of this.#database.query<Stored, []>(ordered).iterate()) {
      const isOther = stored.call !== call || stored.start > end + APART_MS;
      if ((isOther || rows.length >= MAX_ROWS_OF_CALL) && rows.length > 0) {
        yield rows;
        rows = [];
        end = 0;
      }
      const row = JSON.parse(stored.row) as CdrRow;
      call = stored.call;
      end = Math.max(end, row.end);
      rows.push(row);
    }
    if (rows.length > 0) yield rows;
  }

  close(): void {
    this.#database.close();
  }

  /** Calls whose rows name the same channel at overlapping times are one: so a consultation comes to the call it was about. */
  #joinCalls(): void {
    const seen = new LRUCache<string, { call: string; end: number }>({ max: MAX_CHANNELS });
    const joined = new DisjointSets<string>();
    const renamed = new Set<string>();
    const ordered = "SELECT call, start, row FROM rows ORDER BY start, id";
    for (const { call, start, row } of this.#database.query<Stored, []>(ordered).iterate()) {
      const { channel, dstChannel, end } = JSON.parse(row) as CdrRow;
      for (const name of [channel, dstChannel]) {
        if (name === "") continue;
        const key = nameKey(name);
        const known = seen.get(key);
        const isSame = known !== undefined && start <= known.end + IDLE_MS;
        if (isSame && known.call !== call) {
          joined.join(call, known.call);
          renamed.add(call).add(known.call);
        }
        seen.set(key, { call, end: isSame ? Math.max(known.end, end) : end });
      }
    }
    const rename = this.#database.prepare("UPDATE rows SET call = ? WHERE call = ?");
    if (renamed.size === 0) return;
    this.#database.run("CREATE INDEX to_rename ON rows (call); BEGIN");
    for (const call of renamed) if (joined.of(call) !== call) rename.run(joined.of(call), call);
    this.#database.run("COMMIT; DROP INDEX to_rename");
  }
}
