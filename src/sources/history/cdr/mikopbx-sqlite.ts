// The rows of MikoPBX's `cdr.db`, read only. Columns are read by their names in small letters.

import { Database } from "bun:sqlite";
import type { Columns } from "./row.ts";

const MAGIC = Buffer.from("SQLite format 3\0", "latin1");

export const isSqlite = (head: Buffer): boolean => head.subarray(0, MAGIC.length).equals(MAGIC);

type RawRow = { readonly [column: string]: unknown };

/** @throws an error in one line where the file has no such table. */
export function* mikoPbxRows(path: string): Generator<{ number: number; column: Columns }> {
  const database = new Database(path, { readonly: true });
  try {
    let number = 0;
    for (const row of database.query<RawRow, []>("SELECT * FROM cdr_general").iterate()) {
      number += 1;
      const values = new Map(
        Object.entries(row).map(([name, value]) => [
          name.toLowerCase(),
          value === null || value === undefined ? "" : String(value).trim(),
        ]),
      );
      yield { number, column: (name) => values.get(name) ?? "" };
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot read ${path}: ${why}; is it MikoPBX's cdr.db?`, { cause });
  } finally {
    database.close();
  }
}
