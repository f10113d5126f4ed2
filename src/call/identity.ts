// Decides which events belong to one call: those that share a unique id, a Linkedid or a Local channel pair, or were
// in one bridge at overlapping times. Telephone numbers are never compared. Equal ids further apart than the call
// time-out are different calls, because hosts restart and count from zero again.

import { DisjointSets } from "../lib/disjoint-sets.ts";
import { bridgeKind } from "./bridge-kind.ts";
import type { CallEvent } from "./events.ts";
import { presences } from "./presence.ts";

/** Whether one id stands in all of them without a silence: most calls, and none of them is to be divided. */
const isPlainlyOne = (events: readonly CallEvent[], callTimeoutMs: number): boolean => {
  let before = events[0];
  const id = before?.ids[0];
  if (id === undefined) return false;
  for (const event of events) {
    if (!event.ids.includes(id)) return false;
    if (before !== undefined && event.at - before.at > callTimeoutMs) return false;
    before = event;
  }
  return true;
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
