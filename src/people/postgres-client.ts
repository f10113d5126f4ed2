// A small pool of connections that never makes anybody wait for ever. The server is told to give up first; where it says
// nothing at all, all connections are cut and the next question begins with new ones: a silent connection looks like a
// slow one, and a question behind it would wait as long. Leaves the questions to others.

import type { Socket } from "node:net";
import postgres, { type Sql } from "postgres";
import type { DatabaseAddress } from "../config/index.ts";
import { within } from "../lib/within.ts";
import { DirectoryError } from "./errors.ts";
import { directoryErrorOf, shownAddress } from "./postgres-errors.ts";
import { dial } from "./postgres-socket.ts";

export type PostgresClientOptions = {
  readonly address: DatabaseAddress;
  /** How long one piece of work may take, connecting included. */
  readonly limitMs?: number;
};

export const POSTGRES_DEFAULTS = { limitMs: 3_000, maxConnections: 4 } as const;

/** Less than the limit, so that a slow server says no and the connections of other questions live on. */
const STATEMENT_SHARE = 0.8;
const IDLE_SECONDS = 60;
const LIFETIME_SECONDS = 30 * 60;

export type PostgresClient = {
  /**
   * Does some work with a connection.
   *
   * @throws DirectoryError where the database refuses, or does not answer within the limit.
   */
  run<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  /** The same in one transaction. */
  transact<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

type Pool = { readonly sql: Sql; readonly sockets: Set<Socket>; isRetired: boolean };

/** Connects when there is something to ask. Close it with `close()`. */
export const createPostgresClient = (options: PostgresClientOptions): PostgresClient => {
  const { address, limitMs = POSTGRES_DEFAULTS.limitMs } = options;
  const connectMs = Math.min(address.connectTimeoutMs ?? limitMs, limitMs);
  let isClosed = false;
  // Poolers such as pgbouncer refuse settings at connecting that they do not know.
  let sendsTimeout = true;
  let current: Pool | undefined;

  const openPool = (): Pool => {
    const sockets = new Set<Socket>();
    let next = 0;
    const anyHost = async (): Promise<Socket> => {
      let failure: unknown = new Error("there is no host");
      for (let tried = 0; tried < address.hosts.length; tried++) {
        const host = address.hosts[next++ % address.hosts.length];
        if (pool.isRetired || host === undefined) throw new Error("the pool is closed");
        const onSocket = (socket: Socket): void => {
          sockets.add(socket);
          socket.once("close", () => sockets.delete(socket));
        };
        try {
          return await dial({ address, host, timeoutMs: connectMs, onSocket });
        } catch (error) {
          failure = error;
        }
      }
      // The library gives a place in its pool up for lost when no socket comes: the next question gets a new pool.
      abandon(pool);
      throw failure;
    };
    const { user, password, database, targetSessionAttrs, session } = address;
    const wanted = {
      host: address.hosts.map(({ host }) => host),
      port: address.hosts.map(({ port }) => port),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(targetSessionAttrs === undefined ? {} : { target_session_attrs: targetSessionAttrs }),
      socket: anyHost,
      ssl: false,
      max: POSTGRES_DEFAULTS.maxConnections,
      idle_timeout: IDLE_SECONDS,
      max_lifetime: LIFETIME_SECONDS,
      connect_timeout: connectMs / 1000,
      // Named statements do not survive a pooler; ours are few and cached answers spare most of them.
      prepare: false,
      fetch_types: false,
      // Who asks decides when to ask again (cache.ts): a question must not wait here for the next attempt.
      backoff: () => 0,
      onnotice: () => undefined,
      connection: {
        ...session,
        ...(sendsTimeout ? { statement_timeout: Math.round(limitMs * STATEMENT_SHARE) } : {}),
      },
    };
    const pool: Pool = {
      sql: postgres(wanted as Parameters<typeof postgres>[0] & object),
      sockets,
      isRetired: false,
    };
    return pool;
  };

  const retire = (pool: Pool): void => {
    if (current === pool) current = undefined;
    if (pool.isRetired) return;
    pool.isRetired = true;
    pool.sql.end({ timeout: 0 }).catch(() => undefined);
    for (const socket of pool.sockets) socket.destroy();
  };

  /** Takes no new questions; those under way may finish. */
  const abandon = (pool: Pool): void => {
    if (current === pool) current = undefined;
    pool.sql
      .end({ timeout: limitMs / 1000 })
      .catch(() => undefined)
      .finally(() => retire(pool));
  };

  const attempt = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Error("the directory is closed");
    current ??= openPool();
    const pool = current;
    return await within(work(pool.sql), limitMs, (): never => {
      retire(pool);
      const text = `PostgreSQL at ${shownAddress(address)} does not answer within ${limitMs} ms: see that it runs and can be reached`;
      throw new DirectoryError("unavailable", text);
    });
  };

  const run: PostgresClient["run"] = async (what, work) => {
    try {
      try {
        return await attempt(work);
      } catch (error) {
        if (
          !sendsTimeout ||
          !/unsupported startup parameter.*statement_timeout/.test(String(error))
        ) {
          throw error;
        }
        sendsTimeout = false;
        if (current !== undefined) retire(current);
        return await attempt(work);
      }
    } catch (error) {
      if (error instanceof DirectoryError && error.message.startsWith("PostgreSQL")) {
        throw new DirectoryError(error.code, `cannot ${what}: ${error.message}`);
      }
      throw directoryErrorOf(error, what, address);
    }
  };

  return {
    run,
    transact: <T>(what: string, work: (sql: Sql) => Promise<T>) =>
      run(what, async (sql) => (await sql.begin((tx) => work(tx as unknown as Sql))) as T),
    close: async () => {
      isClosed = true;
      if (current === undefined) return;
      const pool = current;
      await pool.sql.end({ timeout: 1 }).catch(() => undefined);
      retire(pool);
    },
  };
};
