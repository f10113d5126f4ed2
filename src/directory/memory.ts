// One kind of answer, remembered: fresh for a while, then asked for again; when the source fails or is slow, the last
// good answer serves for as long as it may be kept. Answers of "none" are kept apart and briefly, so that a stream of
// invented tokens can push no real answer out.

import type { Clock } from "../lib/clock.ts";

export type MemoryOptions = {
  readonly clock: Clock;
  /** How long an answer is given without asking again. */
  readonly freshMs: number;
  /** The same for an answer of "none". */
  readonly missFreshMs: number;
  /** How old a good answer may be that stands in for a failing source. */
  readonly keepMs: number;
  /** How long a good answer is then given before the source is tried again. */
  readonly retryMs: number;
  /** How long one question may take where an older answer could stand in. */
  readonly patienceMs: number;
  /** Remembered answers of each kind; the ones longest unused go first. */
  readonly maxEntries: number;
  /** Resolves after that many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  /** Told each time an older answer stands in. */
  readonly onStale: (error: unknown) => void;
};

type Entry<V> = { readonly value: V; readonly askedAt: number; failedAt?: number };

export type Memory<V> = {
  get(key: string, ask: () => Promise<V>): Promise<V>;
  clear(): void;
};

const LATE = Symbol("late");

/** Whether less than `spanMs` has passed; a clock that was set back ends the span rather than stretch it. */
const isWithin = (spanMs: number, sinceMs: number, nowMs: number): boolean =>
  nowMs >= sinceMs && nowMs - sinceMs < spanMs;

/** `isMiss` tells answers of "none" (short-lived, never standing in) from good ones. */
export const createMemory = <V>(
  options: MemoryOptions,
  isMiss: (value: V) => boolean,
): Memory<V> => {
  const { clock, freshMs, missFreshMs, keepMs, retryMs, patienceMs, maxEntries } = options;
  const good = new Map<string, Entry<V>>();
  const missing = new Map<string, Entry<V>>();
  const underway = new Map<string, Promise<V>>();
  let generation = 0;

  const put = (map: Map<string, Entry<V>>, key: string, entry: Entry<V>): void => {
    map.delete(key);
    map.set(key, entry);
    const oldest = map.keys().next();
    if (map.size > maxEntries && !oldest.done) map.delete(oldest.value);
  };

  const ask = (key: string, question: () => Promise<V>): Promise<V> => {
    const running = underway.get(key);
    if (running !== undefined) return running;
    const bornIn = generation;
    // The age of an answer counts from the question: what changed while it was under way may not be in it.
    const askedAt = clock.now();
    const answer = (async () => {
      try {
        const value = await question();
        if (bornIn === generation) {
          const miss = isMiss(value);
          (miss ? good : missing).delete(key);
          put(miss ? missing : good, key, { value, askedAt });
        }
        return value;
      } finally {
        if (bornIn === generation) underway.delete(key);
      }
    })();
    underway.set(key, answer);
    return answer;
  };

  const standIn = (entry: Entry<V>, error: unknown): V => {
    entry.failedAt = clock.now();
    options.onStale(error);
    return entry.value;
  };

  return {
    async get(key, question) {
      const now = clock.now();
      const miss = missing.get(key);
      if (miss !== undefined && isWithin(missFreshMs, miss.askedAt, now)) return miss.value;

      const entry = good.get(key);
      if (entry === undefined || now - entry.askedAt >= keepMs) return ask(key, question);
      put(good, key, entry);
      if (isWithin(freshMs, entry.askedAt, now)) return entry.value;
      if (isWithin(retryMs, entry.failedAt ?? Number.NEGATIVE_INFINITY, now)) return entry.value;

      try {
        const first = await Promise.race([
          ask(key, question),
          options.wait(patienceMs).then(() => LATE),
        ]);
        if (first !== LATE) return first as V;
        // The answer may still come, and is remembered then.
        return standIn(entry, new Error(`no answer within ${patienceMs} ms`));
      } catch (error) {
        return standIn(entry, error);
      }
    },
    clear() {
      generation += 1;
      good.clear();
      missing.clear();
      underway.clear();
    },
  };
};
