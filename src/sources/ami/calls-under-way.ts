// State of the calls of one Asterisk while they last: channels, calls (by Linkedid) and bridges. Removed at their end;
// what ended unseen is removed by age and by number, so that memory stays bounded. The mapper decides which events are
// made of it.

import { LRUCache } from "lru-cache";
import {
  type BridgeKind,
  bridgeKindOf,
  type EndpointKind,
  isOlder,
  isUnknown,
  keptId,
  readChannelName,
} from "../../asterisk/index.ts";
import type { Peers } from "./peers.ts";
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
  /** The first caller id that it showed: what comes later may be the company's number. */
  shown: string;
  /** A leg that was dialled (or picked a call up), other than the own phone of whoever had the call placed. */
  isDialled: boolean;
  isHeld: boolean;
  /** It gave its call away: its hangup ends nothing. */
  hasLeft: boolean;
  bridge: Bridge | undefined;
  /** Whom of other calls it is told to be with, in a conference. */
  company: string;
  /** Linked ids that it no longer has: Asterisk may name them once more in events already under way. */
  readonly formerIds: Set<string>;
  /** How often it entered or left a bridge: tells moves apart whose time is not known. */
  moves: number;
  /** Its beginning was seen, so that what it does can be counted. */
  isWhole: boolean;
  /** How often it did each thing that can happen more than once: an entering of a bridge, a change of company, a transfer. */
  readonly counts: Map<string, number>;
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
  /**
   * Asterisk was asked to place it (click-to-call): it first rings the phone of whoever asked. Taken for granted of a first
   * channel that is `Down`, until that dials or is seen in state `Ring`.
   */
  isOriginated: boolean;
  /** The own phone of an originated call. */
  ownLeg: Channel | undefined;
  /** That phone was taken up. */
  isOwnPhoneUp: boolean;
  /** Its first channel was answered, be it by the dialplan. */
  wasUp: boolean;
  /** It reached nobody but the dialplan: `*55`, voicemail, an echo test. */
  isService: boolean;
  /** Its caller's number or name was told again, since it came late. */
  isCallerTold: boolean;
  /** What answered it of the PBX itself. */
  reached: "" | "voicemail" | "menu";
  /** Its last channel became one of another call. */
  isMerged: boolean;
  /** How the legs that were dialled ended, as `DialEnd` says. */
  readonly dialEnds: Map<string, string>;
  /** A start or a dial was told of it. */
  isPlaced: boolean;
  /** It had a channel other than inner ones. */
  isReal: boolean;
  readonly channels: Set<Channel>;
  readonly rung: Set<string>;
  readonly talked: Set<string>;
  pending: PendingDial | undefined;
  answeredAt: number | undefined;
  /** When the outside party answered a call to it; the dialplan may have more to do before it talks with anybody. */
  answeredOutsideAt: number | undefined;
  /** Since when fewer than two of its channels are in a bridge; undefined while two are. */
  quietSince: number | undefined;
  /** Stretches after the answer in which nobody could talk, in milliseconds. */
  silentMs: number;
  hungUp: { readonly by: Channel; readonly number: string; readonly at: number } | undefined;
  cause: string;
  causeText: string;
  /** Files that it is recorded to, as the PBX names them, in their order. */
  readonly recordings: Set<string>;
};

export type Bridge = {
  readonly id: string;
  /** In an ordinary bridge calls become one; strangers meet in a conference, nobody hears anybody in a holding bridge. */
  kind: BridgeKind;
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
const readBridge = (told: Readonly<Record<string, string>>): Pick<Bridge, "kind" | "told"> => ({
  kind: bridgeKindOf({
    technology: told["BridgeTechnology"] ?? "",
    type: told["BridgeType"] ?? "",
    creator: told["BridgeCreator"] ?? "",
    isNew: true,
  }),
  told,
});

/** What a message says of a channel. */
export type Heard = {
  readonly name: string;
  readonly callerId: string;
  /** The dialplan context it began in; "" in a message that is not its first. */
  readonly context: string;
  /** What was dialled to reach it; "" in a message that does not say so. */
  readonly dialString: string;
};

/** One more of what a channel can do more than once. */
export const countOne = ({ counts }: Channel, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1);
};

export class CallsUnderWay {
  readonly channels = new Map<string, Channel>();
  readonly calls = new Map<string, Call>();
  readonly bridges = new Map<string, Bridge>();
  readonly #gone = new LRUCache<string, true>({ max: MAX_GONE });
  readonly peers: Peers;

  constructor(peers: Peers) {
    this.peers = peers;
  }

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
      isOwnPhoneUp: false,
      wasUp: false,
      isService: false,
      isCallerTold: false,
      reached: "",
      isMerged: false,
      dialEnds: new Map(),
      isPlaced: false,
      isReal: false,
      channels: new Set(),
      rung: new Set(),
      talked: new Set(),
      pending: undefined,
      answeredAt: undefined,
      answeredOutsideAt: undefined,
      quietSince: undefined,
      silentMs: 0,
      hungUp: undefined,
      cause: "",
      causeText: "",
      recordings: new Set(),
    };
    this.calls.set(id, call);
    return call;
  }

  /** The channel of that id, made where it is not known; undefined where it hung up, or has no id that can be kept. */
  channel(id: string, heard: Heard, linkedId: string, at: number): Channel | undefined {
    const known = this.channels.get(id);
    if (known !== undefined) return known;
    const { name, callerId } = heard;
    if (id === "" || linkedId === "" || name === "" || this.isGone(id)) return undefined;
    const call = this.call(linkedId, at);
    const { kind, peer, number } = this.peers.judge(readChannelName(name), heard);
    const channel: Channel = {
      id,
      name,
      kind,
      peer,
      call,
      number,
      shown: callerId,
      isDialled: false,
      isHeld: false,
      hasLeft: false,
      bridge: undefined,
      company: "",
      formerIds: new Set(),
      moves: 0,
      isWhole: false,
      counts: new Map(),
      seenAt: 0,
    };
    this.channels.set(id, channel);
    call.channels.add(channel);
    call.isReal ||= kind !== "inner";
    return channel;
  }

  /**
   * Says again who it is: after a masquerade a channel has another name, what was dialled to reach it tells of its peer, and
   * so does a number that comes late. What was told of it already stands.
   */
  identify(channel: Channel, { name, callerId, dialString }: Heard): void {
    const isRenamed = name !== "" && name !== channel.name;
    const isShownLate = channel.shown === "" && callerId !== "";
    if (isShownLate) channel.shown = callerId;
    const isJudged = channel.isDialled || (channel.id === channel.call.id && channel.call.isPlaced);
    if (!isRenamed && (isJudged || (!isShownLate && dialString === ""))) return;
    if (isRenamed) channel.name = name;
    const { number, ...endpoint } = this.peers.judge(readChannelName(channel.name), {
      callerId: isRenamed ? "" : channel.shown,
      dialString,
    });
    channel.kind = endpoint.kind;
    channel.peer = endpoint.peer;
    if (number !== "" || (endpoint.kind === "trunk" && !isRenamed)) channel.number = number;
    channel.call.isReal ||= channel.kind !== "inner";
  }

  bridge(fields: Fields): Bridge | undefined {
    const id = keptId(fields.get("BridgeUniqueid"));
    const known = this.bridges.get(id);
    if (id === "" || (known !== undefined && "BridgeType" in known.told)) return known;
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
    this.#countTalkIn(bridge, channel.call, at);
    this.#answer(channel, at);
    if (bridge.kind === "conference") this.#meet(bridge, at);
  }

  leave(channel: Channel, at: number): void {
    if (channel.bridge !== undefined) channel.moves += 1;
    const { bridge } = channel;
    bridge?.channels.delete(channel);
    channel.bridge = undefined;
    channel.company = "";
    this.#countTalkIn(bridge, channel.call, at);
  }

  /** Makes the channel one of another call; what it left behind is the caller's to close where it is empty. */
  relink(channel: Channel, linkedId: string, at: number): Call | undefined {
    const before = channel.call;
    if (before.id === linkedId || channel.formerIds.has(linkedId) || linkedId === "") {
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
    this.#gone.set(channel.id, true);
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
    if (!channel.isDialled || channel.kind === "inner") return;
    this.#answerCall(channel.call, at);
    if (channel.number !== "") channel.call.talked.add(channel.number);
  }

  #answerCall(call: Call, at: number): void {
    if (call.answeredAt !== undefined) return;
    call.answeredAt = at;
    if (call.quietSince !== undefined) call.quietSince = at;
  }

  /** Whoever is in a conference with somebody else talks with him, though they stay calls of their own. */
  #meet(bridge: Bridge, at: number): void {
    const present = [...bridge.channels].filter(({ kind }) => kind !== "inner");
    if (present.length < 2) return;
    for (const { id, call } of present) {
      this.#answerCall(call, at);
      for (const other of present) {
        const isPlacer = other.id === call.id || other === call.ownLeg;
        if (other.id !== id && !isPlacer && other.number !== "") call.talked.add(other.number);
      }
    }
  }

  /** In a conference the others' calls are talked in by whoever comes, and silent when he goes. */
  #countTalkIn(bridge: Bridge | undefined, own: Call, at: number): void {
    const calls = bridge?.kind === "conference" ? [...bridge.channels].map(({ call }) => call) : [];
    for (const call of new Set([own, ...calls])) this.#countTalk(call, at);
  }

  /** How many of a conversation a channel stands for: in a conference for whoever else is there too. */
  #talkersBy({ bridge, kind }: Channel): number {
    if (bridge === undefined || bridge.kind === "holding" || kind === "inner") return 0;
    if (bridge.kind === "ordinary") return 1;
    return [...bridge.channels].filter((channel) => channel.kind !== "inner").length;
  }

  #countTalk(call: Call, at: number): void {
    let present = 0;
    for (const channel of call.channels) present += this.#talkersBy(channel);
    if (present < 2) call.quietSince ??= at;
    else if (call.quietSince !== undefined) {
      const gap = at - call.quietSince;
      if (call.answeredAt !== undefined && gap > SIGNALLING_MS) call.silentMs += gap;
      call.quietSince = undefined;
    }
  }
}
