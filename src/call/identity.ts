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
  const own = events.filter((event) => event.bridgeId === bridgeId);
  return isEntered && bridgeKind(own) === "ordinary";
};

/**
 * Whether a short look tells that they are one call, as most are: no longer than the call time-out in all, their ids hang
 * together, and what names a bridge alone (it is created, it ends) names one that somebody of them is in. False where it
 * does not tell.
 */
const isPlainlyOne = (events: readonly CallEvent[], callTimeoutMs: number): boolean => {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined || last.at - first.at > callTimeoutMs) return false;
  const names = new Set<string>();
  const isTied = ({ ids, localPair }: CallEvent): boolean =>
    names.size === 0 ||
    ids.some((id) => names.has(id)) ||
    (localPair !== undefined && names.has(localPair));
  for (const event of events) {
    if (event.ids.length === 0) continue;
    if (!isTied(event)) return false;
    for (const id of event.ids) names.add(id);
    if (event.localPair !== undefined) names.add(event.localPair);
  }
  return (
    names.size > 0 && events.every((event) => event.ids.length > 0 || isOfBridge(event, events))
  );
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
