// `calllog migrate` on PostgreSQL: creates the tables and columns that are missing, and changes nothing that is there.
// One transaction under the lock of all changes, so that two processes may do it at once and a failure leaves nothing.

import type { DatabaseAddress } from "../config/index.ts";
import { DirectoryError } from "./errors.ts";
import { CHANGE_LOCK } from "./postgres.ts";
import { createPostgresClient } from "./postgres-client.ts";
import { COLUMNS, type Missing, missingIn, readTables, type TableName } from "./postgres-tables.ts";

/** Waits for other migrations and for locks of the operator's own programs. */
const LIMIT_MS = 30_000;

const createTable = (table: TableName): string => {
  const columns = Object.entries(COLUMNS[table]).map(
    ([name, { definition }]) => `"${name}" ${definition}`,
  );
  const key = "(tg_id, enterprise_number)";
  const rules =
    table === "telegram_users"
      ? [`UNIQUE ${key}`]
      : table === "calllog_chats"
        ? [`PRIMARY KEY ${key}`]
        : [];
  return `CREATE TABLE "${table}" (${[...columns, ...rules].join(", ")})`;
};

const addColumn = (table: TableName, column: string): string => {
  const rule = COLUMNS[table][column];
  return `ALTER TABLE "${table}" ADD COLUMN "${column}" ${rule?.addition ?? rule?.definition}`;
};

const nameOf = ({ table, column }: Missing): string =>
  column === undefined ? `table ${table}` : `column ${table}.${column}`;

/**
 * Creates what is missing and answers its names (`table enterprises`, `column enterprises.active`), in order.
 *
 * @throws DirectoryError where the database cannot be reached, or the user may not create it.
 */
export const migratePostgres = async (address: DatabaseAddress): Promise<readonly string[]> => {
  const client = createPostgresClient({ address, limitMs: LIMIT_MS });
  try {
    return await client.transact("create what is missing", async (sql) => {
      await sql.unsafe(CHANGE_LOCK, []);
      const tables = await readTables(sql);
      const missing = missingIn(tables);
      if (tables.schema === null && missing.length > 0) {
        throw new DirectoryError(
          "misconfigured",
          "cannot create the tables: no schema of the search path exists or may be used; CREATE SCHEMA first",
        );
      }
      for (const { table, column } of missing) {
        if (column === undefined) {
          await sql.unsafe(createTable(table), []);
          continue;
        }
        if (tables.found.get(table)?.kind === "view") {
          throw new DirectoryError(
            "misconfigured",
            `cannot add the column ${column}: ${table} is a view; add it to the view's own query`,
          );
        }
        await sql.unsafe(addColumn(table, column), []);
      }
      return missing.map(nameOf);
    });
  } finally {
    await client.close();
  }
};
