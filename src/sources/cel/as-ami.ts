// What the CEL file says, said as the manager interface would have said it, so that one mapper makes the same events of both.
// CEL has no dial, no state of a channel and no request to hang up: a leg is dialled by the application that names it, a
// channel is up when it was answered, and who ended a call stands in `hangupsource`. What CEL does not tell at all is left
// out: hold, what a click-to-call was to reach whose own phone was not taken up, and how a bridge came to be.
// Source: Asterisk's "CEL Specification" (docs.asterisk.org), and calls recorded both ways.

import {
  isFirstChannel,
  isUnknown,
  keptId,
  makesSpecialBridge,
  readChannelName,
} from "../../asterisk/index.ts";
import type { AmiMessage } from "../ami/types.ts";
import type { CelEvent } from "./line.ts";

/** A channel while it lasts. */
type CelChannel = {
  readonly id: string;
  /** As it was said last. */
  event: CelEvent;
  readonly isInner: boolean;
  isUp: boolean;
  /** Dialled by another channel; its end is the end of that dial too. */
  isLeg: boolean;
  /** Made to be called by somebody (`Down`), not calling by itself; undefined until that shows. */
  isPlaced: boolean | undefined;
  /** The application that dials for it now, and what it dials. */
  dialling: { readonly app: string; readonly data: string } | undefined;
  isHangupAsked: boolean;
  /** How often it was bridged, where bridges have no id. */
  bridges: number;
};

/** Channels remembered at once; beyond it the oldest go, whose end is missing. */
const MAX_CHANNELS = 20_000;
const DOWN = "0";
const RING = "4";
const UP = "6";
/** Applications that dial for the channel that they run in. */
const DIALS = /^(?:dial|queue|retrydial|page|followme|parkandannounce|originate)/i;
/** The application of a channel that Asterisk was asked to place, before the dialplan has it. */
const PLACED_APP = "AppDial2";

/** `DialStatus` by the cause of a leg's end: Q.850, 26 is Asterisk's "answered elsewhere", 127 "the caller gave up". */
const DIAL_STATUS: Readonly<Record<string, string>> = {
  "17": "BUSY",
  "18": "NOANSWER",
  "19": "NOANSWER",
  "21": "BUSY",
  "0": "NOANSWER",
  "16": "NOANSWER",
  "26": "CANCEL",
  "127": "CANCEL",
};

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** Ways to dial that a `Dial` lists: `PJSIP/151`, `PJSIP/375…@mts`, `SIP/mts/375…`. */
const dialStrings = (data: string): string[] => (data.split(",")[0] ?? "").split("&");

/** The dial string of the channel's peer among those of an application, without its technology; undefined where none is. */
const dialStringOf = (channelName: string, data: string): string | undefined => {
  const { technology, peer } = readChannelName(channelName);
  for (const text of dialStrings(data)) {
    const [, tech = "", rest = ""] = /^([A-Za-z0-9]+)\/(.+)$/s.exec(text) ?? [];
    if (tech.toLowerCase() !== technology.toLowerCase()) continue;
    const host = rest.slice(rest.lastIndexOf("@") + 1);
    if (rest === peer || host === peer || rest.split("/")[0] === peer) return rest;
    // `PJSIP/mts/sip:375…@host`, `DAHDI/g1/375…`: a group of lines is not named by the channel.
    if (/^[gGrR]\d/.test(rest) && /^(?:i?\d+|[A-Za-z]\d)/.test(peer)) return rest;
  }
  return undefined;
};

const message = (event: string, fields: readonly (readonly [string, string])[]): AmiMessage => ({
  event,
  response: "",
  fields: new Map(fields),
});

class CelAsAmi {
  /** By Uniqueid, in the order of their beginning. */
  readonly #channels = new Map<string, CelChannel>();
  readonly #byName = new Map<string, CelChannel>();
  /** Channels in each bridge. */
  readonly #bridges = new Map<string, Set<string>>();
  #out: AmiMessage[] = [];

  take(event: CelEvent): AmiMessage[] {
    this.#out = [];
    this.#read(event);
    return this.#out;
  }

  #read(event: CelEvent): void {
    if (event.type === "CHAN_START") {
      this.#start(event);
      return;
    }
    const channel = this.#channels.get(event.uniqueId);
    if (channel === undefined) return;
    const before = channel.event;
    channel.event = event;
    this.#settlePlacing(channel);
    this.#tellCaller(channel, before);
    switch (event.type) {
      case "ANSWER":
        this.#answer(channel);
        break;
      case "APP_START":
        channel.dialling = DIALS.test(event.app)
          ? { app: event.app, data: event.appData }
          : channel.dialling;
        this.#tell("Newexten", channel, [
          ["Application", event.app],
          ["AppData", event.appData],
        ]);
        break;
      case "APP_END":
        channel.dialling = undefined;
        break;
      case "STREAM_BEGIN":
        this.#tell("Newexten", channel, [
          ["Application", event.app === "" ? "Playback" : event.app],
        ]);
        break;
      case "BRIDGE_ENTER":
      case "BRIDGE_EXIT":
        this.#bridge(channel, textOf(event.extra["bridge_id"]), event.type === "BRIDGE_ENTER");
        break;
      case "BRIDGE_START":
        this.#startBridge(channel);
        break;
      case "BRIDGE_END":
        this.#endBridge(channel);
        break;
      case "BLINDTRANSFER":
        this.#transfer("BlindTransfer", "Transferer", channel);
        break;
      case "ATTENDEDTRANSFER":
        this.#transfer("AttendedTransfer", "OrigTransferer", channel);
        break;
      case "PICKUP":
        this.#pickUp(channel);
        break;
      case "HANGUP":
        this.#hangUp(channel);
        break;
      case "CHAN_END":
        this.#forget(channel);
        break;
    }
  }

  #state(channel: CelChannel): string {
    if (channel.isUp) return UP;
    return channel.isLeg || channel.isPlaced !== false ? DOWN : RING;
  }

  /** What each message says of a channel. @param prefix `Dest` of the one that is dialled */
  #fields(prefix: "" | "Dest", channel: CelChannel): (readonly [string, string])[] {
    const { event } = channel;
    return [
      [`${prefix}Channel`, event.channel],
      [`${prefix}ChannelState`, this.#state(channel)],
      [`${prefix}CallerIDNum`, event.num],
      [`${prefix}CallerIDName`, event.name],
      [`${prefix}Context`, event.context],
      [`${prefix}Exten`, event.exten],
      [`${prefix}Uniqueid`, channel.id],
      [`${prefix}Linkedid`, event.linkedId],
    ];
  }

  #tell(
    name: string,
    channel: CelChannel,
    more: readonly (readonly [string, string])[] = [],
  ): void {
    const { stamp } = channel.event;
    this.#out.push(message(name, [["Timestamp", stamp], ...this.#fields("", channel), ...more]));
  }

  /** Asterisk counts its channels from 0: whatever there was before the first one did not outlive its start. */
  #restart({ stamp }: CelEvent): void {
    this.#channels.clear();
    this.#byName.clear();
    this.#bridges.clear();
    this.#out.push(
      message("FullyBooted", [
        ["Timestamp", stamp],
        ["Uptime", "0"],
      ]),
    );
  }

  #start(event: CelEvent): void {
    if (isFirstChannel(event.uniqueId)) this.#restart(event);
    const known = this.#channels.get(event.uniqueId);
    if (known !== undefined) return;
    const isFirst = event.linkedId === event.uniqueId;
    const { isInner } = readChannelName(event.channel);
    // A channel that is called has no extension of the dialplan yet; an analogue line that calls has none either.
    const isToBeSeen = isFirst && !isInner && (event.exten === "s" || event.exten === "");
    const channel: CelChannel = {
      id: event.uniqueId,
      event,
      isInner,
      isUp: false,
      isLeg: !isFirst && !isInner,
      isPlaced: isInner ? true : isToBeSeen ? undefined : false,
      dialling: undefined,
      isHangupAsked: false,
      bridges: 0,
    };
    this.#channels.set(channel.id, channel);
    this.#byName.set(event.channel, channel);
    if (this.#channels.size > MAX_CHANNELS) {
      const [oldest] = this.#channels.values();
      if (oldest !== undefined) this.#forget(oldest);
    }
    this.#tell("Newchannel", channel);
    if (channel.isLeg) this.#dial(channel);
  }

  /** Whoever dials for the leg: the application that names it, else the newest of the call, else its first channel. */
  #diallerOf(
    leg: CelChannel,
  ): { readonly caller: CelChannel; readonly dialString: string } | undefined {
    let newest: CelChannel | undefined;
    let first: CelChannel | undefined;
    for (const channel of this.#channels.values()) {
      if (channel === leg || channel.event.linkedId !== leg.event.linkedId) continue;
      first ??= channel;
      if (channel.dialling === undefined) continue;
      newest = channel;
      const dialString = dialStringOf(leg.event.channel, channel.dialling.data);
      if (dialString !== undefined && /dial|page/i.test(channel.dialling.app)) {
        return { caller: channel, dialString };
      }
    }
    const caller = newest ?? first;
    return caller && { caller, dialString: "" };
  }

  #dial(leg: CelChannel): void {
    const dialler = this.#diallerOf(leg);
    const { stamp } = leg.event;
    const { peer } = readChannelName(leg.event.channel);
    const caller = dialler?.caller;
    this.#out.push(
      message("DialBegin", [
        ["Timestamp", stamp],
        ...(caller === undefined ? [] : this.#fields("", caller)),
        ...this.#fields("Dest", leg),
        ["DialString", dialler?.dialString || peer],
      ]),
    );
  }

  /** Whether a channel without an extension calls or is called shows in what it does first. */
  #settlePlacing(channel: CelChannel): void {
    if (channel.isPlaced !== undefined) return;
    const { type, app } = channel.event;
    const isEnd = type === "HANGUP" || type === "CHAN_END";
    if (type !== "ANSWER" && type !== "APP_START" && !isEnd) return;
    channel.isPlaced = isEnd || app === PLACED_APP;
    if (channel.isPlaced) this.#dialOwn(channel);
    else this.#tell("Newstate", channel);
  }

  /** The phone of whoever had the call placed rings. */
  #dialOwn(channel: CelChannel): void {
    channel.isLeg = true;
    const { peer } = readChannelName(channel.event.channel);
    this.#out.push(
      message("DialBegin", [
        ["Timestamp", channel.event.stamp],
        ...this.#fields("Dest", channel),
        ["DialString", peer],
      ]),
    );
  }

  #tellCaller(channel: CelChannel, before: CelEvent): void {
    const { num, name } = channel.event;
    const isNew = num !== before.num || name !== before.name;
    if (isNew && !isUnknown(num)) this.#tell("NewCallerid", channel);
  }

  #answer(channel: CelChannel): void {
    if (channel.isUp) return;
    channel.isUp = true;
    this.#tell("Newstate", channel);
    if (channel.event.app !== PLACED_APP && channel.event.app !== "") {
      this.#tell("Newexten", channel, [["Application", channel.event.app]]);
    }
    if (channel.isLeg) this.#endDial(channel, "ANSWER");
  }

  #endDial(leg: CelChannel, status: string): void {
    this.#out.push(
      message("DialEnd", [
        ["Timestamp", leg.event.stamp],
        ...this.#fields("Dest", leg),
        ["DialStatus", status],
      ]),
    );
  }

  /** Before Asterisk 12 a bridge has no id: it is one of the channel that dialled, with its peer. */
  #startBridge(channel: CelChannel): void {
    const peer = this.#byName.get(channel.event.peer);
    channel.bridges += 1;
    const id = `cel-${channel.id}-${channel.bridges}`;
    // The called enters first, as in later versions.
    for (const one of [peer, channel]) {
      if (one === undefined) continue;
      one.event = { ...one.event, stamp: channel.event.stamp };
      this.#bridge(one, id, true);
    }
  }

  #endBridge(channel: CelChannel): void {
    const id = `cel-${channel.id}-${channel.bridges}`;
    for (const memberId of this.#bridges.get(id) ?? []) {
      const member = this.#channels.get(memberId);
      if (member === undefined) continue;
      member.event = { ...member.event, stamp: channel.event.stamp };
      this.#bridge(member, id, false);
    }
  }

  #bridge(channel: CelChannel, bridgeId: string, isEntering: boolean): void {
    const { extra, app, stamp } = channel.event;
    const id = keptId(bridgeId);
    if (id === "") return;
    const isSpecial = makesSpecialBridge(app);
    const about = [
      ["BridgeUniqueid", id],
      ["BridgeType", isSpecial ? "" : "basic"],
      ["BridgeTechnology", textOf(extra["bridge_technology"])],
      ["BridgeCreator", isSpecial ? app : ""],
    ] as const;
    const present = this.#bridges.get(id) ?? new Set<string>();
    if (isEntering) {
      if (present.size === 0) {
        this.#bridges.set(id, present);
        this.#out.push(message("BridgeCreate", [["Timestamp", stamp], ...about]));
      }
      present.add(channel.id);
    } else present.delete(channel.id);
    const name = isEntering ? "BridgeEnter" : "BridgeLeave";
    this.#tell(name, channel, [...about, ["BridgeNumChannels", String(present.size)]]);
    if (isEntering || present.size > 0) return;
    this.#bridges.delete(id);
    this.#out.push(message("BridgeDestroy", [["Timestamp", stamp], ...about]));
  }

  #transfer(name: string, role: string, channel: CelChannel): void {
    const { extra, stamp } = channel.event;
    this.#out.push(
      message(name, [
        ["Timestamp", stamp],
        ["Result", "Success"],
        [`${role}Uniqueid`, channel.id],
        ["SecondTransfererUniqueid", textOf(extra["channel2_uniqueid"])],
        ["Extension", textOf(extra["extension"])],
      ]),
    );
  }

  /** The channel's call is answered by another one, which `extra` names. */
  #pickUp(channel: CelChannel): void {
    const { extra } = channel.event;
    const by =
      this.#channels.get(textOf(extra["pickup_channel_uniqueid"])) ??
      this.#byName.get(textOf(extra["pickup_channel"]));
    if (by === undefined) return;
    this.#out.push(
      message("Pickup", [
        ["Timestamp", channel.event.stamp],
        ...this.#fields("", by),
        ["TargetLinkedid", channel.event.linkedId],
      ]),
    );
  }

  #hangUp(channel: CelChannel): void {
    const { extra, stamp } = channel.event;
    const cause = textOf(extra["hangupcause"]);
    const by = this.#byName.get(textOf(extra["hangupsource"]));
    // A leg that refuses ends its dial, not the call.
    const isRefusal = by === channel && channel.isLeg && !channel.isUp;
    if (by !== undefined && !by.isHangupAsked && !isRefusal) {
      by.isHangupAsked = true;
      this.#out.push(message("HangupRequest", [["Timestamp", stamp], ...this.#fields("", by)]));
    }
    if (channel.isLeg && !channel.isUp) {
      this.#endDial(channel, DIAL_STATUS[cause] ?? "CHANUNAVAIL");
    }
    this.#tell("Hangup", channel, [["Cause", cause]]);
  }

  #forget(channel: CelChannel): void {
    this.#channels.delete(channel.id);
    if (this.#byName.get(channel.event.channel) === channel) {
      this.#byName.delete(channel.event.channel);
    }
  }
}

export type CelTranslator = {
  /** The messages that the manager interface would have sent. Events must come in the order of the file. */
  take(event: CelEvent): AmiMessage[];
};

export const createCelTranslator = (): CelTranslator => new CelAsAmi();
