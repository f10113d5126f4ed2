// Detects duplicate deliveries (libcurl sends a POST again when a reused connection dies unanswered): the same
// enterprise, event, unique id and body within a minute. A channel that enters a bridge again after leaving it is no
// duplicate. Bounded memory; a delivery that was forgotten counts as new. Per process.

import { createHash } from "node:crypto";
import { bodyText, type EventBody } from "../../domain/event.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long a delivery is remembered. */
const WINDOW_MS = 60_000;
/** Deliveries in each of two generations, the newer of which covers up to a window: 300 events/s; about 4 MB. */
const MAX_IN_GENERATION = 20_000;

export type Sighting = {
  readonly enterprise: string;
  readonly event: string;
  readonly uniqueId: string;
  readonly body: EventBody;
  /** The body as it came. */
  readonly bytes: Uint8Array;
};

export type Repeats = {
  /** Remembers the delivery, and says whether it was remembered already. `key` is for `forget`. */
  see(sighting: Sighting): { readonly key: string; readonly repeat: boolean };
  /** Takes a delivery back that could not be recorded: its next one is no repeat. */
  forget(key: string): void;
};

/** Told apart by 160 bits: equal digests of different deliveries are out of reach. */
const digestOf = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha1");
  // The length first, so that no two lists of parts run into the same bytes.
  for (const part of parts) hash.update(`${part.length} `).update(part);
  return hash.digest("latin1");
};

/**
 * Remembers values for at least `windowMs`, or until `maxInGeneration` newer ones came. Whole generations are let go,
 * since to delete the oldest entries of a Map one by one makes finding the next oldest slow.
 */
const createMemory = <Value>(clock: Clock) => {
  let newer = new Map<string, Value>();
  let older = new Map<string, Value>();
  let startedAtMs = clock.now();
  return {
    get: (key: string): Value | undefined => newer.get(key) ?? older.get(key),
    set(key: string, value: Value): void {
      const now = clock.now();
      if (newer.size >= MAX_IN_GENERATION || Math.abs(now - startedAtMs) > WINDOW_MS) {
        older = newer;
        newer = new Map();
        startedAtMs = now;
      }
      newer.set(key, value);
    },
    delete(key: string): void {
      newer.delete(key);
      older.delete(key);
    },
  };
};

/** What a channel last did at a bridge; `turn` changes when it does the other. */
type Stay = { readonly event: string; readonly turn: number };

/** Starts with nothing remembered. */
export const createRepeats = (clock: Clock): Repeats => {
  const seenAtMs = createMemory<number>(clock);
  const stays = createMemory<Stay>(clock);
  let lastTurn = 0;

  /** A number that is the same for as long as the channel does not do the opposite at that bridge. */
  const turnOf = ({ enterprise, event, uniqueId, body }: Sighting): number => {
    const bridge = ["BridgeUniqueid", "Channel", "ChanUniqueId"].map((name) =>
      bodyText(body, name),
    );
    const place = digestOf([enterprise, uniqueId, ...bridge]);
    let stay = stays.get(place);
    if (stay?.event !== event) stay = { event, turn: ++lastTurn };
    stays.set(place, stay);
    return stay.turn;
  };

  return {
    see(sighting) {
      const { enterprise, event, uniqueId, bytes } = sighting;
      const isStay = event === "bridge" || event === "bridge_leave";
      const turn = isStay ? String(turnOf(sighting)) : "";
      const key = digestOf([enterprise, event, uniqueId, turn, bytes]);
      const now = clock.now();
      const before = seenAtMs.get(key);
      if (before !== undefined && Math.abs(now - before) <= WINDOW_MS) return { key, repeat: true };
      seenAtMs.set(key, now);
      return { key, repeat: false };
    },
    forget(key) {
      seenAtMs.delete(key);
    },
  };
};
