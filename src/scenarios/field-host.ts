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

export const createFieldHost = ({ seed, systemName, epochZero }: FieldHostOptions): FieldHost => {
  const random = sameNumbers(seed);
  const posted: ScenarioEvent[] = [];
  let lastAt = 0;
  let channelCount = 20 + Math.floor(random() * 900);
  let bridgeCount = 0;

  const shuffled = (body: EventBody): EventBody =>
    Object.fromEntries(
      Object.entries(body)
        .map((entry) => ({ entry, rank: random() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ entry }) => entry),
    );

  const post = (second: number, event: string, body: EventBody): void => {
    const happened = SECOND_ZERO + Math.round(second * 1000);
    lastAt = Math.max(lastAt, happened + 15 + Math.floor(random() * 60));
    posted.push({ at: lastAt, event, body: shuffled({ Token: FIELD_TOKEN, ...body }) });
  };

  const nextId = (second: number): string => {
    const epoch = (epochZero ?? SECOND_ZERO / 1000) + Math.floor(second);
    return `${systemName === undefined ? "" : `${systemName}-`}${epoch}.${channelCount++}`;
  };

  const newChannel = (second: number, name: string, fields: Partial<Channel> = {}): Channel => ({
    uniqueId: nextId(second),
    name,
    callerIdNum: "<unknown>",
    callerIdName: "<unknown>",
    connectedLineNum: "<unknown>",
    exten: "",
    ...fields,
  });

  const count = (): string => channelCount.toString(16).padStart(8, "0");

  const aboutBridge = (bridge: Bridge): EventBody => ({
    UniqueId: "",
    BridgeUniqueid: bridge.id,
    BridgeTechnology: "simple_bridge",
    BridgeNumChannels: String(bridge.members.size),
  });

  const aboutMember = (bridge: Bridge, channel: Channel): EventBody => ({
    UniqueId: channel.uniqueId,
    BridgeUniqueid: bridge.id,
    Channel: channel.name,
    Exten: channel.exten,
    CallerIDNum: channel.callerIdNum,
    ConnectedLineNum: channel.connectedLineNum,
  });

  const stamp = (second: number): string =>
    new Date(SECOND_ZERO + Math.floor(second) * 1000 + HOST_OFFSET_MS)
      .toISOString()
      .slice(0, 19)
      .replace("T", " ");

  return {
    stamp,
    events: () => posted,
    channel: (second, name, fields) => newChannel(second, `${name}-${count()}`, fields),
    localPair(second, name, fields) {
      const base = `Local/${name}-${count()}`;
      return [newChannel(second, `${base};1`, fields), newChannel(second, `${base};2`, fields)];
    },
    start: (second, channel, fields) =>
      post(second, "start", { UniqueId: channel.uniqueId, CallType: 0, ...fields }),
    dial: (second, channel, fields) =>
      post(second, "dial", { UniqueId: channel.uniqueId, ExtTrunk: "", ...fields }),
    newCallerId: (second, channel) =>
      post(second, "new_callerid", {
        UniqueId: channel.uniqueId,
        Channel: channel.name,
        CallerIDNum: channel.callerIdNum,
        CallerIDName: channel.callerIdName,
        ConnectedLineNum: channel.connectedLineNum,
        Exten: channel.exten,
      }),
    createBridge(second) {
      const tail = `${seed.toString(16).padStart(4, "0")}${(bridgeCount++).toString(16).padStart(8, "0")}`;
      const bridge = { id: `77c13775-bede-4f37-886b-${tail}`, members: new Set<Channel>() };
      post(second, "bridge_create", aboutBridge(bridge));
      return bridge;
    },
    enter(second, bridge, channel) {
      bridge.members.add(channel);
      post(second, "bridge", aboutMember(bridge, channel));
    },
    leave(second, bridge, channel) {
      if (!bridge.members.delete(channel)) throw new Error(`${channel.name} is not in the bridge`);
      post(second, "bridge_leave", {
        ...aboutMember(bridge, channel),
        BridgeNumChannels: String(bridge.members.size),
      });
    },
    destroyBridge(second, bridge) {
      if (bridge.members.size > 0) throw new Error("somebody is still in the bridge");
      post(second, "bridge_destroy", aboutBridge(bridge));
    },
    hangup: (second, channel, fields) =>
      post(second, "hangup", {
        UniqueId: channel.uniqueId,
        EndTime: stamp(second),
        ...fields,
      }),
  };
};
