// A PBX as it is found in the field, for writing scenarios by hand: it keeps count of channels and bridges and posts
// what such a sender posts about them: the unique id of the channel (not of the call), an empty one for bridges, all
// values as strings, times of day of the host's own zone (UTC+3), keys in no particular order. One sender is one queue:
// it posts some milliseconds after a thing happened, and in order.

import type { EventBody } from "../domain/event.ts";
import type { ScenarioEvent } from "./types.ts";

/** The webhook token in every hand-made body. */
export const FIELD_TOKEN = "375290000001";

/** The moment of second 0 of every hand-made call: 2025-11-30 15:00:00 on the host. */
const SECOND_ZERO = Date.UTC(2025, 10, 30, 12, 0, 0);
const HOST_OFFSET_MS = 3 * 3600 * 1000;

export type Channel = {
  readonly uniqueId: string;
  /** Such as `SIP/151-0000001a`. */
  readonly name: string;
  readonly callerIdNum: string;
  readonly callerIdName: string;
  readonly connectedLineNum: string;
  readonly exten: string;
};

export type Bridge = { readonly id: string; readonly members: Set<Channel> };

export type FieldHost = {
  /** A new channel, created at `second`; names and ids count up as Asterisk's do. */
  channel(second: number, name: string, fields?: Partial<Channel>): Channel;
  /** The two ends of a Local channel: `;1` towards the one who dials, `;2` towards the dialplan. */
  localPair(second: number, name: string, fields?: Partial<Channel>): readonly [Channel, Channel];
  start(second: number, channel: Channel, fields: EventBody): void;
  dial(second: number, channel: Channel, fields: EventBody): void;
  newCallerId(second: number, channel: Channel): void;
  createBridge(second: number): Bridge;
  enter(second: number, bridge: Bridge, channel: Channel): void;
  leave(second: number, bridge: Bridge, channel: Channel): void;
  destroyBridge(second: number, bridge: Bridge): void;
  hangup(second: number, channel: Channel, fields: EventBody): void;
  /** Time of day on the host, as it stands in `StartTime`. */
  stamp(second: number): string;
  /** Everything posted so far. */
  events(): readonly ScenarioEvent[];
};

/** A small generator of the same numbers in every run (mulberry32): scenarios are data, not dice. */
const sameNumbers = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export type FieldHostOptions = {
  /** Tells one scenario's ids, key orders and delays from another's. */
  readonly seed: number;
  /** With a system name, unique ids read `name-epoch.sequence`. */
  readonly systemName?: string;
  /** Instead of the true epoch: a host that booted without a clock. */
  readonly epochZero?: number;
};

class ScriptedHost implements FieldHost {
  readonly #seed: number;
  readonly #systemName: string | undefined;
  readonly #epochZero: number | undefined;
  readonly #random: () => number;
  readonly #posted: ScenarioEvent[] = [];
  #lastAt = 0;
  #channelCount: number;
  #bridgeCount = 0;

  constructor({ seed, systemName, epochZero }: FieldHostOptions) {
    this.#seed = seed;
    this.#systemName = systemName;
    this.#epochZero = epochZero;
    this.#random = sameNumbers(this.#seed);
    this.#channelCount = 20 + Math.floor(this.#random() * 900);
  }

  stamp(second: number): string {
    return new Date(SECOND_ZERO + Math.floor(second) * 1000 + HOST_OFFSET_MS)
      .toISOString()
      .slice(0, 19)
      .replace("T", " ");
  }

  events(): ScenarioEvent[] {
    return this.#posted;
  }

  channel(second: number, name: string, fields: Partial<Channel> | undefined): Channel {
    return this.#newChannel(second, `${name}-${this.#count()}`, fields);
  }

  localPair(
    second: number,
    name: string,
    fields: Partial<Channel> | undefined,
  ): [Channel, Channel] {
    const base = `Local/${name}-${this.#count()}`;
    return [
      this.#newChannel(second, `${base};1`, fields),
      this.#newChannel(second, `${base};2`, fields),
    ];
  }

  start(second: number, channel: Channel, fields: EventBody): void {
    this.#post(second, "start", { UniqueId: channel.uniqueId, CallType: 0, ...fields });
  }

  dial(second: number, channel: Channel, fields: EventBody): void {
    this.#post(second, "dial", { UniqueId: channel.uniqueId, ExtTrunk: "", ...fields });
  }

  newCallerId(second: number, channel: Channel): void {
    this.#post(second, "new_callerid", {
      UniqueId: channel.uniqueId,
      Channel: channel.name,
      CallerIDNum: channel.callerIdNum,
      CallerIDName: channel.callerIdName,
      ConnectedLineNum: channel.connectedLineNum,
      Exten: channel.exten,
    });
  }

  createBridge(second: number): { id: string; members: Set<Channel> } {
    const tail = `${this.#seed.toString(16).padStart(4, "0")}${(this.#bridgeCount++).toString(16).padStart(8, "0")}`;
    const bridge = { id: `77c13775-bede-4f37-886b-${tail}`, members: new Set<Channel>() };
    this.#post(second, "bridge_create", this.#aboutBridge(bridge));
    return bridge;
  }

  enter(second: number, bridge: Bridge, channel: Channel): void {
    bridge.members.add(channel);
    this.#post(second, "bridge", this.#aboutMember(bridge, channel));
  }

  leave(second: number, bridge: Bridge, channel: Channel): void {
    if (!bridge.members.delete(channel)) throw new Error(`${channel.name} is not in the bridge`);
    this.#post(second, "bridge_leave", {
      ...this.#aboutMember(bridge, channel),
      BridgeNumChannels: String(bridge.members.size),
    });
  }

  destroyBridge(second: number, bridge: Bridge): void {
    if (bridge.members.size > 0) throw new Error("somebody is still in the bridge");
    this.#post(second, "bridge_destroy", this.#aboutBridge(bridge));
  }

  hangup(second: number, channel: Channel, fields: EventBody): void {
    this.#post(second, "hangup", {
      UniqueId: channel.uniqueId,
      EndTime: this.stamp(second),
      ...fields,
    });
  }

  #shuffled(body: EventBody): EventBody {
    return Object.fromEntries(
      Object.entries(body)
        .map((entry) => ({ entry, rank: this.#random() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ entry }) => entry),
    );
  }

  #post(second: number, event: string, body: EventBody): void {
    const happened = SECOND_ZERO + Math.round(second * 1000);
    this.#lastAt = Math.max(this.#lastAt, happened + 15 + Math.floor(this.#random() * 60));
    this.#posted.push({
      at: this.#lastAt,
      event,
      body: this.#shuffled({ Token: FIELD_TOKEN, ...body }),
    });
  }

  #nextId(second: number): string {
    const epoch = (this.#epochZero ?? SECOND_ZERO / 1000) + Math.floor(second);
    return `${this.#systemName === undefined ? "" : `${this.#systemName}-`}${epoch}.${this.#channelCount++}`;
  }

  #newChannel(second: number, name: string, fields: Partial<Channel> = {}): Channel {
    return {
      uniqueId: this.#nextId(second),
      name,
      callerIdNum: "<unknown>",
      callerIdName: "<unknown>",
      connectedLineNum: "<unknown>",
      exten: "",
      ...fields,
    };
  }

  #count(): string {
    return this.#channelCount.toString(16).padStart(8, "0");
  }

  #aboutBridge(bridge: Bridge): EventBody {
    return {
      UniqueId: "",
      BridgeUniqueid: bridge.id,
      BridgeTechnology: "simple_bridge",
      BridgeNumChannels: String(bridge.members.size),
    };
  }

  #aboutMember(bridge: Bridge, channel: Channel): EventBody {
    return {
      UniqueId: channel.uniqueId,
      BridgeUniqueid: bridge.id,
      Channel: channel.name,
      Exten: channel.exten,
      CallerIDNum: channel.callerIdNum,
      ConnectedLineNum: channel.connectedLineNum,
    };
  }
}

export const createFieldHost = (options: FieldHostOptions): FieldHost => new ScriptedHost(options);
