// Detects duplicate deliveries (libcurl sends a POST again when a reused connection dies unanswered): the same
// enterprise, event, unique id and body within a minute. A channel that enters a bridge again after leaving it is no
// duplicate. Bounded memory; a delivery that was forgotten counts as new. Per process.

import { hash } from "node:crypto";
import { bodyText, type EventBody } from "../../domain/event.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long a delivery is remembered. */
const WINDOW_MS = 60_000;
/** Deliveries in each of two generations, the newer of which covers up to a window: 300 events/s; about 14 MB where all are of bridges. */
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

/** In one call: hash objects that are fed piece by piece take four times as long. */
const digestOf = (data: string | Uint8Array): string => hash("sha1", data, "base64");

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
    const bridge = bodyText(body, "BridgeUniqueid");
    const channel = bodyText(body, "Channel");
    // The lengths, so that no two lists of texts run into the same one. Hashed, since they may be of any length.
    const place = `${bridge.length} ${channel.length} ${bridge}${channel}${bodyText(body, "ChanUniqueId")}`;
    const key = `${enterprise} ${uniqueId} ${digestOf(place)}`;
    let stay = stays.get(key);
    if (stay?.event !== event) stay = { event, turn: ++lastTurn };
    stays.set(key, stay);
    return stay.turn;
  };

  return {
    see(sighting) {
      const { enterprise, event, uniqueId, bytes } = sighting;
      const isStay = event === "bridge" || event === "bridge_leave";
      const turn = isStay ? String(turnOf(sighting)) : "";
      // None of these has a space in it, and all but the body are short.
      const key = `${enterprise} ${event} ${uniqueId} ${turn} ${digestOf(bytes)}`;
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
