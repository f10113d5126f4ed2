// Tells a delivery that came twice (libcurl sends a POST again when a reused connection dies unanswered) from an
// event that happened twice: the same enterprise, event, unique id and body within a minute is a repeat. Invariant:
// a channel that enters a bridge again after leaving it is no repeat, nor is its second leaving. Bounded memory;
// what is forgotten early counts as new. Each process has a table of its own.

import { bodyText, type EventBody } from "../../domain/event.ts";
import type { Clock } from "../../lib/clock.ts";

/** How long a delivery is remembered. */
const WINDOW_MS = 60_000;
/** Deliveries in each of two generations, the newer of which covers up to a window: 300 events/s; about 2 MB. */
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

/** Two 32-bit lanes: with 53 bits of them, equal hashes of different deliveries within a minute are out of reach. */
type Hash = { high: number; low: number };

const mix = (hash: Hash, word: number): void => {
  hash.high = Math.imul(hash.high ^ word, 0x9e3779b1);
  hash.high ^= hash.high >>> 15;
  hash.low = Math.imul(hash.low ^ word, 0x85ebca6b);
  hash.low ^= hash.low >>> 13;
};

const mixText = (hash: Hash, text: string): void => {
  for (let i = 0; i < text.length; i++) mix(hash, text.charCodeAt(i));
  mix(hash, 0x10000);
};

const mixBytes = (hash: Hash, bytes: Uint8Array): void => {
  let at = 0;
  if (bytes.byteOffset % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    for (let i = 0; i < words.length; i++) mix(hash, words[i] ?? 0);
    at = words.length * 4;
  }
  for (; at < bytes.length; at++) mix(hash, bytes[at] ?? 0);
  mix(hash, bytes.length);
};

const newHash = (): Hash => ({ high: 0x2545f491, low: 0x4f6cdd1d });
const keyOf = (hash: Hash): number => (hash.high >>> 11) * 0x100000000 + (hash.low >>> 0);

/**
 * Remembers values for at least `windowMs`, or until `maxInGeneration` newer ones came. Whole generations are let go,
 * since to delete the oldest entries of a Map one by one makes finding the next oldest slow.
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
    const hash = newHash();
    mixText(hash, enterprise);
    mixText(hash, uniqueId);
    for (const name of ["BridgeUniqueid", "Channel", "ChanUniqueId"]) {
      mixText(hash, bodyText(body, name));
    }
    const place = keyOf(hash);
    let stay = stays.get(place);
    if (stay?.event !== event) stay = { event, turn: ++lastTurn };
    stays.set(place, stay);
    return stay.turn;
  };

  return {
    see(sighting) {
      const hash = newHash();
      mixText(hash, sighting.enterprise);
      mixText(hash, sighting.event);
      mixText(hash, sighting.uniqueId);
      mixBytes(hash, sighting.bytes);
      if (sighting.event === "bridge" || sighting.event === "bridge_leave") {
        mix(hash, turnOf(sighting));
      }
      const key = keyOf(hash);
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
