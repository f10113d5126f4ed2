// Which events are one call. Events belong together when they share a unique id, a Linkedid, a Local channel pair, or
// were in one bridge at overlapping times; never by telephone number. Equal ids further apart than the call time-out
// are different calls: hosts restart and count from zero again.

import { bridgeKind } from "./bridge-kind.ts";
import type { CallEvent } from "./events.ts";
import { presences } from "./presence.ts";

/** Sets of event indexes that grow together (union-find with path halving). */
class Groups {
  readonly #parent: number[];

  constructor(size: number) {
    this.#parent = Array.from({ length: size }, (_, index) => index);
  }

  of(index: number): number {
    let at = index;
    while (this.#parent[at] !== at) {
      const grandparent = this.#parent[this.#parent[at] as number] as number;
      this.#parent[at] = grandparent;
      at = grandparent;
    }
    return at;
  }

  join(a: number, b: number): void {
    this.#parent[this.of(a)] = this.of(b);
  }
}

/**
 * Splits events (in order of happening) into calls.
 *
 * @param callTimeoutMs silence of an id after which it names another call, in milliseconds
 */
export const partition = (events: readonly CallEvent[], callTimeoutMs: number): CallEvent[][] => {
  const groups = new Groups(events.length);
  const indexOf = new Map(events.map((event, index) => [event, index]));
  const joinEvents = (a: CallEvent, b: CallEvent): void =>
    groups.join(indexOf.get(a) as number, indexOf.get(b) as number);

  const lastWith = new Map<string, CallEvent>();
  for (const event of events) {
    const names = event.localPair === undefined ? event.ids : [...event.ids, event.localPair];
    for (const name of names) {
      const previous = lastWith.get(name);
      if (previous !== undefined && event.at - previous.at <= callTimeoutMs) {
        joinEvents(previous, event);
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
      for (const event of presence.events) joinEvents(first, event);
      for (const other of own.slice(index + 1)) {
        const until = Math.min(presence.end, presence.start + callTimeoutMs);
        if (other.start <= until && presence.start <= other.end) {
          joinEvents(first, other.events[0] as CallEvent);
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
        joinEvents(event, nearest.events[0] as CallEvent);
      }
    }
  }

  return [...Map.groupBy(events, (event) => groups.of(indexOf.get(event) as number)).values()];
};
