// Maps messages of the manager interface to call events. The UniqueId of every event is the Linkedid, read again from
// every message because it changes when calls merge. Local channels make no events; everybody else makes one for each
// entering and leaving of a bridge, a ring group makes one dial, a call one hangup.

import { dialledNumber, keptId, known, plainNumber } from "../../asterisk/index.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { BridgeMoves } from "./bridge-moves.ts";
import { callerEvent, holdEvent, startEvent, transferEvent } from "./call-events.ts";
import {
  type Call,
  CallsUnderWay,
  type Channel,
  countOne,
  type Fields,
} from "./calls-under-way.ts";
import { heardIn, reachedBy, UP, unreadable, uptimeMs } from "./hearing.ts";
import { Peers } from "./peers.ts";
import {
  hasCaller,
  isCalling,
  ownPhoneRings,
  placeByDial,
  placeCalling,
  placeFirst,
} from "./placing.ts";
import { hearRecording } from "./recording.ts";
import { type ChannelResync, createResync } from "./resync.ts";
import { createStreamClock, type Moment } from "./stream-clock.ts";
import type { AmiMapper, AmiMessage, Dropped } from "./types.ts";
import { Windows } from "./windows.ts";

export type AmiMapperOptions = {
  /** What is known of the peers of the PBX; learned from its calls. */
  readonly peers?: Peers;
  /** Silence of a channel after which it is forgotten, in milliseconds; its hangup was missed. */
  readonly forgetAfterMs?: number;
  /** Channels remembered at once; beyond it the longest silent go. */
  readonly maxChannels?: number;
};

const FORGET_AFTER_MS = 24 * 3600 * 1000;
const MAX_CHANNELS = 20_000;
/** Every so many messages what is too old is looked for. */
const SWEEP_EVERY = 8192;
const BRIDGE_EVENTS = new Set(["BridgeCreate", "BridgeDestroy", "BridgeEnter", "BridgeLeave"]);
const NO_FIELDS: Fields = new Map();
const NONE: ReadonlySet<string> = new Set();

class CallMapper implements AmiMapper {
  readonly #options: AmiMapperOptions;
  readonly #forgetAfterMs: number;
  readonly #maxChannels: number;
  readonly peers: Peers;
  readonly #calls: CallsUnderWay;
  readonly #clock = createStreamClock();
  readonly #windows: Windows;
  readonly #moves: BridgeMoves;
  #out: AgentEvent[] = [];
  #untilSweep = SWEEP_EVERY;
  #dropped: Dropped = { count: 0, lastAt: undefined, reason: "" };
  readonly #resync: ChannelResync;

  constructor(options: AmiMapperOptions = {}) {
    this.#options = options;
    const { forgetAfterMs = FORGET_AFTER_MS, maxChannels = MAX_CHANNELS } = this.#options;
    this.peers = options.peers ?? new Peers();
    this.#calls = new CallsUnderWay(this.peers);
    this.#forgetAfterMs = forgetAfterMs;
    this.#maxChannels = maxChannels;
    const tell = (event: AgentEvent): void => void this.#out.push(event);
    this.#windows = new Windows(this.#calls, this.#clock, tell);
    const steps = {
      flush: (call: Call) => this.#windows.flush(call),
      relink: (channel: Channel, linkedId: string, moment: Moment) =>
        this.#relink(channel, linkedId, moment),
      tell,
    };
    this.#moves = new BridgeMoves(this.#calls, steps);
    this.#resync = createResync(this.#calls, {
      flush: steps.flush,
      leaveBridge: (channel, fields, moment) => this.#moves.leave(channel, fields, moment),
      enterBridge: (channel, bridge, fields, moment) =>
        this.#moves.enter(channel, bridge, fields, moment),
      endCall: (call, moment) => this.#windows.endCall(call, moment),
      relink: steps.relink,
      tell,
    });
  }

  take(message: AmiMessage, receivedAt: number): AgentEvent[] {
    return this.#collect(() => {
      if (message.event === "") return;
      const moment = this.#clock.read(message, receivedAt);
      if (this.#windows.isOpen) this.#windows.flushDue(this.#clock.now());
      this.#take(message, moment, receivedAt);
      if (--this.#untilSweep > 0) return;
      this.#untilSweep = SWEEP_EVERY;
      this.#calls.sweep(receivedAt - this.#forgetAfterMs, this.#maxChannels);
    });
  }

  due(now: number): AgentEvent[] {
    return this.#collect(() => this.#windows.flushDue(this.#clock.estimate(now)));
  }

  nextDueAt(): number | undefined {
    return this.#windows.nextDueAt();
  }

  isUnderWay(id: string): boolean {
    return this.#calls.calls.has(id) || this.#calls.channels.has(id);
  }

  dropped(): Dropped {
    return this.#dropped;
  }

  resync(channels: readonly AmiMessage[], now: number): AgentEvent[] {
    return this.#collect(() => this.#resync.compare(channels, this.#clock.estimate(now), now));
  }

  unlisted(channels: readonly AmiMessage[], before: number): AgentEvent[] {
    const alive = new Set(channels.map(({ fields }) => keptId(fields.get("Uniqueid"))));
    return this.#collect(() => this.#resync.closeBefore(before, alive));
  }

  #relink(channel: Channel, linkedId: string, moment: Moment): void {
    const { bridge } = channel;
    if (bridge !== undefined && bridge.kind !== "ordinary") {
      // Strangers who meet in a conference stay two calls, whatever Asterisk calls them from now on.
      if (linkedId !== channel.call.id) channel.formerIds.add(linkedId);
      return;
    }
    const before = this.#calls.relink(channel, linkedId, moment.at);
    if (before === undefined || before.channels.size > 0) return;
    before.isMerged = true;
    this.#windows.endCall(before, moment);
  }

  /** An id as it is kept; those of calls and channels under way are, which is most of them. */
  #idOf(text: string | undefined): string {
    const isKnown =
      text !== undefined && (this.#calls.channels.has(text) || this.#calls.calls.has(text));
    return isKnown ? text : keptId(text);
  }

  /** The channel a message is about, in the call that the message names. */
  #channelOf(
    fields: Fields,
    prefix: "" | "Dest",
    moment: Moment,
    receivedAt: number,
  ): Channel | undefined {
    const id = this.#idOf(fields.get(`${prefix}Uniqueid`));
    const linkedId = this.#idOf(fields.get(`${prefix}Linkedid`));
    const name = fields.get(`${prefix}Channel`) ?? "";
    const dialString = prefix === "Dest" ? (fields.get("DialString") ?? "") : "";
    const known = this.#calls.channels.get(id);
    const isNews =
      known === undefined || known.name !== name || known.shown === "" || dialString !== "";
    const heard = isNews ? heardIn(fields, prefix, dialString) : undefined;
    const channel = known ?? (heard && this.#calls.channel(id, heard, linkedId, moment.at));
    if (channel === undefined) return undefined;
    channel.seenAt = receivedAt;
    if (heard !== undefined) this.#calls.identify(channel, heard);
    if (linkedId !== "") this.#relink(channel, linkedId, moment);
    return channel;
  }

  /** Tells of the beginning of an incoming call. */
  #tellStart(channel: Channel, fields: Fields, moment: Moment): void {
    const { call } = channel;
    if (channel.id !== call.id || call.type !== 0 || call.isPlaced) return;
    call.isPlaced = true;
    this.#out.push(startEvent(call, known(fields.get("CallerIDName")), moment));
  }

  #dial(fields: Fields, moment: Moment, receivedAt: number): void {
    const caller = this.#channelOf(fields, "", moment, receivedAt);
    if (caller !== undefined) {
      placeFirst(caller, fields);
      placeCalling(caller, fields);
      this.#tellStart(caller, fields, moment);
    }
    const leg = this.#channelOf(fields, "Dest", moment, receivedAt);
    if (leg === undefined) return;
    const { call } = leg;
    const dialString = fields.get("DialString") ?? "";
    const callerId = fields.get("DestCallerIDNum") ?? "";
    const isUncalled = (fields.get("Channel") ?? "") === "";
    // Without a caller Asterisk was asked to place it, unless the first channel pages others.
    if (isUncalled && !call.isPlaced && !hasCaller(call)) call.isOriginated = true;
    if (leg.kind === "inner") return;
    if (call.isOriginated && call.ownLeg === undefined) {
      ownPhoneRings(call, leg, dialString, callerId);
      return;
    }
    // A leg is dialled once: this one was found in a list of channels before.
    if (leg.isDialled) return;
    leg.isDialled = true;
    if (leg.kind === "trunk") leg.number = dialledNumber(dialString, callerId);
    const number = placeByDial(call, caller, leg, this.#calls.peers);
    const trunk = call.trunk;
    // Another line after the first one failed is another dial.
    if (call.pending !== undefined && call.pending.trunk !== trunk) this.#windows.flush(call);
    call.isPlaced = true;
    call.pending ??= {
      moment,
      lastAt: moment.at,
      firstLegId: leg.id,
      trunk,
      numbers: new Set(),
      dialledBy: caller === undefined || caller.kind === "inner" ? "" : caller.id,
    };
    call.pending.lastAt = Math.max(call.pending.lastAt, moment.at);
    this.#windows.wait(call);
    if (number === "") return;
    call.pending.numbers.add(number);
    call.rung.add(number);
  }

  #dialEnd(fields: Fields, moment: Moment, receivedAt: number): void {
    if (!this.#calls.channels.has(keptId(fields.get("DestUniqueid")))) return;
    const leg = this.#channelOf(fields, "Dest", moment, receivedAt);
    if (leg === undefined || leg.kind === "inner") return;
    const { call } = leg;
    const status = fields.get("DialStatus") ?? "";
    call.dialEnds.set(leg.id, status);
    // An outside party that answers talks with whatever the dialplan has for it, be it no bridge.
    const isOutside = leg.kind === "trunk" && (call.type === 1 || leg === call.ownLeg);
    if (status === "ANSWER" && isOutside) call.answeredOutsideAt ??= moment.at;
  }

  /** What is heard of the call's first channel, and of the own phone of whoever had it placed. */
  #hearFirst(channel: Channel, event: string, fields: Fields): void {
    const { call } = channel;
    const isUp = fields.get("ChannelState") === UP;
    if (channel === call.ownLeg) call.isOwnPhoneUp ||= isUp;
    if (channel.id !== call.id) return;
    call.wasUp ||= isUp;
    if (call.type !== 0 || (event !== "Newexten" && event !== "Hangup")) return;
    const reached = reachedBy(
      event === "Newexten" ? (fields.get("Application") ?? "") : "",
      fields,
    );
    if (reached !== "") call.reached = reached;
  }

  /** A number or name that comes after the beginning of an incoming call, and before anybody is rung. */
  #newCallerId(channel: Channel, fields: Fields, moment: Moment): void {
    const { call } = channel;
    const isRung = call.rung.size > 0 || call.pending !== undefined;
    if (channel.id !== call.id || call.type !== 0 || isRung || call.isCallerTold) return;
    const number = plainNumber(fields.get("CallerIDNum"));
    const name = known(fields.get("CallerIDName"));
    if (number === "" && name === "") return;
    call.isCallerTold = true;
    if (number !== "") call.phone = number;
    this.#out.push(callerEvent(call, name, moment));
  }

  /** Whoever transfers a call leaves it, and does not end it. */
  #transfer(event: string, fields: Fields, moment: Moment): void {
    const isRefused = (fields.get("Result") ?? "Success") !== "Success";
    for (const prefix of ["Transferer", "OrigTransferer", "SecondTransferer"]) {
      const channel = this.#calls.channels.get(keptId(fields.get(`${prefix}Uniqueid`)));
      if (channel === undefined || isRefused) continue;
      channel.hasLeft = true;
      if (channel.call.hungUp?.by === channel) channel.call.hungUp = undefined;
      const to = plainNumber(fields.get("Extension"));
      if (event !== "BlindTransfer" || to === "" || channel.kind === "inner") continue;
      countOne(channel, "transfer");
      this.#out.push(transferEvent(channel, to, moment));
    }
  }

  #onBridge(message: AmiMessage, moment: Moment, receivedAt: number): void {
    const { event, fields } = message;
    const bridge = this.#calls.bridge(fields);
    if (bridge === undefined) return;
    bridge.seenAt = receivedAt;
    if (event === "BridgeCreate" || event === "BridgeDestroy") {
      if (event === "BridgeCreate") this.#moves.create(bridge, moment);
      else this.#moves.destroy(bridge, moment);
      return;
    }
    const isKnown = this.#calls.channels.has(keptId(fields.get("Uniqueid")));
    const channel = this.#channelOf(fields, "", moment, receivedAt);
    if (channel === undefined) return;
    if (!isKnown) placeFirst(channel, fields);
    if (event === "BridgeEnter") {
      // Its dial was not seen.
      if (!isKnown && channel.id !== channel.call.id) channel.isDialled = true;
      this.#moves.enter(channel, bridge, fields, moment);
    } else if (channel.bridge === bridge) this.#moves.leave(channel, fields, moment);
    else if (!isKnown && channel.kind !== "inner") {
      this.#moves.leaveUnseen(channel, bridge, fields, moment);
    }
  }

  /** Somebody hangs up. `SoftHangupRequest` is none of it: with that Asterisk ends a channel by itself. */
  #requestHangup(channel: Channel, moment: Moment): void {
    const { call } = channel;
    if (channel.kind === "inner" || channel.hasLeft) return;
    const number = channel.number || (channel.id === call.id ? call.phone : "");
    call.hungUp = { by: channel, number, at: moment.at };
  }

  #hangup(channel: Channel, fields: Fields, moment: Moment): void {
    const { call } = channel;
    // A leave that was not seen: as many leave as entered.
    if (channel.bridge !== undefined) this.#moves.leave(channel, NO_FIELDS, moment);
    this.#calls.forget(channel, moment.at);
    const isFirst = channel.id === call.id;
    if (isFirst || !this.#calls.isGone(call.id)) {
      call.cause = known(fields.get("Cause"));
      call.causeText = known(fields.get("Cause-txt"));
    }
    if (call.channels.size === 0) this.#windows.endCall(call, moment);
  }

  /** The channel answers for another one: its own call (of `*8`) was none. */
  #pickUp(channel: Channel, fields: Fields, moment: Moment): void {
    const target = keptId(fields.get("TargetLinkedid"));
    const own = this.#calls.relink(channel, target, moment.at);
    channel.isDialled = true;
    if (own === undefined || own.channels.size > 0) return;
    this.#windows.drop(own);
    this.#calls.forgetCall(own);
  }

  #take(message: AmiMessage, moment: Moment, receivedAt: number): void {
    const { event, fields } = message;
    if (event === "DialBegin") {
      this.#dial(fields, moment, receivedAt);
      return;
    }
    if (event === "DialEnd") {
      this.#dialEnd(fields, moment, receivedAt);
      return;
    }
    if (BRIDGE_EVENTS.has(event)) {
      this.#onBridge(message, moment, receivedAt);
      return;
    }
    if (event === "BlindTransfer" || event === "AttendedTransfer") {
      this.#transfer(event, fields, moment);
    }
    if (event === "FullyBooted") this.#onBooted(fields, moment);
    if (event === "OriginateResponse") this.#windows.originateResponse(fields);
    const id = this.#idOf(fields.get("Uniqueid"));
    if (event !== "Newchannel" && !this.#calls.channels.has(id)) return;
    const channel = this.#channelOf(fields, "", moment, receivedAt);
    if (channel === undefined) {
      if (event === "Newchannel") this.#drop(fields, receivedAt);
      return;
    }
    if (event === "Newchannel") {
      channel.isWhole = true;
      placeFirst(channel, fields);
    } else if (isCalling(fields)) placeCalling(channel, fields);
    this.#tellStart(channel, fields, moment);
    this.#hearFirst(channel, event, fields);
    hearRecording(channel.call, event, fields);
    if (event === "NewCallerid") this.#newCallerId(channel, fields, moment);
    else if (event === "Hangup") this.#hangup(channel, fields, moment);
    else if (event === "HangupRequest") this.#requestHangup(channel, moment);
    else if (event === "Pickup") this.#pickUp(channel, fields, moment);
    else if (event === "Hold" && !channel.isHeld && channel.kind !== "inner") {
      channel.isHeld = true;
      this.#out.push(holdEvent("hold", channel, fields, moment));
    } else if (event === "Unhold" && channel.isHeld) {
      channel.isHeld = false;
      this.#out.push(holdEvent("unhold", channel, fields, moment));
    }
  }

  /** Asterisk says how long it runs: the calls of before its start are over. */
  #onBooted(fields: Fields, moment: Moment): void {
    const uptime = uptimeMs(fields);
    if (uptime !== undefined) this.#resync.closeBefore(moment.at - uptime, NONE);
  }

  /** Counts a channel that cannot be followed. */
  #drop(fields: Fields, receivedAt: number): void {
    const reason = unreadable(fields);
    if (reason === "") return;
    this.#dropped = { count: this.#dropped.count + 1, lastAt: receivedAt, reason };
  }

  /** Runs `work` and hands out what it told. */
  #collect(work: () => void): AgentEvent[] {
    this.#out = [];
    work();
    const told = this.#out;
    this.#out = [];
    return told;
  }
}

/** A mapper of one Asterisk; it lives on over reconnects. */
export const createAmiMapper = (options: AmiMapperOptions = {}): AmiMapper =>
  new CallMapper(options);
