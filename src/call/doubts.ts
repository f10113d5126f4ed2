// What the reader should know before believing the rest: gaps, repairs, clocks that differ. Only what is wrong is said;
// a sender that never posts bridge_leave is not doubted for it.

import { bodyText } from "../domain/event.ts";
import { eventTimeOf, isRecovered } from "../domain/event-time.ts";
import type { AssembleOptions } from "./assemble.ts";
import { clockDifferenceMs } from "./ending.ts";
import type { CallEvent } from "./events.ts";
import type { Presence } from "./presence.ts";
import type { Call, Doubt } from "./types.ts";

/** A clock difference worth a word; events may lag several seconds behind what they tell. */
const CLOCK_DIFFERS_MS = 30_000;

type Seen = {
  readonly call: Call;
  readonly events: readonly CallEvent[];
  readonly presences: readonly Presence[];
  readonly hangup: CallEvent | undefined;
  readonly over: boolean;
  readonly options: AssembleOptions;
};

/**
 * By how much the sender's clock is ahead of ours, in milliseconds. Events that tell their own time may be posted late,
 * so only the least late of them speaks for the clock; one from the future always does.
 */
const clockAheadMs = (events: readonly CallEvent[], hangup: CallEvent | undefined): number => {
  const live = events.filter((event) => !isRecovered(event.record));
  const ahead = live.flatMap((event) => {
    const told = eventTimeOf(event.record);
    return told === undefined ? [] : [told - event.record.at];
  });
  if (ahead.length > 0) return Math.max(...ahead);
  return hangup === undefined || isRecovered(hangup.record) ? 0 : (clockDifferenceMs(hangup) ?? 0);
};

/** For how long an agent heard nothing of the PBX before this event, in seconds. */
const gapSeconds = ({ record }: CallEvent): number => {
  const text = bodyText(record.body, "_gap");
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
};

/** The doubts about a call, gravest first. */
export const readDoubts = ({ call, events, presences, hangup, over, options }: Seen): Doubt[] => {
  const doubts: Doubt[] = [];
  const add = (code: Doubt["code"], message: string, count?: number): void => {
    doubts.push(count === undefined ? { code, message } : { code, message, count });
  };

  if (over) add("no-hangup", "No hangup was seen: when the call ended is not known.");
  const placed = events.some((event) => event.type === "start" || event.type === "dial");
  if (!placed && (call.direction === "incoming" || call.direction === "outgoing")) {
    add("no-start", "Neither a start nor a dial was seen: the call may have begun earlier.");
  }
  if (call.status === "answered" && call.answeredAt === null && hangup !== undefined) {
    add("no-bridge", "The hangup says the call was answered, but no bridge was seen.");
  }
  if (
    hangup !== undefined &&
    call.answeredAt !== null &&
    bodyText(hangup.record.body, "CallStatus") === "0"
  ) {
    add("status-differs", "The hangup says nobody answered, but the bridges show a conversation.");
  }
  const named = presences.filter((presence) => presence.bridgeKnown && !presence.local);
  const noEnter = named.filter((presence) => !presence.enterSeen).length;
  if (noEnter > 0) {
    add(
      "no-enter",
      `Seen leaving a bridge but not entering it: ${noEnter} of the parties.`,
      noEnter,
    );
  }
  const leavesPosted = named.some((presence) => presence.endedBy === "leave");
  const noLeave = named.filter(
    (presence) => presence.endedBy === "hangup" || (presence.endedBy === "open" && over),
  ).length;
  if (leavesPosted && noLeave > 0) {
    add("no-leave", `Not seen leaving their bridge: ${noLeave} of the parties.`, noLeave);
  }
  const salvaged = events.filter((event) => Object.hasOwn(event.record.body, "_raw")).length;
  if (salvaged > 0) {
    add(
      "salvaged",
      `Events that were not valid JSON, of which what could be read was kept: ${salvaged}.`,
      salvaged,
    );
  }
  const recovered = events.filter(({ record }) => isRecovered(record)).length;
  if (recovered > 0) {
    add("recovered", `Events that came late, after an interruption: ${recovered}.`, recovered);
  }
  const gap = Math.max(0, ...events.map(gapSeconds));
  if (gap > 0) {
    add("gap", `For ${gap} s nothing was heard of the PBX: what happened then is not known.`, gap);
  }
  const seconds = Math.round(clockAheadMs(events, hangup) / 1000);
  if (Math.abs(seconds) * 1000 > CLOCK_DIFFERS_MS) {
    const way = seconds > 0 ? "ahead of" : "behind";
    add("clock-differs", `The sender's clock is ${Math.abs(seconds)} s ${way} ours.`, seconds);
  }
  const lines = options.unreadableLines ?? 0;
  if (lines > 0)
    add("unreadable-lines", `Lines about this call that cannot be read: ${lines}.`, lines);
  if (options.isCut === true) {
    add("too-many-records", "More records hang together than a call has: some are left out.");
  }
  if (options.earlierCallAt !== undefined) {
    add(
      "earlier-call-with-this-id",
      `An earlier call had the same id, at ${new Date(options.earlierCallAt).toISOString()}.`,
    );
  }
  return doubts;
};
