// A cache of answers of one kind that can serve stale ones: fresh for a while, then asked again; when the source fails
// or is slow, the last good answer serves for as long as it may be kept. Negative answers are cached apart and
// briefly, so that invented tokens cannot push out good answers; a negative answer for a token is never served stale.

import { LRUCache } from "lru-cache";
import type { Clock } from "../lib/clock.ts";
import { type After, within } from "../lib/within.ts";
import type { Outage } from "./outage.ts";

export type AnswerCacheOptions = {
  readonly clock: Clock;
  /** How long an answer is given without asking again. */
  readonly freshMs: number;
  /** The same for an answer of "none". */
  readonly missFreshMs: number;
  /** How old a good answer may be that stands in for a failing source. */
  readonly keepMs: number;
  /** How long one question may take where an older answer could stand in, or where the source has just failed. */
  readonly askTimeoutMs: number;
  /** Remembered answers of each kind; the least recently used go first. */
  readonly maxEntries: number;
  /** Default: the machine's timer. */
  readonly after?: After | undefined;
  /** Called each time a stale answer serves. */
  readonly onStale: (error: unknown) => void;
  /** Shared by all that is remembered of one source. */
  readonly outage: Outage;
};

/** An answer, and when it was asked for, in milliseconds since the epoch. */
export type CachedAnswer<V> = { readonly value: V; readonly askedAt: number };

export type AnswerKind<V> = {
  /** Tells answers of "none" from good ones. */
  readonly isMiss: (value: V) => boolean;
  /** Whether "none" may serve as a stale answer too: right for lists of people, not for tokens, which anybody can invent. */
  readonly missStandsIn: boolean;
  /** What is known from elsewhere, such as a copy of everything; used where it is newer than our own. */
  readonly recall: (key: string) => CachedAnswer<V> | undefined;
};

export type AnswerCache<V> = {
  get(key: string, ask: () => Promise<V>): Promise<V>;
  clear(): void;
};

/** Whether less than `spanMs` has passed; a clock that was set back ends the span; it does not lengthen it. */
const isFresh = (spanMs: number, sinceMs: number, nowMs: number): boolean =>
  nowMs >= sinceMs && nowMs - sinceMs < spanMs;

export const createAnswerCache = <V>(
  options: AnswerCacheOptions,
  { isMiss, missStandsIn, recall }: AnswerKind<V>,
): AnswerCache<V> => {
  const { clock, freshMs, missFreshMs, keepMs, askTimeoutMs, maxEntries, outage } = options;
  const good = new LRUCache<string, CachedAnswer<V>>({ max: maxEntries });
  const missing = new LRUCache<string, CachedAnswer<V>>({ max: maxEntries });
  const underway = new Map<string, Promise<V>>();
  let generation = 0;
  let clearedAt = Number.NEGATIVE_INFINITY;

  const ask = (key: string, question: () => Promise<V>): Promise<V> => {
    const running = underway.get(key);
    if (running !== undefined) return running;
    const bornIn = generation;
    // The age of an answer counts from the question: what changed while it was under way may not be in it.
    const askedAt = clock.now();
    const answer = (async () => {
      try {
        const value = await question();
        outage.answered();
        if (bornIn === generation) {
          const miss = isMiss(value);
          (miss ? good : missing).delete(key);
          (miss ? missing : good).set(key, { value, askedAt });
        }
        return value;
      } catch (error) {
        outage.failed(error);
        throw error;
      } finally {
        if (bornIn === generation) underway.delete(key);
      }
    })();
    underway.set(key, answer);
    return answer;
  };

  /** The same, for no longer than the time-out; an answer that comes after it is still remembered. */
  const askBriefly = (key: string, question: () => Promise<V>): Promise<V> =>
    within(
      ask(key, question),
      askTimeoutMs,
      (): never => {
        outage.late();
        throw new Error(`the directory gave no answer within ${askTimeoutMs} ms`);
      },
      options.after,
    );

  const newest = (key: string): CachedAnswer<V> | undefined => {
    const own = good.get(key) ?? missing.get(key);
    const other = recall(key);
    if (other === undefined || other.askedAt <= clearedAt) return own;
    if (own !== undefined && own.askedAt >= other.askedAt) return own;
    // It was not asked for: that the copy has none makes an older answer invalid, and is no answer itself.
    return isMiss(other.value) && !missStandsIn ? undefined : other;
  };

  return {
    async get(key, question) {
      const now = clock.now();
      const answer = newest(key);
      const isNone = answer === undefined || isMiss(answer.value);
      if (answer !== undefined && isFresh(isNone ? missFreshMs : freshMs, answer.askedAt, now)) {
        return answer.value;
      }
      const mayStandIn = !isNone || missStandsIn;
      if (answer === undefined || !mayStandIn || now - answer.askedAt >= keepMs) {
        return outage.isRecent() ? askBriefly(key, question) : ask(key, question);
      }
      if (!outage.mayTry()) return answer.value;
      try {
        return await askBriefly(key, question);
      } catch (error) {
        options.onStale(error);
        return answer.value;
      }
    },
    clear() {
      generation += 1;
      clearedAt = clock.now();
      good.clear();
      missing.clear();
      underway.clear();
    },
  };
};
