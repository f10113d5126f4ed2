// When a call ended, and what became of one that nobody answered.

import { bodyText } from "../domain/event.ts";
import type { CallEvent } from "./events.ts";
import type { Presence } from "./presence.ts";
import type { CallStatus, Direction } from "./types.ts";

/**
 * The hangup that ended the call, or undefined while it goes on. It is the first hangup of the first id that had a
 * start or a dial; of a call with neither, the first hangup after the last party entered a bridge at which nobody is in
 * a bridge any more. Other hangups are those of legs (transfers, ring groups).
 */
export const endingHangup = (
  events: readonly CallEvent[],
  presences: readonly Presence[],
): CallEvent | undefined => {
  const placing = events.find((event) => event.type === "start" || event.type === "dial");
  const hangups = events.filter((event) => event.type === "hangup");
  if (placing !== undefined) {
    return hangups.find((event) => event.uniqueId === placing.uniqueId);
  }
  const real = presences.filter((presence) => !presence.local);
  const lastEntered = Math.max(...real.map((presence) => presence.start), Number.NEGATIVE_INFINITY);
  return hangups.find(
    (event) => event.at >= lastEntered && real.every((presence) => presence.end <= event.at),
  );
};

// Hangup causes of Q.850 as Asterisk numbers them (Asterisk manual, "Hangup Cause Mappings").
const BUSY_CAUSES = new Set([17, 21]);
const FAILED_CAUSES = new Set([
  1, 2, 3, 5, 6, 20, 22, 25, 27, 28, 29, 34, 38, 41, 42, 44, 50, 57, 58, 65, 66, 69, 88, 95, 96, 97,
  98, 99, 100, 101, 102, 103, 111,
]);
/** Interworking: what Asterisk gives to the channels of a call whose caller cancelled it. */
const CANCEL_CAUSE = 127;

const DIAL_STATUS: { readonly [dialStatus: string]: CallStatus } = {
  BUSY: "busy",
  CANCEL: "cancelled",
  CONGESTION: "failed",
  CHANUNAVAIL: "failed",
  NOANSWER: "missed",
};

/** What the ending hangup of an unanswered call says about it. */
export const unansweredStatus = (hangup: CallEvent, direction: Direction): CallStatus => {
  const { body } = hangup.record;
  const byDial = DIAL_STATUS[bodyText(body, "DialStatus").toUpperCase().replace(/[\s_]/g, "")];
  if (byDial !== undefined) return byDial;
  const cause = Number(bodyText(body, "Cause") || bodyText(body, "HangupCause") || "16");
  if (BUSY_CAUSES.has(cause)) return "busy";
  if (FAILED_CAUSES.has(cause)) return "failed";
  if (cause === CANCEL_CAUSE) return "cancelled";
  return direction === "unknown" && bodyText(body, "CallStatus") === "" ? "unknown" : "missed";
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
 * How long the call had lasted at its hangup by the sender's own clock, in milliseconds: `EndTime` less `StartTime`
 * (`DateReceived` on legs that have none). Their zone does not matter, for only the difference is used.
 */
export const saidDurationMs = (hangup: CallEvent): number | undefined => {
  const { body } = hangup.record;
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
