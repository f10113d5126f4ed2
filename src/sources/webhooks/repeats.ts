// Detects duplicate deliveries (libcurl sends a POST again when a reused connection dies unanswered): the same
// enterprise, event, unique id and body within a minute. A channel that enters a bridge again after leaving it is no
// duplicate. Bounded memory; a delivery that was forgotten counts as new. Per process. A repeat is recorded like any other
// event and only counted, so that two deliveries with the same key by chance cost a wrong count and no event.

import type { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { bodyText, type EventBody } from "../../domain/event.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long a delivery is remembered. */
const WINDOW_MS = 60_000;
/** Deliveries in each of two generations, the newer of which covers up to a window: 300 events/s; about 7 MB, 15 MB where all are of bridges. */
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
  see(sighting: Sighting): { readonly key: number; readonly repeat: boolean };
  /** Takes a delivery back that could not be recorded: its next one is no repeat. */
  forget(key: number): void;
};

/**
 * 53 bits for a short text and data of any length. A number and not a text: tens of thousands of texts in memory cost the
 * garbage collector more than the digest costs. The digest is made in one call: hash objects that are fed piece by piece
 * take four times as long. The text is mixed in two halves of 32 bits.
 */
const keyOf = (text: string, data: string | Uint8Array): number => {
  let high = 0x2545f491;
  let low = 0x4f6cdd1d;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    high ^= high >>> 15;
    low = Math.imul(low ^ unit, 0x85ebca6b);
    low ^= low >>> 13;
  }
  const digest: Buffer = hash("sha1", data, "buffer");
  high ^= digest.readInt32LE(0);
  low ^= digest.readInt32LE(4);
  return (high >>> 11) * 0x100000000 + (low >>> 0);
};

/**
 * Remembers values for at least WINDOW_MS, or until MAX_IN_GENERATION newer ones came. Whole generations are dropped:
 * deleting the oldest entries of a Map one by one makes it slow to find the next oldest.
 */
const createMemory = <Value>(clock: Clock) => {
  let newer = new Map<number, Value>();
  let older = new Map<number, Value>();
  let startedAtMs = clock.now();
  return {
    get: (key: number): Value | undefined => newer.get(key) ?? older.get(key),
    set(key: number, value: Value): void {
      const now = clock.now();
      if (newer.size >= MAX_IN_GENERATION || Math.abs(now - startedAtMs) > WINDOW_MS) {
        older = newer;
        newer = new Map();
        startedAtMs = now;
      }
      newer.set(key, value);
    },
    delete(key: number): void {
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
    // With the lengths, so that different texts never join to the same one.
    const place = `${bridge.length} ${channel.length} ${bridge}${channel}${bodyText(body, "ChanUniqueId")}`;
    const key = keyOf(`${enterprise} ${uniqueId}`, place);
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
      const key = keyOf(`${enterprise} ${event} ${uniqueId} ${turn}`, bytes);
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
