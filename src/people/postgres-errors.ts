// Turns errors of PostgreSQL and the network into one line with what to do. Server messages that may quote a value are
// not passed on: a unique violation quotes the token.

import postgres from "postgres";
import type { DatabaseAddress } from "../config/index.ts";
import { errorCode } from "../lib/errors.ts";
import { DirectoryError, type DirectoryErrorCode } from "./errors.ts";
import { TlsRefusal } from "./postgres-socket.ts";

/** What a message may show of an address: `db1:5432/calls`, never a user or password. */
export const shownAddress = ({ hosts, database }: DatabaseAddress): string => {
  const where = hosts.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
  return `${where.join(",")}${database === undefined ? "" : `/${database}`}`;
};

type Explained = readonly [code: DirectoryErrorCode, text: string];

const MEND_URL = "mend --database-url";

/** By SQLSTATE, or its first two characters (the class). `$` stands for what the server names. */
const BY_STATE: Readonly<Record<string, Explained>> = {
  "28": [
    "misconfigured",
    `the login is refused: see user and password in --database-url (or PGPASSWORD), and pg_hba.conf`,
  ],
  "3D000": ["misconfigured", `there is no such database: create it, or ${MEND_URL}`],
  "42501": [
    "misconfigured",
    "the user lacks a right: GRANT SELECT ON enterprises, telegram_users is what the service needs, commands that write need INSERT, UPDATE, DELETE too",
  ],
  "3F000": [
    "misconfigured",
    "there is no such schema: create it, or mend schema in --database-url",
  ],
  "42P01": ["misconfigured", "a table is missing: calllog migrate creates it"],
  "42703": ["misconfigured", "a column is missing: calllog migrate creates it"],
  "25006": [
    "misconfigured",
    "the server takes no changes (a standby?): name the primary in --database-url, target_session_attrs=read-write finds it",
  ],
  "0A000": ["misconfigured", "the server cannot do that with this table"],
  "23502": [
    "invalid",
    "a column of the operator's own needs a value: add the row there, or give the column a default",
  ],
  "23503": ["invalid", "another table refers to it: remove that first, or use --active no"],
  "23505": ["taken", "the database holds such a row already"],
  "23514": ["invalid", "a rule (CHECK) of the operator's table refuses it"],
  "22": ["invalid", "a value does not fit the type or length of its column"],
  "53300": ["unavailable", "the server takes no more connections; it is tried again"],
  "53": ["unavailable", "the server lacks memory, disk or connections; it is tried again"],
  "55P03": ["unavailable", "a table is locked by somebody else; try again"],
  "57014": ["unavailable", "the server took too long; it is tried again"],
  "57P03": ["unavailable", "the server is starting or stopping; it is tried again"],
  "57": ["unavailable", "the server is being stopped; it is tried again"],
};

/** SQLSTATEs whose text names objects or settings only. */
const QUOTABLE = /^(28|3D000|3F000|42501|42P01|42703|25006|57P03|53300)/;

/** The SQLSTATE, where the server itself said no. */
export const sqlStateOf = (error: unknown): string | undefined =>
  error instanceof postgres.PostgresError ? error.code : undefined;

const explain = (error: unknown): Explained => {
  if (error instanceof TlsRefusal) {
    return ["misconfigured", `${error.message}; see sslmode and sslrootcert in --database-url`];
  }
  const state = sqlStateOf(error);
  if (state !== undefined && error instanceof Error) {
    const [code, text] = BY_STATE[state] ??
      BY_STATE[state.slice(0, 2)] ?? ["unavailable", "the server refuses it"];
    const said = QUOTABLE.test(state)
      ? ` (${error.message.replace(/\s+/g, " ")})`
      : ` (SQLSTATE ${state})`;
    return [code, `${text}${said}`];
  }
  const code = errorCode(error);
  const why = code === "" ? (error instanceof Error ? error.message : "failed") : code;
  return [
    "unavailable",
    `it cannot be reached (${why}): see that it runs and that host and port in --database-url are right`,
  ];
};

/** Any failure as a DirectoryError; the original is not attached, since it may carry values. */
export const directoryErrorOf = (
  error: unknown,
  what: string,
  address: DatabaseAddress,
): DirectoryError => {
  if (error instanceof DirectoryError) return error;
  const [code, text] = explain(error);
  return new DirectoryError(
    code,
    `cannot ${what}: PostgreSQL at ${shownAddress(address)}: ${text}`,
  );
};
