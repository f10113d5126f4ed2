// Messages of the manager interface -> call events. The UniqueId of every event is the Linkedid, read again from every
// message, since it changes when calls become one. What is told: of pipes between channels (Local) nothing, of everyone
// else each entering and leaving of a bridge, one dial for a group rung together, one hangup for a call.

import type { AgentEvent } from "../outbox/types.ts";
import {
  bridgeCreateEvent,
  bridgeDestroyEvent,
  dialEvent,
  hangupEvent,
  holdEvent,
  presenceEvent,
  startEvent,
} from "./call-events.ts";
import {
  type Bridge,
  type Call,
  CallsUnderWay,
  type Channel,
  type Fields,
} from "./calls-under-way.ts";
import { dialledNumber, known } from "./channel-name.ts";
import { ownPhoneRings, placeByDial, placeFirst } from "./placing.ts";
import { createResync } from "./resync.ts";
import { createStreamClock, type Moment } from "./stream-clock.ts";
import type { AmiMapper, AmiMessage } from "./types.ts";

export type AmiMapperOptions = {
  /** Silence of a channel after which it is forgotten, in milliseconds; its hangup was missed. */
  readonly forgetAfterMs?: number;
  /** Channels remembered at once; beyond it the longest silent go. */
  readonly maxChannels?: number;
};

/** A dial waits this long for another of the same group, in milliseconds of the stream's time. */
export const DIAL_WINDOW_MS = 200;
const FORGET_AFTER_MS = 24 * 3600 * 1000;
const MAX_CHANNELS = 20_000;
/** Every so many messages what is too old is looked for. */
const SWEEP_EVERY = 8192;
/** Asterisk hangs the other legs up itself right after somebody asked for it: that is nobody's wish. */
const REACTION_MS = 1000;
const NO_FIELDS: Fields = new Map();

/** A mapper of one Asterisk; it lives on over reconnects. */
export const createAmiMapper = (options: AmiMapperOptions = {}): AmiMapper => {
  const { forgetAfterMs = FORGET_AFTER_MS, maxChannels = MAX_CHANNELS } = options;
  const calls = new CallsUnderWay();
  const clock = createStreamClock();
  const waiting = new Set<Call>();
  let out: AgentEvent[] = [];
  let untilSweep = SWEEP_EVERY;

  const flush = (call: Call): void => {
    waiting.delete(call);
    if (call.pending === undefined) return;
    out.push(dialEvent(call, call.pending));
    call.pending = undefined;
  };

  const flushDue = (now: number): void => {
    for (const call of waiting) {
      const lastAt = call.pending?.lastAt ?? Number.NEGATIVE_INFINITY;
      // Later than it can wait for: the host's clock was set back.
      if (now - lastAt >= DIAL_WINDOW_MS || lastAt - now > 10 * DIAL_WINDOW_MS) flush(call);
    }
  };

  const endCall = (call: Call, moment: Moment): void => {
    flush(call);
    calls.forgetCall(call);
    if (call.isReal) out.push(hangupEvent(call, calls, moment));
  };

  const relink = (channel: Channel, linkedId: string, moment: Moment): void => {
    const { bridge } = channel;
    if (bridge !== undefined && !bridge.isOrdinary) {
      // Strangers who meet in a conference stay two calls, whatever Asterisk calls them from now on.
      if (linkedId !== channel.call.id) channel.formerIds.add(linkedId);
      return;
    }
    const before = calls.relink(channel, linkedId, moment.at);
    if (before !== undefined && before.channels.size === 0) endCall(before, moment);
  };

  /** The channel a message is about, in the call that the message names. */
  const channelOf = (
    fields: Fields,
    prefix: "" | "Dest",
    moment: Moment,
    receivedAt: number,
  ): Channel | undefined => {
    const id = fields.get(`${prefix}Uniqueid`) ?? "";
    const linkedId = fields.get(`${prefix}Linkedid`) ?? "";
    const name = fields.get(`${prefix}Channel`) ?? "";
    const channel = calls.channel(id, name, linkedId, moment.at);
    if (channel === undefined) return undefined;
    channel.seenAt = receivedAt;
    calls.rename(channel, name);
    if (linkedId !== "") relink(channel, linkedId, moment);
    return channel;
  };

  const newChannel = (channel: Channel, fields: Fields, moment: Moment): void => {
    placeFirst(channel, fields);
    const { call } = channel;
    if (channel.id !== call.id || call.type !== 0 || call.isPlaced) return;
    call.isPlaced = true;
    out.push(startEvent(call, known(fields.get("CallerIDName")), moment));
  };

  const dial = (fields: Fields, moment: Moment, receivedAt: number): void => {
    const caller = channelOf(fields, "", moment, receivedAt);
    if (caller !== undefined) placeFirst(caller, fields);
    const leg = channelOf(fields, "Dest", moment, receivedAt);
    if (leg === undefined) return;
    const { call } = leg;
    const dialString = fields.get("DialString") ?? "";
    const callerId = fields.get("DestCallerIDNum") ?? "";
    const isUncalled = (fields.get("Channel") ?? "") === "" && !call.isPlaced;
    if (isUncalled) call.isOriginated = true;
    if (leg.kind === "inner") return;
    if (call.isOriginated && call.ownLeg === undefined) {
      ownPhoneRings(call, leg, dialString, callerId);
      return;
    }
    // A leg is dialled once: this one was found in a list of channels before.
    if (leg.isDialled) return;
    leg.isDialled = true;
    if (leg.kind === "trunk") leg.number = dialledNumber(dialString, callerId);
    const number = placeByDial(call, caller, leg);
    const trunk = call.trunk;
    // Another line after the first one failed is another dial.
    if (call.pending !== undefined && call.pending.trunk !== trunk) flush(call);
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
    waiting.add(call);
    if (number === "") return;
    call.pending.numbers.add(number);
    call.rung.add(number);
  };

  const tellCreated = (bridge: Bridge, uniqueId: string): void => {
    if (bridge.created === undefined) return;
    out.push(bridgeCreateEvent(bridge, uniqueId, bridge.created));
    bridge.created = undefined;
    bridge.isCreateTold = true;
  };

  const leaveBridge = (channel: Channel, fields: Fields, moment: Moment): void => {
    const { bridge } = channel;
    if (bridge === undefined) return;
    calls.leave(channel, moment.at);
    if (channel.kind === "inner") return;
    bridge.callId = channel.call.id;
    out.push(presenceEvent("bridge_leave", channel, bridge, fields, moment));
  };

  const enterBridge = (channel: Channel, bridge: Bridge, fields: Fields, moment: Moment): void => {
    if (channel.bridge === bridge) return;
    // A leave that was not seen.
    leaveBridge(channel, NO_FIELDS, moment);
    if (channel.kind !== "inner") {
      flush(channel.call);
      tellCreated(bridge, channel.call.id);
      bridge.callId = channel.call.id;
      out.push(presenceEvent("bridge", channel, bridge, fields, moment));
    }
    calls.enter(channel, bridge, moment.at);
    const oldest = bridge.isOrdinary ? calls.oldestIn(bridge) : undefined;
    if (oldest === undefined) return;
    for (const present of [...bridge.channels]) relink(present, oldest, moment);
  };

  const onBridge = (message: AmiMessage, moment: Moment, receivedAt: number): void => {
    const { event, fields } = message;
    const bridge = calls.bridge(fields);
    if (bridge === undefined) return;
    bridge.seenAt = receivedAt;
    if (event === "BridgeCreate") {
      if (bridge.isCreateTold) return;
      bridge.created = moment;
      if (bridge.callId !== undefined) tellCreated(bridge, bridge.callId);
      return;
    }
    if (event === "BridgeDestroy") {
      for (const channel of [...bridge.channels]) leaveBridge(channel, NO_FIELDS, moment);
      calls.bridges.delete(bridge.id);
      if (bridge.callId !== undefined) out.push(bridgeDestroyEvent(bridge, bridge.callId, moment));
      return;
    }
    const isKnown = calls.channels.has(fields.get("Uniqueid") ?? "");
    const channel = channelOf(fields, "", moment, receivedAt);
    if (channel === undefined) return;
    placeFirst(channel, fields);
    if (event === "BridgeEnter") {
      // Its dial was not seen.
      if (!isKnown && channel.id !== channel.call.id) channel.isDialled = true;
      enterBridge(channel, bridge, fields, moment);
    } else if (channel.bridge === bridge) leaveBridge(channel, fields, moment);
    else if (!isKnown && channel.kind !== "inner") {
      bridge.callId = channel.call.id;
      out.push(presenceEvent("bridge_leave", channel, bridge, fields, moment));
    }
  };

  const requestHangup = (channel: Channel, isSoft: boolean, moment: Moment): void => {
    const { call } = channel;
    if (channel.kind === "inner") return;
    const before = call.hungUp?.at ?? Number.NEGATIVE_INFINITY;
    if (isSoft && (channel.bridge === undefined || moment.at - before < REACTION_MS)) return;
    const number = channel.number || (channel.id === call.id ? call.phone : "");
    call.hungUp = { by: channel, number, at: moment.at };
  };

  const hangup = (channel: Channel, fields: Fields, moment: Moment): void => {
    const { call } = channel;
    // A leave that was not seen: as many leave as entered.
    if (channel.bridge !== undefined) leaveBridge(channel, NO_FIELDS, moment);
    calls.forget(channel, moment.at);
    const isFirst = channel.id === call.id;
    if (isFirst || !calls.isGone(call.id)) {
      call.cause = known(fields.get("Cause"));
      call.causeText = known(fields.get("Cause-txt"));
    }
    if (call.channels.size === 0) endCall(call, moment);
  };

  /** The channel answers for another one: its own call (of `*8`) was none. */
  const pickUp = (channel: Channel, fields: Fields, moment: Moment): void => {
    const target = fields.get("TargetLinkedid") ?? "";
    const own = calls.relink(channel, target, moment.at);
    channel.isDialled = true;
    if (own === undefined || own.channels.size > 0) return;
    waiting.delete(own);
    calls.forgetCall(own);
  };

  const take = (message: AmiMessage, moment: Moment, receivedAt: number): void => {
    const { event, fields } = message;
    if (event === "DialBegin") {
      dial(fields, moment, receivedAt);
      return;
    }
    if (/^Bridge(?:Create|Destroy|Enter|Leave)$/.test(event)) {
      onBridge(message, moment, receivedAt);
      return;
    }
    const id = fields.get("Uniqueid");
    if (id === undefined || (event !== "Newchannel" && !calls.channels.has(id))) return;
    const channel = channelOf(fields, "", moment, receivedAt);
    if (channel === undefined) return;
    if (event === "Newchannel") newChannel(channel, fields, moment);
    else if (event === "Hangup") hangup(channel, fields, moment);
    else if (event === "HangupRequest") requestHangup(channel, false, moment);
    else if (event === "SoftHangupRequest") requestHangup(channel, true, moment);
    else if (event === "Pickup") pickUp(channel, fields, moment);
    else if (event === "Hold" && !channel.isHeld && channel.kind !== "inner") {
      channel.isHeld = true;
      out.push(holdEvent("hold", channel, fields, moment));
    } else if (event === "Unhold" && channel.isHeld) {
      channel.isHeld = false;
      out.push(holdEvent("unhold", channel, fields, moment));
    }
  };

  /** Runs `work` and hands out what it told. */
  const collect = (work: () => void): AgentEvent[] => {
    out = [];
    work();
    const told = out;
    out = [];
    return told;
  };

  const resync = createResync(calls, {
    flush,
    leaveBridge,
    enterBridge,
    endCall,
    relink,
    tell: (event) => out.push(event),
  });

  return {
    take: (message, receivedAt) =>
      collect(() => {
        if (message.event === "") return;
        const moment = clock.read(message, receivedAt);
        flushDue(clock.now());
        take(message, moment, receivedAt);
        if (--untilSweep > 0) return;
        untilSweep = SWEEP_EVERY;
        calls.sweep(receivedAt - forgetAfterMs, maxChannels);
      }),
    due: (now) => collect(() => flushDue(clock.estimate(now))),
    nextDueAt: () => {
      let next: number | undefined;
      for (const { pending } of waiting) {
        if (pending === undefined) continue;
        const at = clock.receiptOf(pending.lastAt + DIAL_WINDOW_MS);
        next = next === undefined ? at : Math.min(next, at);
      }
      return next;
    },
    resync: (channels, now) => collect(() => resync(channels, clock.estimate(now), now)),
  };
};
