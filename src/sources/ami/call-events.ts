// Bodies of the events, as senders post them. The `EventId` is made only from what the PBX said, so that another
// agent, or this one after a restart, gives the same event the same id.

import { createHash } from "node:crypto";
import { isEventId, known } from "../../asterisk/index.ts";
import type { AgentEvent } from "../outbox/types.ts";
import type {
  Bridge,
  Call,
  CallsUnderWay,
  Channel,
  Fields,
  PendingDial,
} from "./calls-under-way.ts";
import type { Moment } from "./stream-clock.ts";

/** How long before the end of a call a request to hang up was the reason of it, in milliseconds. */
const REQUEST_ENDS_MS = 5000;

const eventId = (parts: readonly string[]): string => {
  const id = parts.join("/");
  return isEventId(id) ? id : createHash("sha256").update(id).digest("hex");
};

const secondsText = (ms: number): string => String(Math.round(ms * 1000) / 1_000_000);
const seconds = (ms: number): number => Math.round(ms) / 1000;
/** `2026-11-22 07:42:30`, in UTC. */
const dateText = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19).replace("T", " ");

/** What an event is: its name, its call, and what tells it apart from others of both. */
type Identity = {
  readonly event: string;
  readonly uniqueId: string;
  readonly id: readonly string[];
};

const make = (
  { event, uniqueId, id }: Identity,
  moment: Moment,
  body: Readonly<Record<string, unknown>>,
): AgentEvent => ({
  event,
  body: {
    UniqueId: uniqueId,
    ...body,
    ...(uniqueId === "" ? {} : { Linkedid: uniqueId }),
    EventTime: moment.stamp ?? secondsText(moment.at),
    EventId: eventId([event, ...id]),
    ...(moment.isRecovered ? { _recovered: true } : {}),
  },
});

/** Of one thing that can happen more than once: after a second gap a channel may be found where the first one found it. */
const occurrence = (moment: Moment, { moves }: Channel): string => {
  if (!moment.isRecovered) return moment.stamp ?? secondsText(moment.at);
  return moves === 0 ? "recovered" : `recovered-${moves}`;
};

/**
 * Which of its kind it is: another source that saw the channel from its beginning counts the same. Where the beginning was
 * not seen, the moment tells it apart.
 */
const ordinal = (moment: Moment, channel: Channel, what: string): string =>
  channel.isWhole && !moment.isRecovered
    ? String(channel.counts.get(what) ?? 0)
    : occurrence(moment, channel);

const typeOf = (call: Call): { CallType?: number } =>
  call.type === undefined ? {} : { CallType: call.type };
const trunkOf = (trunk: string): { Trunk?: string } => (trunk === "" ? {} : { Trunk: trunk });
/** The number on our side: the one that was called, or the extension that called. */
const extenOf = (call: Call): string => (call.type === 0 ? call.did : call.ownExtension);
const phoneOf = (call: Call): string => (call.type === 2 ? call.ownExtension : call.phone);

/** Who the channel is, as the agent understands it: its name alone may not say. */
const whoIs = ({ kind, number, peer }: Channel): { Extension?: string; Line?: string } =>
  kind === "extension" ? { Extension: number } : { Line: peer };

export const startEvent = (call: Call, callerName: string, moment: Moment): AgentEvent =>
  make({ event: "start", uniqueId: call.id, id: [call.id] }, moment, {
    CallType: 0,
    Phone: call.phone,
    ...(callerName === "" ? {} : { CallerIDName: callerName }),
    Exten: call.did,
    ...trunkOf(call.trunk),
    StartTime: dateText(call.startedAt),
    ChanUniqueId: call.id,
  });

export const dialEvent = (call: Call, dial: PendingDial): AgentEvent =>
  make({ event: "dial", uniqueId: call.id, id: [dial.firstLegId] }, dial.moment, {
    ...typeOf(call),
    Phone: phoneOf(call),
    Exten: extenOf(call),
    Extensions: [...dial.numbers],
    ...trunkOf(dial.trunk),
    ...(dial.dialledBy === "" ? {} : { ChanUniqueId: dial.dialledBy }),
  });

/** The caller's number or name, which came after the beginning of the call. */
export const callerEvent = (call: Call, callerName: string, moment: Moment): AgentEvent =>
  make({ event: "new_callerid", uniqueId: call.id, id: [call.id] }, moment, {
    ...typeOf(call),
    Phone: call.phone,
    ...(callerName === "" ? {} : { CallerIDName: callerName }),
    ChanUniqueId: call.id,
  });

export const bridgeCreateEvent = (bridge: Bridge, uniqueId: string, moment: Moment): AgentEvent =>
  make({ event: "bridge_create", uniqueId: uniqueId, id: [bridge.id] }, moment, {
    BridgeUniqueid: bridge.id,
    ...bridge.told,
  });

export const bridgeDestroyEvent = (bridge: Bridge, uniqueId: string, moment: Moment): AgentEvent =>
  make({ event: "bridge_destroy", uniqueId: uniqueId, id: [bridge.id] }, moment, {
    BridgeUniqueid: bridge.id,
    BridgeNumChannels: "0",
    ...bridge.told,
  });

/** A channel enters or leaves; `fields` are those of the message that says so. */
export const presenceEvent = (
  event: "bridge" | "bridge_leave",
  { channel, bridge }: { readonly channel: Channel; readonly bridge: Bridge },
  fields: Fields,
  moment: Moment,
): AgentEvent =>
  make(
    {
      event,
      uniqueId: channel.call.id,
      id: [bridge.id, channel.id, ordinal(moment, channel, bridge.id)],
    },
    moment,
    {
      BridgeUniqueid: bridge.id,
      BridgeNumChannels:
        fields.get("BridgeNumChannels") ??
        String(bridge.channels.size + (event === "bridge" ? 1 : 0)),
      Channel: channel.name,
      CallerIDNum: known(fields.get("CallerIDNum")),
      ConnectedLineNum: known(fields.get("ConnectedLineNum")),
      Exten: channel.kind === "extension" ? channel.number : known(fields.get("Exten")),
      ...whoIs(channel),
      ...typeOf(channel.call),
      ...bridge.told,
      ChanUniqueId: channel.id,
    },
  );

/** A channel is in a conference with others, of other calls; with nobody where the last of them left. */
export const conferenceEvent = (
  { channel, bridge }: { readonly channel: Channel; readonly bridge: Bridge },
  numbers: readonly string[],
  count: number,
  moment: Moment,
): AgentEvent =>
  make(
    {
      event: "conference",
      uniqueId: channel.call.id,
      id: [
        bridge.id,
        channel.id,
        ordinal(moment, channel, "company"),
        numbers.join("+"),
        String(count),
      ],
    },
    moment,
    {
      BridgeUniqueid: bridge.id,
      Channel: channel.name,
      With: numbers,
      WithCount: count,
      ...typeOf(channel.call),
      ...bridge.told,
      ChanUniqueId: channel.id,
    },
  );

/** Somebody transfers the call to a number without asking there first. */
export const transferEvent = (channel: Channel, to: string, moment: Moment): AgentEvent =>
  make(
    {
      event: "transfer",
      uniqueId: channel.call.id,
      id: [channel.id, ordinal(moment, channel, "transfer")],
    },
    moment,
    {
      Kind: "blind",
      From: channel.number,
      To: to,
      ...typeOf(channel.call),
      ChanUniqueId: channel.id,
    },
  );

export const holdEvent = (
  event: "hold" | "unhold",
  channel: Channel,
  fields: Fields,
  moment: Moment,
): AgentEvent =>
  make(
    { event, uniqueId: channel.call.id, id: [channel.id, occurrence(moment, channel)] },
    moment,
    {
      Channel: channel.name,
      CallerIDNum: known(fields.get("CallerIDNum")),
      ConnectedLineNum: known(fields.get("ConnectedLineNum")),
      ...typeOf(channel.call),
      ChanUniqueId: channel.id,
    },
  );

/** Whether the party that the call was placed by asked to end it. */
const isByCaller = (call: Call, by: Channel): boolean => by.id === call.id || by === call.ownLeg;

/** Somebody asked to end the call, shortly before it ended. */
const request = ({ hungUp }: Call, at: number): Call["hungUp"] =>
  hungUp === undefined || at - hungUp.at > REQUEST_ENDS_MS ? undefined : hungUp;

/** Causes that the PBX gives a caller whom it does not put through: busy, nobody answers, refused, congestion. */
const PBX_CAUSES = new Set(["17", "18", "19", "20", "21", "34", "38", "41", "42"]);

/**
 * Who ended the call: who asked for it; of a call that was not answered only its caller can. Where nobody asked, the PBX did:
 * a limit of time, a transfer to nowhere, nobody who answers. A line that refuses an outgoing call is neither.
 */
const hungUpBy = (call: Call, at: number): { HungUpBy?: string } => {
  const asked = request(call, at);
  const isAnswered = call.answeredAt !== undefined;
  if (asked !== undefined && (isAnswered || isByCaller(call, asked.by))) {
    return asked.number === "" ? {} : { HungUpBy: asked.number };
  }
  const isEnded = isAnswered ? call.cause !== "" : call.type === 0 && PBX_CAUSES.has(call.cause);
  return isEnded && !call.isMerged && !call.isService ? { HungUpBy: "pbx" } : {};
};

/** What became of those that were dialled, where the cause of the end does not tell: all busy, or the caller gave up. */
const dialStatus = (call: Call, at: number): { DialStatus?: string } => {
  if (call.answeredAt !== undefined || call.isService) return {};
  const ends = [...call.dialEnds.values()];
  if (ends.length > 0 && ends.every((end) => end === "BUSY")) return { DialStatus: "BUSY" };
  const asked = request(call, at);
  return asked !== undefined && isByCaller(call, asked.by) ? { DialStatus: "CANCEL" } : {};
};

/** What else is to be said of calls that are not plain ones. */
const kindOf = (call: Call): Readonly<Record<string, unknown>> => ({
  ...(call.isService ? { Service: true, Dialled: call.dialled } : {}),
  ...(call.reached !== "" && call.answeredAt === undefined ? { Reached: call.reached } : {}),
  ...(call.ownLeg === undefined ? {} : { ExternalInitiated: true }),
  ...(call.ownLeg?.kind === "extension" && !call.isOwnPhoneUp ? { OwnPhone: "unanswered" } : {}),
});

/** Our side of the call: those who talked, in order, else all that were rung. */
const extensionsOf = (call: Call): string[] => {
  const own = call.type === 1 && call.ownExtension !== "" ? [call.ownExtension] : [];
  const talked = [...call.talked].filter((number) => call.type !== 1 || number !== call.phone);
  const isAnswered = call.answeredAt !== undefined;
  return [...new Set([...own, ...(isAnswered ? talked : call.rung)])];
};

/** Where the call was recorded to: one path, or several. */
const recordingOf = ({ recordings }: Call): { Recording?: string | string[] } => {
  const [first, ...more] = recordings;
  if (first === undefined) return {};
  return { Recording: more.length === 0 ? first : [first, ...more] };
};

export const hangupEvent = (call: Call, calls: CallsUnderWay, moment: Moment): AgentEvent => {
  const { at } = moment;
  return make({ event: "hangup", uniqueId: call.id, id: [call.id] }, moment, {
    ...typeOf(call),
    CallStatus: call.answeredAt === undefined ? "0" : "2",
    Phone: phoneOf(call),
    Exten: extenOf(call),
    Extensions: extensionsOf(call),
    ...trunkOf(call.trunk),
    StartTime: dateText(call.startedAt),
    ...(call.answeredAt === undefined ? {} : { AnswerTime: dateText(call.answeredAt) }),
    EndTime: dateText(at),
    Talk: seconds(calls.talkMs(call, at)),
    Total: seconds(Math.max(0, at - call.startedAt)),
    ...(call.cause === "" ? {} : { Cause: call.cause }),
    ...(call.causeText === "" ? {} : { CauseTxt: call.causeText }),
    ...dialStatus(call, at),
    ...hungUpBy(call, at),
    ...kindOf(call),
    ...recordingOf(call),
    // The hangup is that of the call, whichever leg was the last to go.
    ChanUniqueId: call.id,
  });
};
