// The address of an operator's PostgreSQL, as it is written for psql and other programs: postgres://user:password@host:
// port/database?sslmode=…. Every parameter is either understood here or refused by name: none is silently dropped, and
// none reaches the server by accident. Reads text alone; certificate files are read when a connection is made.

import { err, ok, type Result } from "../lib/result.ts";
import type { ValueKind } from "./values.ts";

export type SslMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

export type DatabaseAddress = {
  /** Tried in this order; `path` is the folder of a Unix socket. */
  readonly hosts: readonly {
    readonly host: string;
    readonly port: number;
    readonly path?: string;
  }[];
  /** Undefined where the address names none: then PGUSER or the system user. */
  readonly user: string | undefined;
  /** Undefined where the address names none: then PGPASSWORD. */
  readonly password: string | undefined;
  /** Undefined where the address names none: then PGDATABASE or the user's name. */
  readonly database: string | undefined;
  readonly ssl: {
    readonly mode: SslMode;
    /** Files in PEM; the root may be `system`, the authorities that the program carries. */
    readonly rootCert?: string;
    readonly cert?: string;
    readonly key?: string;
  };
  readonly connectTimeoutMs: number | undefined;
  readonly targetSessionAttrs: string | undefined;
  /** Settings of the session, given to the server at connecting: `search_path`, `options`, `application_name`. */
  readonly session: Readonly<Record<string, string>>;
};

const RULE =
  "postgres://USER:PASSWORD@HOST:PORT/DATABASE (with ?sslmode=… and so on; characters such as @ / ? # % in a password are written %40 %2F %3F %23 %25), or none";

const SSL_MODES: Readonly<Record<string, SslMode>> = {
  disable: "disable",
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  "verify-ca": "verify-ca",
  "verify-full": "verify-full",
};
const SESSION_TYPES = ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
const DEFAULT_PORT = 5432;

/** Parameters that other programs understand and that change nothing here. */
const WITHOUT_EFFECT = new Set([
  "keepalives",
  "keepalives_idle",
  "keepalives_interval",
  "keepalives_count",
  "tcp_user_timeout",
  "gssencmode",
  "krbsrvname",
  "sslcompression",
  "fallback_application_name",
  "pgbouncer",
  "connection_limit",
  "pool_timeout",
]);

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const portOf = (text: string): number | undefined => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : undefined;
};

type Hosts = DatabaseAddress["hosts"];

/** `db1:5432,db2`, `[::1]:5432`, `%2Fvar%2Frun%2Fpostgresql`; undefined where it is none of these. */
const readHosts = (text: string): Hosts | undefined => {
  const hosts: Hosts[number][] = [];
  for (const part of text.split(",")) {
    const match = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]*)(?::(\d*))?$/.exec(part);
    const host = decode(match?.[1] ?? "%");
    const port = match?.[2] ? portOf(match[2]) : DEFAULT_PORT;
    if (host === undefined || port === undefined) return undefined;
    const bare = host.replace(/^\[|\]$/g, "") || "localhost";
    hosts.push({ host: bare, port, ...(bare.startsWith("/") ? { path: bare } : {}) });
  }
  return hosts;
};

type Parts = {
  authority: { user: string | undefined; password: string | undefined; hosts: string };
  database: string;
  parameters: ReadonlyMap<string, string>;
};

/** Cut by hand: the URL class knows neither several hosts nor folders of sockets. */
const partsOf = (text: string): Parts | undefined => {
  const match = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(text);
  if (match === null) return undefined;
  const [, whole = "", database = "", query = ""] = match;
  const at = whole.lastIndexOf("@");
  const [user = "", ...secret] = at === -1 ? [] : whole.slice(0, at).split(":");
  const decoded = [user, secret.join(":"), database].map(decode);
  const [decodedUser, decodedPassword, decodedDatabase] = decoded;
  if (decodedUser === undefined || decodedPassword === undefined || decodedDatabase === undefined) {
    return undefined;
  }
  return {
    authority: {
      user: decodedUser || undefined,
      password: decodedPassword || undefined,
      hosts: whole.slice(at + 1),
    },
    database: decodedDatabase,
    parameters: new Map(new URLSearchParams(query)),
  };
};

const readSsl = (
  parameters: ReadonlyMap<string, string>,
  isSocket: boolean,
): DatabaseAddress["ssl"] | undefined => {
  const rootCert = parameters.get("sslrootcert");
  const [cert, key] = [parameters.get("sslcert"), parameters.get("sslkey")];
  const given = parameters.get("sslmode") ?? parameters.get("ssl");
  const standard = rootCert === "system" ? "verify-full" : isSocket ? "disable" : "prefer";
  const aliases: Readonly<Record<string, SslMode>> = { true: "require", false: "disable" };
  const mode = given === undefined ? standard : (SSL_MODES[given] ?? aliases[given]);
  if (mode === undefined || (cert === undefined) !== (key === undefined)) return undefined;
  return {
    // As psql does it: where an authority is named, the certificate is checked against it.
    mode: mode === "require" && rootCert !== undefined ? "verify-ca" : mode,
    ...(rootCert === undefined ? {} : { rootCert }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
};

const KNOWN = new Set([
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "sslmode",
  "ssl",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "connect_timeout",
  "target_session_attrs",
  "application_name",
  "search_path",
  "schema",
  "currentSchema",
  "options",
  "channel_binding",
]);

/** `"Calls"` for a schema that is not in plain small letters, as SQL wants it. */
const quoted = (schema: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(schema) ? schema : `"${schema.replaceAll('"', '""')}"`;

const readSession = (parameters: ReadonlyMap<string, string>): Record<string, string> => {
  const session: Record<string, string> = {
    application_name: parameters.get("application_name") || "calllog",
  };
  const schema = parameters.get("schema") ?? parameters.get("currentSchema");
  const path = parameters.get("search_path") ?? (schema ? quoted(schema) : undefined);
  if (path) session["search_path"] = path;
  const options = parameters.get("options");
  if (options) session["options"] = options;
  return session;
};

/** Reads an address; the error is the rule that is broken, worded to follow "must be", and shows no part of it. */
export const parseDatabaseUrl = (text: string): Result<DatabaseAddress, string> => {
  const parts = partsOf(text);
  if (parts === undefined) return err(RULE);
  const { authority, database, parameters } = parts;
  for (const name of parameters.keys()) {
    if (KNOWN.has(name) || WITHOUT_EFFECT.has(name)) continue;
    return err(
      `an address without the parameter ${/^\w{1,30}$/.test(name) ? name : "…"}, which is not known here`,
    );
  }
  if (parameters.get("channel_binding") === "require") {
    return err("an address without channel_binding=require, which is not supported");
  }
  const port = parameters.get("port");
  const hosts = readHosts(
    authority.hosts || [parameters.get("host") ?? "", port].filter((part) => part).join(":"),
  );
  if (hosts === undefined) return err(`${RULE}; its host or port is wrong`);
  const ssl = readSsl(
    parameters,
    hosts.every(({ path }) => path !== undefined),
  );
  if (ssl === undefined) {
    return err(
      `an address whose sslmode is one of ${Object.keys(SSL_MODES).join(", ")}, and which has sslcert and sslkey both or not at all`,
    );
  }
  const seconds = parameters.get("connect_timeout");
  const target = parameters.get("target_session_attrs");
  if (seconds !== undefined && !/^\d{1,4}$/.test(seconds)) {
    return err("an address whose connect_timeout is a whole number of seconds");
  }
  if (target !== undefined && !SESSION_TYPES.includes(target)) {
    return err(`an address whose target_session_attrs is one of ${SESSION_TYPES.join(", ")}`);
  }
  return ok({
    hosts,
    ssl,
    user: parameters.get("user") ?? authority.user,
    password: parameters.get("password") ?? authority.password,
    database: (parameters.get("dbname") ?? database) || undefined,
    // As psql reads it: 0 is no limit, and ours holds all the same.
    connectTimeoutMs:
      seconds === undefined || Number(seconds) === 0 ? undefined : Number(seconds) * 1000,
    targetSessionAttrs: target === "any" ? undefined : target,
    session: readSession(parameters),
  });
};

/** The kind of the setting: an address, or `none`, which is null. */
export const databaseUrlOrNone: ValueKind<DatabaseAddress | null> = {
  placeholder: "URL",
  rule: RULE,
  parse: (text) => (text === "none" ? ok(null) : parseDatabaseUrl(text)),
};
