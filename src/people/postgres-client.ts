// A small connection pool that never waits for ever. The server has a statement time-out; when it does not answer at
// all, every connection is closed and the next question opens new ones, because a silent connection cannot be told
// from a slow one.

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

class PooledClient implements PostgresClient {
  readonly #options: PostgresClientOptions;
  readonly #address: DatabaseAddress;
  readonly #limitMs: number;
  readonly #connectMs: number;
  #isClosed = false;
  // Poolers such as pgbouncer refuse settings at connecting that they do not know.
  #sendsTimeout = true;
  #current: Pool | undefined;

  constructor(options: PostgresClientOptions) {
    this.#options = options;
    const { address, limitMs = POSTGRES_DEFAULTS.limitMs } = this.#options;
    this.#address = address;
    this.#limitMs = limitMs;
    this.#connectMs = Math.min(this.#address.connectTimeoutMs ?? this.#limitMs, this.#limitMs);
  }

  async run<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    try {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (
          !this.#sendsTimeout ||
          !/unsupported startup parameter.*statement_timeout/.test(String(error))
        ) {
          throw error;
        }
        this.#sendsTimeout = false;
        if (this.#current !== undefined) this.#retire(this.#current);
        return await this.#attempt(work);
      }
    } catch (error) {
      if (error instanceof DirectoryError && error.message.startsWith("PostgreSQL")) {
        throw new DirectoryError(error.code, `cannot ${what}: ${error.message}`);
      }
      throw directoryErrorOf(error, what, this.#address);
    }
  }

  transact<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.run(
      what,
      async (sql) => (await sql.begin((tx) => work(tx as unknown as Sql))) as T,
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#current === undefined) return;
    const pool = this.#current;
    await pool.sql.end({ timeout: 1 }).catch(() => undefined);
    this.#retire(pool);
  }

  #openPool(): Pool {
    const sockets = new Set<Socket>();
    let next = 0;
    const anyHost = async (): Promise<Socket> => {
      let failure: unknown = new Error("there is no host");
      for (let tried = 0; tried < this.#address.hosts.length; tried++) {
        const host = this.#address.hosts[next++ % this.#address.hosts.length];
        if (pool.isRetired || host === undefined) throw new Error("the pool is closed");
        const onSocket = (socket: Socket): void => {
          sockets.add(socket);
          socket.once("close", () => sockets.delete(socket));
        };
        try {
          return await dial({ address: this.#address, host, timeoutMs: this.#connectMs, onSocket });
        } catch (error) {
          failure = error;
        }
      }
      // The library gives a place in its pool up for lost when no socket comes: the next question gets a new pool.
      this.#abandon(pool);
      throw failure;
    };
    const { user, password, database, targetSessionAttrs, session } = this.#address;
    const wanted = {
      host: this.#address.hosts.map(({ host }) => host),
      port: this.#address.hosts.map(({ port }) => port),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...(targetSessionAttrs === undefined ? {} : { target_session_attrs: targetSessionAttrs }),
      socket: anyHost,
      ssl: false,
      max: POSTGRES_DEFAULTS.maxConnections,
      idle_timeout: IDLE_SECONDS,
      max_lifetime: LIFETIME_SECONDS,
      connect_timeout: this.#connectMs / 1000,
      // Named statements do not survive a pooler; ours are few and cached answers spare most of them.
      prepare: false,
      fetch_types: false,
      // Who asks decides when to ask again (cache.ts): a question must not wait here for the next attempt.
      backoff: () => 0,
      onnotice: () => undefined,
      connection: {
        ...session,
        ...(this.#sendsTimeout
          ? { statement_timeout: Math.round(this.#limitMs * STATEMENT_SHARE) }
          : {}),
      },
    };
    const pool: Pool = {
      sql: postgres(wanted as Parameters<typeof postgres>[0] & object),
      sockets,
      isRetired: false,
    };
    return pool;
  }

  #retire(pool: Pool): void {
    if (this.#current === pool) this.#current = undefined;
    if (pool.isRetired) return;
    pool.isRetired = true;
    pool.sql.end({ timeout: 0 }).catch(() => undefined);
    for (const socket of pool.sockets) socket.destroy();
  }

  /** Takes no new questions; those under way may finish. */
  #abandon(pool: Pool): void {
    if (this.#current === pool) this.#current = undefined;
    pool.sql
      .end({ timeout: this.#limitMs / 1000 })
      .catch(() => undefined)
      .finally(() => this.#retire(pool));
  }

  async #attempt<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error("the directory is closed");
    this.#current ??= this.#openPool();
    const pool = this.#current;
    return await within(work(pool.sql), this.#limitMs, (): never => {
      this.#retire(pool);
      const text = `PostgreSQL at ${shownAddress(this.#address)} does not answer within ${this.#limitMs} ms: see that it runs and can be reached`;
      throw new DirectoryError("unavailable", text);
    });
  }
}

/** Connects when there is something to ask. Close it with `close()`. */
export const createPostgresClient = (options: PostgresClientOptions): PostgresClient =>
  new PooledClient(options);
