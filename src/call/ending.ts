// When a call ended, and what became of one that nobody answered.

import { meaningOfCause } from "../asterisk/index.ts";
import { bodyText } from "../domain/event.ts";
import type { CallEvent } from "./events.ts";
import type { Presence } from "./presence.ts";
import type { TalkTimeline } from "./talk.ts";
import type { CallStatus, Direction } from "./types.ts";

/** A talk may end this much after the hangup that ended it: events lag up to 7 s behind what they tell. */
const MAX_LAG_MS = 10_000;
/** Two connections of a sender may swap neighbours that lie this near to each other. */
const SWAPPED_MS = 500;
const causeOf = ({ record: { body } }: CallEvent): string =>
  bodyText(body, "Cause") || bodyText(body, "HangupCause");

const isOfLeg = (hangup: CallEvent): boolean => {
  const meaning = meaningOfCause(causeOf(hangup));
  return meaning === "answered-elsewhere" && hangup.channelKey !== hangup.uniqueId;
};

/** Whether the call was talked in after `hangup`, and not just by events that came late. */
const goesOnAfter = (hangup: CallEvent, timeline: TalkTimeline): boolean =>
  timeline.segments.some(
    ({ from, to }) => from > hangup.at + SWAPPED_MS || to > hangup.at + MAX_LAG_MS,
  );

/**
 * The hangup that ended the call, or undefined while it goes on. It is the first hangup of the first id that had a
 * start or a dial; of a call with neither, the first hangup after the last party entered a bridge at which nobody is in
 * a bridge any more. Other hangups are those of legs (transfers, ring groups). Where the outside party talks on after
 * the hangup of the first id (151 called it, then transferred it and left), the end is the hangup after that talk.
 */
export const endingHangup = (
  events: readonly CallEvent[],
  presences: readonly Presence[],
  timeline: TalkTimeline,
): CallEvent | undefined => {
  const placing = events.find((event) => event.type === "start" || event.type === "dial");
  const hangups = events.filter((event) => event.type === "hangup" && !isOfLeg(event));
  const real = presences.filter((presence) => !presence.local);
  if (placing !== undefined) {
    const own = hangups.find((event) => event.uniqueId === placing.uniqueId);
    if (own === undefined || !goesOnAfter(own, timeline)) return own;
    return hangups.find((event) => event.at > own.at && !goesOnAfter(event, timeline));
  }
  const lastEntered = Math.max(...real.map((presence) => presence.start), Number.NEGATIVE_INFINITY);
  return hangups.find(
    (event) => event.at >= lastEntered && real.every((presence) => presence.end <= event.at),
  );
};

/** What a hangup says of an answer; undefined where it says nothing. `CallStatus`: 2 answered, 5 talking, 0 not. */
export const saysAnswered = (hangup: CallEvent): boolean | undefined => {
  const { body } = hangup.record;
  const status = bodyText(body, "CallStatus");
  if (status === "2" || status === "5") return true;
  if (status === "0") return false;
  return bodyText(body, "DialStatus") === "ANSWER" ? true : undefined;
};

const DIAL_STATUS: { readonly [dialStatus: string]: CallStatus } = {
  BUSY: "busy",
  CANCEL: "cancelled",
  CONGESTION: "failed",
  CHANUNAVAIL: "failed",
  NOANSWER: "missed",
};

/** Whether an unanswered call reached the PBX alone: the agent says so, or what was dialled is a feature code. */
const isService = (hangup: CallEvent, direction: Direction): boolean => {
  const { body } = hangup.record;
  if (bodyText(body, "Service") === "true") return true;
  const dialled = bodyText(body, "Dialled") || bodyText(body, "Phone");
  return direction === "outgoing" && /^[*#]/.test(dialled);
};

/** What the ending hangup of an unanswered call says about it. */
export const unansweredStatus = (hangup: CallEvent, direction: Direction): CallStatus => {
  const { body } = hangup.record;
  if (isService(hangup, direction)) return "service";
  const byDial = DIAL_STATUS[bodyText(body, "DialStatus").toUpperCase().replace(/[\s_]/g, "")];
  if (byDial !== undefined) return byDial;
  const byCause = meaningOfCause(causeOf(hangup));
  if (byCause !== undefined && byCause !== "answered-elsewhere") return byCause;
  const said = bodyText(body, "CallStatus");
  return said === "1" || (direction === "unknown" && said === "") ? "unknown" : "missed";
};

const localTime = (text: string): number | undefined => {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

/**
 * How long the call had lasted at its hangup by the sender's own clock, in milliseconds: `Total`, or `EndTime` less `StartTime`
 * (`DateReceived` on legs that have none). Their zone does not matter, for only the difference is used.
 */
export const saidDurationMs = (hangup: CallEvent): number | undefined => {
  const { body } = hangup.record;
  const total = bodyText(body, "Total");
  if (/^\d{1,6}(?:\.\d+)?$/.test(total)) return Number(total) * 1000;
  const end = localTime(bodyText(body, "EndTime"));
  const start = localTime(bodyText(body, "StartTime") || bodyText(body, "DateReceived"));
  return end === undefined || start === undefined || end < start ? undefined : end - start;
};

/** Talk time as the sender counted it, in milliseconds; for calls whose bridges were never posted. */
export const saidTalkMs = (hangup: CallEvent): number | undefined => {
  const { body } = hangup.record;
  const answer = localTime(bodyText(body, "AnswerTime"));
  const end = localTime(bodyText(body, "EndTime"));
  if (answer !== undefined && end !== undefined && end >= answer) return end - answer;
  for (const name of ["Talk", "AnsweredTime", "Billsec"]) {
    const text = bodyText(body, name);
    if (/^\d{1,6}(?:\.\d+)?$/.test(text) && Number(text) > 0) return Number(text) * 1000;
  }
  return undefined;
};

const ZONE_STEP_MS = 15 * 60 * 1000;

/**
 * By how much the sender's clock differs from ours, in milliseconds, read from the hangup's local `EndTime`: its zone is
 * unknown, but zones differ from UTC by whole quarters of an hour.
 */
export const clockDifferenceMs = (hangup: CallEvent): number | undefined => {
  const end = localTime(bodyText(hangup.record.body, "EndTime"));
  if (end === undefined) return undefined;
  const difference = end - hangup.at;
  return difference - Math.round(difference / ZONE_STEP_MS) * ZONE_STEP_MS;
};
