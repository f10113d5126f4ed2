// Decides which events belong to one call: those that share a unique id, a Linkedid or a Local channel pair, or were
// in one bridge at overlapping times. Telephone numbers are never compared. Equal ids further apart than the call
// time-out are different calls, because hosts restart and count from zero again.

import { DisjointSets } from "../lib/disjoint-sets.ts";
import { bridgeKind } from "./bridge-kind.ts";
import type { CallEvent } from "./events.ts";
import { presences } from "./presence.ts";

/** Whether an event without ids is of a bridge that is ordinary, and that somebody of the others is seen in. */
const isOfBridge = ({ type, at, bridgeId }: CallEvent, events: readonly CallEvent[]): boolean => {
  const isCreated = type === "bridge_create";
  if (bridgeId === "" || !(isCreated || type === "bridge_destroy")) return false;
  const isEntered = events.some(
    (event) =>
      event.bridgeId === bridgeId &&
      event.ids.length > 0 &&
      (event.type === "bridge_leave" || (event.type === "bridge" && (isCreated || event.at <= at))),
  );
  return isEntered && bridgeKind(events, bridgeId) === "ordinary";
};

/** Adds what an event is named by to the names of those before it. @returns whether it shares one of them */
const isTied = ({ ids, localPair }: CallEvent, names: string[]): boolean => {
  const before = names.length;
  let isKnown = before === 0;
  for (const id of ids) {
    if (names.includes(id)) isKnown = true;
    else names.push(id);
  }
  if (localPair === undefined) return isKnown;
  if (names.includes(localPair)) return true;
  names.push(localPair);
  return isKnown;
};

/** Names beyond which a look at a call is not short: each event's are looked for among them. */
const MAX_NAMES = 64;

/**
 * Whether a short look tells that they are one call, as most are: no longer than the call time-out in all, their ids hang
 * together, and what names a bridge alone (it is created, it ends) names one that somebody of them is in. False where it
 * does not tell.
 */
const isPlainlyOne = (events: readonly CallEvent[], callTimeoutMs: number): boolean => {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined || last.at - first.at > callTimeoutMs) return false;
  const names: string[] = [];
  for (const event of events) {
    const isPlain = event.ids.length > 0 ? isTied(event, names) : isOfBridge(event, events);
    if (!isPlain || names.length > MAX_NAMES) return false;
  }
  return names.length > 0;
};

/**
 * Splits events (in order of happening) into calls.
 *
 * @param callTimeoutMs silence of an id after which it names another call, in milliseconds
 */
export const partition = (events: readonly CallEvent[], callTimeoutMs: number): CallEvent[][] => {
  if (isPlainlyOne(events, callTimeoutMs)) return [[...events]];
  const groups = new DisjointSets<CallEvent>();

  const lastWith = new Map<string, CallEvent>();
  for (const event of events) {
    const names = event.localPair === undefined ? event.ids : [...event.ids, event.localPair];
    for (const name of names) {
      const previous = lastWith.get(name);
      if (previous !== undefined && event.at - previous.at <= callTimeoutMs) {
        groups.join(previous, event);
      }
      lastWith.set(name, event);
    }
  }

  const byBridge = Map.groupBy(
    events.filter((event) => event.bridgeId !== ""),
    (event) => event.bridgeId,
  );
  const inBridges = Map.groupBy(presences(events), (presence) => presence.bridgeId);
  for (const [bridgeId, bridgeEvents] of byBridge) {
    if (bridgeKind(bridgeEvents) !== "ordinary") continue;
    const own = inBridges.get(bridgeId) ?? [];
    own.forEach((presence, index) => {
      const first = presence.events[0] as CallEvent;
      for (const event of presence.events) groups.join(first, event);
      for (const other of own.slice(index + 1)) {
        const until = Math.min(presence.end, presence.start + callTimeoutMs);
        if (other.start <= until && presence.start <= other.end) {
          groups.join(first, other.events[0] as CallEvent);
        }
      }
    });
    for (const event of bridgeEvents) {
      if (event.uniqueId !== "") continue;
      const distance = (start: number, end: number): number =>
        event.type === "bridge_create" ? Math.abs(start - event.at) : Math.abs(end - event.at);
      const nearest = own.toSorted(
        (a, b) => distance(a.start, a.end) - distance(b.start, b.end),
      )[0];
      if (nearest !== undefined && distance(nearest.start, nearest.end) <= callTimeoutMs) {
        groups.join(event, nearest.events[0] as CallEvent);
      }
    }
  }

  return [...Map.groupBy(events, (event) => groups.of(event)).values()];
};
