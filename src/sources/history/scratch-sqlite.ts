// A database for what does not fit into memory while files are imported: thrown away afterwards, so that nothing of it needs to
// survive a crash.

import { Database } from "bun:sqlite";

const PRAGMAS = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = TRUNCATE;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -16384;`;

/** Makes the database. @param schema its tables; @throws the system's error, or SQLite's */
export const openScratch = (path: string, schema: string): Database => {
  const database = new Database(path, { create: true });
  database.run(PRAGMAS + schema);
  return database;
};
