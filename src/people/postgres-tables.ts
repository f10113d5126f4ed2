// The two tables as they are in an operator's database: which columns there are and of what type. Everything is read as
// text, so that a number may be an integer and a chat id a varchar; columns of the operator's own do not matter. Says
// what is missing and what then cannot be done; creates nothing.

import type { Sql } from "postgres";
import { DirectoryError } from "./errors.ts";

export const TABLES = ["enterprises", "telegram_users", "calllog_chats"] as const;
export type TableName = (typeof TABLES)[number];

type ColumnRule = {
  /** The service does not start without it. */
  readonly isNeeded: boolean;
  /** As `calllog migrate` makes it in a new table. */
  readonly definition: string;
  /** That it is missing is not reported. */
  readonly isExtra?: true;
  /** As it is added to a table that has rows, where that differs. */
  readonly addition?: string;
};

const needed = (definition: string, addition?: string): ColumnRule => ({
  isNeeded: true,
  definition,
  ...(addition === undefined ? {} : { addition }),
});
const optional = (definition: string): ColumnRule => ({ isNeeded: false, definition });
/** For columns that few set: that one is missing is reported only once somebody sets it. */
const extra = (definition: string): ColumnRule => ({ ...optional(definition), isExtra: true });

export const COLUMNS: Readonly<Record<TableName, Readonly<Record<string, ColumnRule>>>> = {
  enterprises: {
    number: needed("text PRIMARY KEY", "text"),
    name: optional("text"),
    name2: needed("text UNIQUE", "text"),
    secret: needed("text NOT NULL", "text"),
    bot_token: needed("text"),
    active: optional("boolean NOT NULL DEFAULT true"),
    country: extra("text"),
    remind_after: extra("text"),
    hours: extra("text"),
    recordings: extra("text"),
  },
  telegram_users: {
    tg_id: needed("bigint NOT NULL", "bigint"),
    first_name: optional("text"),
    last_name: optional("text"),
    email: optional("text"),
    bot_token: needed("text"),
    enterprise_number: optional("text"),
  },
  // Made by `calllog migrate` alone; without it every chat gets everything.
  calllog_chats: {
    tg_id: extra("bigint NOT NULL"),
    enterprise_number: extra("text NOT NULL"),
    cards: extra("text"),
    extensions: extra("text"),
    thread_id: extra("bigint"),
    quiet: extra("text"),
    digest: extra("text"),
    lang: extra("text"),
    numbers: extra("text"),
  },
};
/** Tables without which the service starts. */
const EXTRA_TABLES: ReadonlySet<TableName> = new Set(["calllog_chats"]);

export type Column = {
  /** `pg_type.typcategory`: N numbers, B boolean, S text. */
  readonly category: string;
  /** Such as `bigint` or `character varying`. */
  readonly type: string;
};

export type Table = {
  readonly name: TableName;
  readonly kind: "table" | "view";
  readonly columns: ReadonlyMap<string, Column>;
};

export type Tables = {
  readonly schema: string | null;
  readonly found: ReadonlyMap<TableName, Table>;
  /** Names that differ from ours by capital letters alone, such as `"Enterprises"`. */
  readonly lookalikes: readonly string[];
};

const SHAPE_QUERY = `
SELECT CASE c.oid WHEN to_regclass('enterprises') THEN 'enterprises'
                  WHEN to_regclass('telegram_users') THEN 'telegram_users' ELSE 'calllog_chats' END AS table_name,
       c.relkind::text AS kind, a.attname AS name,
       t.typcategory::text AS category, format_type(a.atttypid, NULL) AS type
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
 WHERE c.oid IN (to_regclass('enterprises'), to_regclass('telegram_users'), to_regclass('calllog_chats'))`;

const PLACE_QUERY = `
SELECT current_schema() AS schema,
       ARRAY(SELECT c.relname::text FROM pg_catalog.pg_class c
              WHERE lower(c.relname) IN ('enterprises', 'telegram_users') AND c.relname <> lower(c.relname)
                AND c.relkind IN ('r', 'v', 'm', 'p', 'f'))::text AS lookalikes`;

/** Looks the tables up, by the search path of the connection. */
export const readTables = async (sql: Sql): Promise<Tables> => {
  const rows = await sql.unsafe<
    { table_name: string; kind: string; name: string; category: string; type: string }[]
  >(SHAPE_QUERY, []);
  const [place] = await sql.unsafe<{ schema: string | null; lookalikes: string }[]>(
    PLACE_QUERY,
    [],
  );
  const found = new Map<TableName, Table>();
  for (const name of TABLES) {
    const own = rows.filter((row) => row.table_name === name);
    if (own.length === 0) continue;
    found.set(name, {
      name,
      kind: own[0]?.kind === "v" || own[0]?.kind === "m" ? "view" : "table",
      columns: new Map(own.map(({ name: column, category, type }) => [column, { category, type }])),
    });
  }
  const lookalikes = (place?.lookalikes ?? "{}").replace(/[{}"]/g, "").split(",").filter(Boolean);
  return { schema: place?.schema ?? null, found, lookalikes };
};

export type Missing = {
  readonly table: TableName;
  readonly column?: string;
  readonly isNeeded: boolean;
};

/** Every table and column that is not there; a missing table's columns are not listed. */
export const missingIn = ({ found }: Tables): Missing[] =>
  TABLES.flatMap((table): Missing[] => {
    const columns = found.get(table)?.columns;
    if (columns === undefined) return [{ table, isNeeded: !EXTRA_TABLES.has(table) }];
    return Object.entries(COLUMNS[table])
      .filter(([column]) => !columns.has(column))
      .map(([column, { isNeeded }]) => ({ table, column, isNeeded }));
  });

const MIGRATE = "calllog migrate creates what is missing";

/** @throws DirectoryError `misconfigured`, naming all that is missing, where reading would not work. */
export const assertReadable = (tables: Tables): void => {
  const missing = missingIn(tables)
    .filter(({ isNeeded }) => isNeeded)
    .map(({ table, column }) =>
      column === undefined ? `no table ${table}` : `no column ${table}.${column}`,
    );
  if (missing.length === 0) return;
  const like = tables.lookalikes.map((name) => `"${name}"`).join(", ");
  const hint =
    like === ""
      ? ""
      : `; there is ${like}, but PostgreSQL tells capital letters apart: make a view in small letters`;
  const where =
    tables.schema === null
      ? "database (no schema of its search path exists)"
      : `schema ${tables.schema}`;
  throw new DirectoryError(
    "misconfigured",
    `cannot use the database of --database-url: its ${where} has ${missing.join(", ")}: ${MIGRATE}${hint}`,
  );
};

/** @throws DirectoryError `misconfigured` where something is to be written that has no table. */
export const assertTable = (tables: Tables, table: TableName, what: string): void => {
  if (tables.found.has(table)) return;
  throw new DirectoryError(
    "misconfigured",
    `cannot ${what}: the database has no table ${table}; ${MIGRATE}`,
  );
};

/** Whether the table has the column. */
export const has = (tables: Tables, table: TableName, column: string): boolean =>
  tables.found.get(table)?.columns.has(column) === true;

/** @throws DirectoryError `misconfigured` where something is to be written that has no column. */
export const assertColumn = (
  tables: Tables,
  table: TableName,
  column: string,
  what: string,
): void => {
  if (has(tables, table, column)) return;
  throw new DirectoryError(
    "misconfigured",
    `cannot ${what}: the table ${table} has no column ${column}; ${MIGRATE}`,
  );
};

/** The table as a sub-select whose columns are all there and all text: missing ones are NULL. */
export const asText = (tables: Tables, table: TableName): string => {
  const columns = Object.keys(COLUMNS[table]).map((column) =>
    has(tables, table, column) ? `"${column}"::text AS "${column}"` : `NULL::text AS "${column}"`,
  );
  return `(SELECT ${columns.join(", ")} FROM "${table}") AS rows`;
};

/** What an operator should know of tables that can be read: each in one line, with what to do. */
export const remarksOn = (tables: Tables): string[] => {
  const remarks = missingIn(tables)
    .filter(({ table }) => !EXTRA_TABLES.has(table))
    .filter(({ table, column }) => COLUMNS[table][column ?? ""]?.isExtra !== true)
    .map(({ table, column }) => `the table ${table} has no column ${column}: ${MIGRATE}`);
  for (const [table, column] of [
    ["enterprises", "number"],
    ["telegram_users", "enterprise_number"],
  ] as const) {
    const type = tables.found.get(table)?.columns.get(column);
    if (type?.category !== "N") continue;
    remarks.push(
      `${table}.${column} is ${type.type}, which has no leading zeros: enterprise 0367 is 367 here; make the column text to keep them`,
    );
  }
  return remarks;
};
