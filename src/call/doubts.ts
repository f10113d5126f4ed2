// Facts that limit how far a call can be trusted: missing events, repaired bodies, clocks that differ. A sender that
// never posts bridge_leave is not reported for it.

import { saysRecovered, timeSaid } from "../domain/event-time.ts";
import { clockDifferenceMs } from "./ending.ts";
import type { CallEvent } from "./events.ts";
import type { Presence } from "./presence.ts";
import type { AssembleOptions, Call, Doubt, DoubtCode } from "./types.ts";

/** A clock difference above this is reported; events may come several seconds after what they tell. */
const CLOCK_DIFFERS_MS = 30_000;

/** A larger difference between the talk time in the hangup and that of the bridges is reported. */
const TALK_DIFFERS_MS = 2000;

type DoubtFacts = {
  readonly call: Call;
  readonly events: readonly CallEvent[];
  readonly presences: readonly Presence[];
  readonly hangup: CallEvent | undefined;
  readonly over: boolean;
  /** It may have ended while no events came. */
  readonly isUncertain: boolean;
  readonly options: AssembleOptions;
};

const isRecovered = (event: CallEvent): boolean => saysRecovered(event.text("_recovered"));

/**
 * By how much the sender's clock is ahead of ours, in milliseconds. Events that tell their own time may be posted late,
 * so only the least late of them speaks for the clock; one from the future always does.
 */
const clockAheadMs = (events: readonly CallEvent[], hangup: CallEvent | undefined): number => {
  const ahead: number[] = [];
  for (const event of events) {
    const told = timeSaid(event.text("EventTime"), event.record.at);
    if (told !== undefined && !isRecovered(event)) ahead.push(told - event.record.at);
  }
  if (ahead.length > 0) return Math.max(...ahead);
  return hangup === undefined || isRecovered(hangup) ? 0 : (clockDifferenceMs(hangup) ?? 0);
};

/** For how long an agent heard nothing of the PBX before this event, in seconds. */
const gapSeconds = (event: CallEvent): number => {
  const text = event.text("_gap");
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
};

/** Whether the call comes from a PBX's own history, which has no leaving of the last talk. */
const isHistory = (events: readonly CallEvent[]): boolean =>
  events.some((event) => event.text("_imported") !== "");

/** History is late on purpose and as a whole: one word for all of it. */
const lateDoubts = (events: readonly CallEvent[]): Doubt[] =>
  isHistory(events)
    ? [{ code: "imported" }]
    : counted("recovered", events.filter(isRecovered).length);

/** The doubts that the parties' stays in bridges leave. */
const bridgeDoubts = ({ events, presences, over }: DoubtFacts): Doubt[] => {
  const named = presences.filter((presence) => presence.bridgeKnown && !presence.local);
  const noEnter = named.filter((presence) => !presence.enterSeen).length;
  const leavesPosted = named.some((presence) => presence.endedBy === "leave");
  const noLeave = named.filter(
    (presence) => presence.endedBy === "hangup" || (presence.endedBy === "open" && over),
  ).length;
  return [
    ...counted("no-enter", noEnter),
    ...counted("no-leave", leavesPosted && !isHistory(events) ? noLeave : 0),
  ];
};

/** Nothing where there is none. */
const counted = (code: DoubtCode, count: number): Doubt[] => (count === 0 ? [] : [{ code, count }]);

const clockDoubts = ({ events, hangup }: DoubtFacts): Doubt[] => {
  const seconds = Math.round(clockAheadMs(events, hangup) / 1000);
  return Math.abs(seconds) * 1000 > CLOCK_DIFFERS_MS
    ? [{ code: "clock-differs", count: seconds }]
    : [];
};

/** A customer who was called by the PBX itself (an autodialer) talks with the dialplan: no bridge is missed there. */
const isBridgeMissed = (call: Call, hangup: CallEvent | undefined): boolean =>
  hangup !== undefined &&
  call.status === "answered" &&
  call.answeredAt === null &&
  (hangup.text("ExternalInitiated") !== "true" || call.answeredBy.length > 0);

/** The talk time in the hangup of a call with one hangup and no transfer, against the one that its bridges show. */
const talkDoubts = ({ call, events, hangup }: DoubtFacts): Doubt[] => {
  const hangups = events.filter(({ type }) => type === "hangup");
  const said = hangup === undefined ? "" : hangup.text("Talk");
  // Agents count a consultation before a transfer as talk.
  const isPlain = hangups.length === 1 && call.transfers.length === 0;
  if (!isPlain || call.talkMs === null || !/^\d{1,6}(?:\.\d+)?$/.test(said)) return [];
  const differsMs = Math.abs(Number(said) * 1000 - call.talkMs);
  return differsMs > TALK_DIFFERS_MS
    ? [{ code: "talk-differs", count: Math.round(differsMs / 1000) }]
    : [];
};

/** The doubts about a call, gravest first. */
export const readDoubts = (seen: DoubtFacts): Doubt[] => {
  const { call, events, hangup, over, options } = seen;
  const where = (condition: boolean, code: DoubtCode): Doubt[] => (condition ? [{ code }] : []);
  // What the PBX was asked to place has no start, and no dial before its own phone is taken up.
  const isOriginated = hangup !== undefined && hangup.text("ExternalInitiated") === "true";
  const isPlaced =
    isOriginated || events.some((event) => event.type === "start" || event.type === "dial");
  const isOutside = call.direction === "incoming" || call.direction === "outgoing";
  const saysUnanswered = hangup !== undefined && hangup.text("CallStatus") === "0";
  const isAnswered = call.answeredAt !== null;
  return [
    ...where(over || seen.isUncertain, "no-hangup"),
    ...where(!isPlaced && isOutside, "no-start"),
    ...where(isBridgeMissed(call, hangup), "no-bridge"),
    ...where(saysUnanswered && isAnswered, "status-differs"),
    ...talkDoubts(seen),
    ...bridgeDoubts(seen),
    ...counted(
      "salvaged",
      events.filter(({ record }) => Object.hasOwn(record.body, "_raw")).length,
    ),
    ...lateDoubts(events),
    ...counted("gap", Math.max(0, ...events.map(gapSeconds))),
    ...clockDoubts(seen),
    ...counted("unreadable-lines", options.unreadableLines ?? 0),
    ...where(options.isCut === true, "too-many-records"),
    ...(options.earlierCallAt === undefined
      ? []
      : [{ code: "earlier-call-with-this-id" as const, at: options.earlierCallAt }]),
  ];
};
