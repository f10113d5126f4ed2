// Divides the events of one file into groups that may be one call, by ids, Local pairs and bridges, incrementally. A
// group is never smaller than a call as `partition` defines it, so each group can be assembled on its own. Holding and
// conference bridges tie no groups together.

import { bridgeKey, idKey } from "../../domain/record.ts";
import { hashOfKey } from "../../store/index.ts";
import { bridgeKindSaid, type CallEvent } from "../index.ts";

export type EventGroup = {
  readonly number: number;
  /** Offsets of its lines. */
  offsets: number[];
  /** Its events, until they were looked at; then they are read again where they are needed again. */
  events: CallEvent[] | undefined;
  /** The group that took this one up. */
  into: EventGroup | undefined;
  /** It has changed since it was looked at. */
  isTouched: boolean;
  /** It was looked at before: there may be rows of it. */
  wasSeen: boolean;
  /** Rows of it are in the table, and not only among the fresh ones. */
  isInTable: boolean;
  /** It took others up: there may be rows under their numbers. */
  hasTaken: boolean;
  hasHangup: boolean;
  /** It may have begun in an earlier file. */
  reachesBack: boolean;
  /** Bridges that tie nobody and through which it went, by the offset of a line that tells so. */
  telling: readonly number[];
  /** The batch in which it was touched last. */
  batch: number;
};

type BridgeUse = {
  group: EventGroup | undefined;
  /** Groups that it has tied together. */
  tied: number;
  /** Offset of a line that tells that it ties nobody; -1 while none is known. */
  tellingAt: number;
};

/** A bridge that would tie more than this together is no conversation, whatever its sender calls it. */
const MAX_TIED = 64;

/** What tells whether a group may have begun in an earlier file. */
export type Reach = {
  /** Beginning of the file's day, in milliseconds since the epoch. */
  readonly from: number;
  readonly callTimeoutMs: number;
  /** Whether an earlier file holds a key of that hash near its end. */
  readonly isInEarlierFile: (hash: number) => boolean;
};

export type Groups = {
  readonly all: EventGroup[];
  /** @param event whose `order` is the offset of its line */
  readonly add: (event: CallEvent, batch: number) => EventGroup | undefined;
  readonly touched: () => EventGroup[];
  readonly settled: (group: EventGroup) => void;
  /** Makes one of two groups. @returns the one that took the other up; what it knew of its rows is to be forgotten */
  readonly join: (a: EventGroup, b: EventGroup) => EventGroup;
  /** The group itself, or the one that took it up. */
  readonly rootOf: (group: EventGroup) => EventGroup;
  /** Keys and their groups, for a checkpoint. */
  readonly keys: Map<number, EventGroup>;
  readonly bridges: Map<number, BridgeUse>;
};

/** Of groups that others took up: there are as many of them as calls. */
const NONE: number[] = [];

export const createGroup = (number: number): EventGroup => ({
  number,
  offsets: [],
  events: [],
  into: undefined,
  isTouched: false,
  wasSeen: false,
  isInTable: false,
  hasTaken: false,
  hasHangup: false,
  reachesBack: false,
  telling: NONE,
  batch: 0,
});

/** Whether an event says of its bridge that it is a parking place or a conference. */
const tiesNobody = (event: CallEvent): boolean => bridgeKindSaid(event) !== "ordinary";

class EventGroups implements Groups {
  readonly #reach: Reach;
  readonly #all: EventGroup[] = [];
  readonly #keys = new Map<number, EventGroup>();
  readonly #bridges = new Map<number, BridgeUse>();
  readonly #touched = new Set<EventGroup>();
  /** Hashes of the names of the event at hand that no group is known by. */
  readonly #unknown: number[] = [];

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  rootOf(group: EventGroup): EventGroup {
    let root = group;
    while (root.into !== undefined) root = root.into;
    if (root !== group) group.into = root;
    return root;
  }

  join(a: EventGroup, b: EventGroup): EventGroup {
    if (a === b) return a;
    const [into, from] = a.offsets.length >= b.offsets.length ? [a, b] : [b, a];
    if (into.events === undefined || from.events === undefined) into.events = undefined;
    else for (const event of from.events) into.events.push(event);
    for (const offset of from.offsets) into.offsets.push(offset);
    into.wasSeen ||= from.wasSeen;
    into.isInTable ||= from.isInTable;
    into.hasTaken = true;
    into.hasHangup ||= from.hasHangup;
    into.reachesBack ||= from.reachesBack;
    if (from.telling.length > 0) into.telling = [...new Set([...into.telling, ...from.telling])];
    from.into = into;
    from.offsets = NONE;
    from.events = undefined;
    from.telling = NONE;
    this.#touched.delete(from);
    return into;
  }

  add(event: CallEvent, batch: number): EventGroup | undefined {
    const { at, bridgeId, order: offset } = event;
    const isNearStart = at - this.#reach.from <= this.#reach.callTimeoutMs;
    let reachesBack = at < this.#reach.from;
    let bridge: BridgeUse | undefined;
    if (bridgeId !== "") {
      const hash = hashOfKey(bridgeKey(bridgeId));
      if (isNearStart && !this.#bridges.has(hash))
        reachesBack ||= this.#reach.isInEarlierFile(hash);
      bridge = this.#bridgeOf(hash);
      if (bridge.tellingAt < 0 && tiesNobody(event)) bridge.tellingAt = offset;
    }
    let group = this.#named(event);
    const unknown = this.#unknown;
    if (isNearStart) reachesBack ||= unknown.some(this.#reach.isInEarlierFile);
    const isTying = bridge !== undefined && bridge.tellingAt < 0;
    // Of a bridge that ties nobody, nothing is shown but the channels that went through it.
    if (group === undefined && unknown.length === 0 && !isTying) return undefined;
    if (group === undefined && unknown.length > 0) group = this.#begin();
    if (bridge !== undefined) {
      if (isTying) group = this.#tie(group, bridge);
      else if (group !== undefined && !group.telling.includes(bridge.tellingAt)) {
        group.telling = [...group.telling, bridge.tellingAt];
      }
    }
    if (group === undefined) return undefined;
    for (const hash of unknown) this.#keys.set(hash, group);
    group.offsets.push(offset);
    group.events?.push(event);
    group.hasHangup ||= event.type === "hangup";
    group.reachesBack ||= reachesBack;
    group.batch = batch;
    if (!group.isTouched) this.#touched.add(group);
    group.isTouched = true;
    return group;
  }

  get all() {
    return this.#all;
  }

  get keys() {
    return this.#keys;
  }

  get bridges() {
    return this.#bridges;
  }

  touched(): EventGroup[] {
    return [...this.#touched];
  }

  settled(group: EventGroup): void {
    group.isTouched = false;
    group.wasSeen = true;
    group.events = undefined;
    this.#touched.delete(group);
  }

  #begin(): EventGroup {
    const group = createGroup(this.#all.length);
    this.#all.push(group);
    return group;
  }

  /** The group of the names of an event, made one where they were several's; keeps the names that none is known by. */
  #named({ ids, localPair }: CallEvent): EventGroup | undefined {
    this.#unknown.length = 0;
    let group: EventGroup | undefined;
    for (const id of ids) group = this.#namedBy(hashOfKey(idKey(id)), group);
    return localPair === undefined ? group : this.#namedBy(hashOfKey(localPair), group);
  }

  #namedBy(hash: number, group: EventGroup | undefined): EventGroup | undefined {
    const known = this.#keys.get(hash);
    if (known === undefined) {
      this.#unknown.push(hash);
      return group;
    }
    const root = this.rootOf(known);
    return group === undefined ? root : this.join(group, root);
  }

  #bridgeOf(hash: number): BridgeUse {
    const known = this.#bridges.get(hash);
    if (known !== undefined) return known;
    const bridge: BridgeUse = { group: undefined, tied: 0, tellingAt: -1 };
    this.#bridges.set(hash, bridge);
    return bridge;
  }

  /** Ties the group to those that its bridge has tied before. */
  #tie(group: EventGroup | undefined, bridge: BridgeUse): EventGroup {
    const other = bridge.group === undefined ? undefined : this.rootOf(bridge.group);
    if (group === undefined) {
      bridge.group = other ?? this.#begin();
      return bridge.group;
    }
    if (other === group) return group;
    if (bridge.tied >= MAX_TIED) return group;
    bridge.tied += 1;
    bridge.group = other === undefined ? group : this.join(other, group);
    return bridge.group;
  }
}

export const createGroups = (reach: Reach): Groups => new EventGroups(reach);
