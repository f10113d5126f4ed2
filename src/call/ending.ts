// When a call ended, and what became of one that nobody answered.

import { meaningOfCause } from "../asterisk/index.ts";
import type { CallEvent } from "./events.ts";
import type { Presence } from "./presence.ts";
import type { TalkTimeline } from "./talk.ts";
import type { CallStatus, Direction } from "./types.ts";

/** A talk may end this much after the hangup that ended it: events lag up to 7 s behind what they tell. */
const MAX_LAG_MS = 10_000;
/** Two connections of a sender may swap neighbours that lie this near to each other. */
const SWAPPED_MS = 500;
const causeOf = (event: CallEvent): string => event.text("Cause") || event.text("HangupCause");

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
  const isEnd = (event: CallEvent): boolean => event.type === "hangup" && !isOfLeg(event);
  if (placing !== undefined) {
    const own = events.find((event) => event.uniqueId === placing.uniqueId && isEnd(event));
    if (own === undefined || !goesOnAfter(own, timeline)) return own;
    return events.find(
      (event) => event.at > own.at && isEnd(event) && !goesOnAfter(event, timeline),
    );
  }
  let lastEntered = Number.NEGATIVE_INFINITY;
  let lastLeft = Number.NEGATIVE_INFINITY;
  for (const { local, start, end } of presences) {
    if (local) continue;
    lastEntered = Math.max(lastEntered, start);
    lastLeft = Math.max(lastLeft, end);
  }
  return events.find((event) => event.at >= lastEntered && event.at >= lastLeft && isEnd(event));
};

/** What a hangup says of an answer; undefined where it says nothing. `CallStatus`: 2 answered, 5 talking, 0 not. */
export const saysAnswered = (hangup: CallEvent): boolean | undefined => {
  const status = hangup.text("CallStatus");
  if (status === "2" || status === "5") return true;
  if (status === "0") return false;
  return hangup.text("DialStatus") === "ANSWER" ? true : undefined;
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
  if (hangup.text("Service") === "true") return true;
  const dialled = hangup.text("Dialled") || hangup.text("Phone");
  return direction === "outgoing" && /^[*#]/.test(dialled);
};

/** What the ending hangup of an unanswered call says about it. */
export const unansweredStatus = (hangup: CallEvent, direction: Direction): CallStatus => {
  if (isService(hangup, direction)) return "service";
  const byDial = DIAL_STATUS[hangup.text("DialStatus").toUpperCase().replace(/[\s_]/g, "")];
  if (byDial !== undefined) return byDial;
  const byCause = meaningOfCause(causeOf(hangup));
  if (byCause !== undefined && byCause !== "answered-elsewhere") return byCause;
  const said = hangup.text("CallStatus");
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
  const total = hangup.text("Total");
  if (/^\d{1,6}(?:\.\d+)?$/.test(total)) return Number(total) * 1000;
  const end = localTime(hangup.text("EndTime"));
  const start = localTime(hangup.text("StartTime") || hangup.text("DateReceived"));
  return end === undefined || start === undefined || end < start ? undefined : end - start;
};

/** Talk time as the sender counted it, in milliseconds; for calls whose bridges were never posted. */
export const saidTalkMs = (hangup: CallEvent): number | undefined => {
  const answer = localTime(hangup.text("AnswerTime"));
  const end = localTime(hangup.text("EndTime"));
  if (answer !== undefined && end !== undefined && end >= answer) return end - answer;
  for (const name of ["Talk", "AnsweredTime", "Billsec"] as const) {
    const text = hangup.text(name);
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
  const end = localTime(hangup.text("EndTime"));
  if (end === undefined) return undefined;
  const difference = end - hangup.at;
  return difference - Math.round(difference / ZONE_STEP_MS) * ZONE_STEP_MS;
};
