// Rate limit for wrong tokens, per client and minute. A right token always passes; only the answer to a wrong one
// changes. Bounded: an LRU cache of clients.

import { LRUCache } from "lru-cache";
import type { Clock } from "../lib/clock.ts";

/** Wrong tokens that one client may try in a minute before it is told to wait. */
export const MAX_WRONG_TOKENS = 20;
const WINDOW_MS = 60_000;
const MAX_CLIENTS = 10_000;

type Tries = { count: number; since: number };

/** What a wrong token leads to. */
export type Guess = {
  /** Seconds to wait where the client has tried too often, else undefined. */
  readonly waitSeconds: number | undefined;
  /** The first of this minute that is told to wait: the one to log. */
  readonly isFirstTooMany: boolean;
};

export type GuessLimit = {
  /** Counts a wrong token. */
  wrong(client: string): Guess;
};

/** Makes the counter; `clock` decides when a minute is over. */
export const createGuessLimit = (clock: Clock): GuessLimit => {
  const clients = new LRUCache<string, Tries>({ max: MAX_CLIENTS });
  return {
    wrong: (client) => {
      const now = clock.now();
      const known = clients.get(client);
      // A clock that was set back ends the minute rather than stretch it.
      const isSameMinute =
        known !== undefined && now >= known.since && now - known.since < WINDOW_MS;
      const current = isSameMinute ? known : { count: 0, since: now };
      current.count++;
      clients.set(client, current);
      const isTooMany = current.count > MAX_WRONG_TOKENS;
      return {
        waitSeconds: isTooMany
          ? Math.max(1, Math.ceil((current.since + WINDOW_MS - now) / 1000))
          : undefined,
        isFirstTooMany: current.count === MAX_WRONG_TOKENS + 1,
      };
    },
  };
};
