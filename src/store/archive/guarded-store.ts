// Time limits over an object store, and a pause after failures: whoever waits for a page gets a plain answer soon, and a
// store that is away is not asked by everybody at once. An object that is not there is an answer, not a failure.

import type { Breaker } from "../../lib/breaker.ts";
import { within } from "../../lib/within.ts";
import { ArchiveError, type ObjectStore, type StoredObject } from "./object-store.ts";

export type GuardOptions = {
  /** How long a request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a request that failed is made, in all; one that was answered too late is made once. Default: 1. */
  readonly attempts?: number;
  /** Asked before each request, told after it; without it every request is made. */
  readonly breaker?: Breaker;
  /** Told of each request: for figures; must not throw. */
  readonly onRequest?: (what: string, result: string, bytes: number) => void;
};

/** A line slower than 400 kbit/s cannot carry an archive. */
const SLOWEST_BYTES_PER_MS = 50;
/** A whole object takes so many times longer than a part of it. */
const WHOLE_FACTOR = 10;

type Asking<T> = {
  readonly bytesOf?: (answer: T) => number;
  readonly limitMs?: number;
};

/** The same store, where no request takes longer than that. */
export const guardedStore = (
  store: ObjectStore,
  { timeoutMs, attempts = 1, breaker, onRequest = () => undefined }: GuardOptions,
): ObjectStore => {
  const inTime = async <T>(
    what: string,
    key: string,
    ask: () => Promise<T>,
    limitMs: number,
  ): Promise<T> => {
    let isLate = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await within(ask(), limitMs, (): never => {
          isLate = true;
          throw new ArchiveError(
            "away",
            `cannot ${what} ${store.name}/${key}: no answer within ${limitMs} ms`,
          );
        });
      } catch (error) {
        const isPassing = error instanceof ArchiveError && error.code === "away" && !isLate;
        if (!isPassing || attempt >= attempts) throw error;
      }
    }
  };

  /** Asks where it is worth it, and tells what came of it. */
  const told = async <T>(
    what: string,
    key: string,
    ask: () => Promise<T>,
    bytesOf: (answer: T) => number = () => 0,
  ): Promise<T> => {
    if (breaker?.admit() === false) {
      throw new ArchiveError(
        "away",
        `cannot ${what} ${store.name}/${key}: the archive did not answer a moment ago`,
      );
    }
    try {
      const answer = await ask();
      breaker?.answered();
      onRequest(what, "ok", bytesOf(answer));
      return answer;
    } catch (error) {
      const code = error instanceof ArchiveError ? error.code : "away";
      if (code === "away" || code === "denied") breaker?.failed();
      else breaker?.answered();
      onRequest(what, code, 0);
      throw error;
    }
  };

  const asked = <T>(
    what: string,
    key: string,
    ask: () => Promise<T>,
    { bytesOf, limitMs = timeoutMs }: Asking<T> = {},
  ): Promise<T> => told(what, key, () => inTime(what, key, ask, limitMs), bytesOf);

  /** Begins anew behind the last key where a page failed: a generator that threw would end as if nothing more came. */
  async function* listed(prefix: string): AsyncGenerator<StoredObject> {
    let last: string | undefined;
    let pages: AsyncGenerator<StoredObject> | undefined;
    const nextOne = async (): Promise<StoredObject | undefined> => {
      pages ??= store.list(prefix);
      try {
        for (;;) {
          const next = await pages.next();
          if (next.done) return undefined;
          if (last === undefined || next.value.key > last) return next.value;
        }
      } catch (error) {
        pages = undefined;
        throw error;
      }
    };
    for (;;) {
      const object = await asked("list", prefix, nextOne);
      if (object === undefined) return;
      last = object.key;
      yield object;
    }
  }

  return {
    name: store.name,
    head: (key) => asked("look at", key, () => store.head(key)),
    get: (key, range) =>
      asked("read", key, () => store.get(key, range), {
        bytesOf: (bytes) => bytes?.length ?? 0,
        // How large a whole object is shows only when it is there.
        limitMs: range === undefined ? timeoutMs * WHOLE_FACTOR : timeoutMs,
      }),
    put: (key, bytes) =>
      asked("write", key, () => store.put(key, bytes), {
        limitMs: timeoutMs + Math.ceil(bytes.length / SLOWEST_BYTES_PER_MS),
      }),
    list: listed,
    remove: (key) => asked("remove", key, () => store.remove(key)),
    // Many requests: each has its own limit, so that work goes on while it gets on, and ends where it does not.
    removeOlder: (prefix, options) =>
      told("remove", prefix, () => store.removeOlder(prefix, { timeoutMs, attempts, ...options })),
  };
};
