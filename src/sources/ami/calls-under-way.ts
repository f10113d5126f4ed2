// State of the calls of one Asterisk while they last: channels, calls (by Linkedid) and bridges. Removed at their end;
// what ended unseen is removed by age and by number, so that memory stays bounded. The mapper decides which events are
// made of it.

import {
  bridgeKindOf,
  type EndpointKind,
  endpointOfChannel,
  isOlder,
  isUniqueId,
  isUnknown,
  plainNumber,
} from "../../asterisk/index.ts";
import type { Moment } from "./stream-clock.ts";

/** As the webhooks number it: 0 incoming, 1 outgoing, 2 internal. */
export type CallType = 0 | 1 | 2;

export type Channel = {
  /** Its Uniqueid. */
  readonly id: string;
  name: string;
  kind: EndpointKind;
  peer: string;
  call: Call;
  /** Who it is: the extension, or the number dialled over a trunk; "" for an outside caller. */
  number: string;
  /** A leg that was dialled (or picked a call up), other than the own phone of whoever had the call placed. */
  isDialled: boolean;
  isHeld: boolean;
  bridge: Bridge | undefined;
  /** Linked ids that it no longer has: Asterisk may name them once more in events already under way. */
  readonly formerIds: Set<string>;
  /** How often it entered or left a bridge: tells moves apart whose time is not known. */
  moves: number;
  /** Receipt of its last message. */
  seenAt: number;
};

/** Dials that wait for more of the same: a ring group is one dial. */
export type PendingDial = {
  readonly moment: Moment;
  /** Time of the last of them. */
  lastAt: number;
  readonly firstLegId: string;
  readonly dialledBy: string;
  readonly trunk: string;
  readonly numbers: Set<string>;
};

export type Call = {
  /** The Linkedid: the Uniqueid of its first channel. */
  readonly id: string;
  /** In milliseconds since the epoch by the PBX's clock. */
  startedAt: number;
  type: CallType | undefined;
  phone: string;
  /** Incoming: the number that was called. */
  did: string;
  /** Outgoing and internal: the extension that placed it. */
  ownExtension: string;
  /** What its first channel dialled. */
  dialled: string;
  trunk: string;
  /** Asterisk was asked to place it (click-to-call): it first rings the phone of whoever asked. */
  isOriginated: boolean;
  /** The own phone of an originated call. */
  ownLeg: Channel | undefined;
  /** A start or a dial was told of it. */
  isPlaced: boolean;
  /** It had a channel other than inner ones. */
  isReal: boolean;
  readonly channels: Set<Channel>;
  readonly rung: Set<string>;
  readonly talked: Set<string>;
  pending: PendingDial | undefined;
  answeredAt: number | undefined;
  /** Since when fewer than two of its channels are in a bridge; undefined while two are. */
  quietSince: number | undefined;
  /** Stretches after the answer in which nobody could talk, in milliseconds. */
  silentMs: number;
  hungUp: { readonly by: Channel; readonly number: string; readonly at: number } | undefined;
  cause: string;
  causeText: string;
};

export type Bridge = {
  readonly id: string;
  /** In an ordinary bridge calls become one; strangers meet in a conference, nobody hears anybody in a holding bridge. */
  isOrdinary: boolean;
  isHolding: boolean;
  /** BridgeType, BridgeTechnology, BridgeCreator, BridgeName where they say something; {} where none was said yet. */
  told: Readonly<Record<string, string>>;
  /** When it was made, until that is told. */
  created: Moment | undefined;
  isCreateTold: boolean;
  /** The call that was last seen in it; undefined where nothing was told of it. */
  callId: string | undefined;
  readonly channels: Set<Channel>;
  seenAt: number;
};

/** Gaps between bridges below this are those of signalling, in milliseconds. */
const SIGNALLING_MS = 50;
/** Uniqueids of channels that hung up and are remembered, so that a late word of them makes no new ones. */
const MAX_GONE = 4096;

const BRIDGE_FIELDS = ["BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName"];

export type Fields = ReadonlyMap<string, string>;

/** @param told what was told of the bridge when it was made: later messages change nothing of its kind */
const readBridge = (
  told: Readonly<Record<string, string>>,
): Pick<Bridge, "isOrdinary" | "isHolding" | "told"> => {
  const kind = bridgeKindOf({
    technology: told["BridgeTechnology"] ?? "",
    type: told["BridgeType"] ?? "",
    creator: told["BridgeCreator"] ?? "",
    isNew: true,
  });
  return { isHolding: kind === "holding", isOrdinary: kind === "ordinary", told };
};

export class CallsUnderWay {
  readonly channels = new Map<string, Channel>();
  readonly calls = new Map<string, Call>();
  readonly bridges = new Map<string, Bridge>();
  readonly #gone = new Set<string>();

  isGone(channelId: string): boolean {
    return this.#gone.has(channelId);
  }

  call(id: string, startedAt: number): Call {
    const known = this.calls.get(id);
    if (known !== undefined) return known;
    const call: Call = {
      id,
      startedAt,
      type: undefined,
      phone: "",
      did: "",
      ownExtension: "",
      dialled: "",
      trunk: "",
      isOriginated: false,
      ownLeg: undefined,
      isPlaced: false,
      isReal: false,
      channels: new Set(),
      rung: new Set(),
      talked: new Set(),
      pending: undefined,
      answeredAt: undefined,
      quietSince: undefined,
      silentMs: 0,
      hungUp: undefined,
      cause: "",
      causeText: "",
    };
    this.calls.set(id, call);
    return call;
  }

  /** The channel of that id, made where it is not known; undefined where it hung up, or the ids cannot be any. */
  channel(id: string, name: string, linkedId: string, at: number): Channel | undefined {
    const known = this.channels.get(id);
    if (known !== undefined) return known;
    if (!isUniqueId(id) || !isUniqueId(linkedId) || name === "" || this.isGone(id)) {
      return undefined;
    }
    const call = this.call(linkedId, at);
    const { kind, peer, number } = endpointOfChannel(name);
    const channel: Channel = {
      id,
      name,
      kind,
      peer,
      call,
      number,
      isDialled: false,
      isHeld: false,
      bridge: undefined,
      formerIds: new Set(),
      moves: 0,
      seenAt: 0,
    };
    this.channels.set(id, channel);
    call.channels.add(channel);
    call.isReal ||= kind !== "inner";
    return channel;
  }

  /**
   * Says again who it is: after a masquerade a channel has another name, and the number it shows at first tells which part
   * of a name such as `0367-151` is one. What was told of it already stands.
   */
  identify(channel: Channel, name: string, callerId: string | undefined): void {
    const isRenamed = name !== "" && name !== channel.name;
    const isJudged = channel.isDialled || (channel.id === channel.call.id && channel.call.isPlaced);
    if (!isRenamed && (channel.kind !== "trunk" || isJudged)) return;
    const own = channel.kind === "extension" ? channel.number : undefined;
    const { number, ...endpoint } = endpointOfChannel(isRenamed ? name : channel.name, {
      isKnownExtension: (part) => part === own,
      callerId: plainNumber(callerId),
    });
    Object.assign(channel, endpoint);
    if (isRenamed) channel.name = name;
    if (number !== "") channel.number = number;
    channel.call.isReal ||= channel.kind !== "inner";
  }

  bridge(fields: Fields): Bridge | undefined {
    const id = fields.get("BridgeUniqueid") ?? "";
    const known = this.bridges.get(id);
    if (!isUniqueId(id) || (known !== undefined && "BridgeType" in known.told)) return known;
    const bridge: Bridge = known ?? {
      id,
      created: undefined,
      isCreateTold: false,
      callId: undefined,
      channels: new Set(),
      seenAt: 0,
      ...readBridge({}),
    };
    const told: Record<string, string> = {};
    for (const name of BRIDGE_FIELDS) {
      const value = fields.get(name) ?? "";
      if (value !== "" && !isUnknown(value)) told[name] = value;
    }
    this.bridges.set(id, bridge);
    return Object.assign(bridge, readBridge({ ...bridge.told, ...told }));
  }

  enter(channel: Channel, bridge: Bridge, at: number): void {
    this.leave(channel, at);
    channel.bridge = bridge;
    channel.moves += 1;
    bridge.channels.add(channel);
    this.#countTalk(channel.call, at);
    this.#answer(channel, at);
  }

  leave(channel: Channel, at: number): void {
    if (channel.bridge !== undefined) channel.moves += 1;
    channel.bridge?.channels.delete(channel);
    channel.bridge = undefined;
    this.#countTalk(channel.call, at);
  }

  /** Makes the channel one of another call; what it left behind is the caller's to close where it is empty. */
  relink(channel: Channel, linkedId: string, at: number): Call | undefined {
    const before = channel.call;
    if (before.id === linkedId || channel.formerIds.has(linkedId) || !isUniqueId(linkedId)) {
      return undefined;
    }
    channel.formerIds.add(before.id);
    before.channels.delete(channel);
    const call = this.call(linkedId, at);
    channel.call = call;
    call.channels.add(channel);
    call.isReal ||= channel.kind !== "inner";
    this.#countTalk(before, at);
    this.#countTalk(call, at);
    if (channel.bridge !== undefined) this.#answer(channel, at);
    return before;
  }

  /** The calls that meet in an ordinary bridge become the oldest of them: Asterisk relinks their channels silently. */
  oldestIn(bridge: Bridge): string | undefined {
    let oldest: string | undefined;
    for (const { call } of bridge.channels) {
      if (oldest === undefined || isOlder(call.id, oldest)) oldest = call.id;
    }
    return oldest;
  }

  forget(channel: Channel, at: number): void {
    this.leave(channel, at);
    channel.call.channels.delete(channel);
    this.channels.delete(channel.id);
    this.#gone.add(channel.id);
    if (this.#gone.size > MAX_GONE) this.#gone.delete(this.#gone.values().next().value as string);
  }

  forgetCall(call: Call): void {
    this.calls.delete(call.id);
  }

  /** How long was talked from the answer to `end`, in milliseconds; stretches without two in a bridge do not count. */
  talkMs(call: Call, end: number): number {
    if (call.answeredAt === undefined) return 0;
    const tail = call.quietSince === undefined ? 0 : end - call.quietSince;
    return Math.max(0, end - call.answeredAt - call.silentMs - (tail > SIGNALLING_MS ? tail : 0));
  }

  /** Drops what nobody has spoken of since `before` (a receipt), and the longest silent beyond `max` channels. */
  sweep(before: number, max: number): void {
    const bySilence = [...this.channels.values()].sort((a, b) => a.seenAt - b.seenAt);
    bySilence.forEach((channel, index) => {
      if (channel.seenAt >= before && index >= bySilence.length - max) return;
      channel.bridge?.channels.delete(channel);
      channel.call.channels.delete(channel);
      this.channels.delete(channel.id);
      if (channel.call.channels.size === 0) this.forgetCall(channel.call);
    });
    const empty = [...this.bridges.values()].filter((bridge) => bridge.channels.size === 0);
    empty.forEach((bridge, index) => {
      if (bridge.seenAt < before || index < empty.length - max) this.bridges.delete(bridge.id);
    });
  }

  #answer(channel: Channel, at: number): void {
    const { call } = channel;
    if (!channel.isDialled || channel.kind === "inner") return;
    if (call.answeredAt === undefined) {
      call.answeredAt = at;
      if (call.quietSince !== undefined) call.quietSince = at;
    }
    if (channel.number !== "") call.talked.add(channel.number);
  }

  #countTalk(call: Call, at: number): void {
    let present = 0;
    for (const { bridge, kind } of call.channels) {
      if (bridge !== undefined && !bridge.isHolding && kind !== "inner") present++;
    }
    if (present < 2) call.quietSince ??= at;
    else if (call.quietSince !== undefined) {
      const gap = at - call.quietSince;
      if (call.answeredAt !== undefined && gap > SIGNALLING_MS) call.silentMs += gap;
      call.quietSince = undefined;
    }
  }
}
