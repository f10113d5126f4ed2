// Assembles one call from its records. Pure: the result depends on the records, the current time and the call
// time-out, not on the order in which events arrived. Repeated and missing events change only what cannot be known
// without them.

import { cleanNumber, sameNumber } from "../asterisk/index.ts";
import type { StoredRecord } from "../domain/record.ts";
import { addNew } from "../lib/add-new.ts";
import { readDoubts } from "./doubts.ts";
import {
  endingHangup,
  saidDurationMs,
  saidTalkMs,
  saysAnswered,
  unansweredStatus,
} from "./ending.ts";
import { type CallEvent, callEvents, lastHangup } from "./events.ts";
import { holdingSpans } from "./hold.ts";
import { type Parties, readParties } from "./parties.ts";
import { type Presence, presences as readPresences } from "./presence.ts";
import { talkMs as sumTalkMs, type TalkTimeline, talkTimeline } from "./talk.ts";
import { readTransfers } from "./transfers.ts";
import type {
  AssembledCall,
  AssembleOptions,
  Call,
  CallStatus,
  Participant,
  Span,
  Transfer,
} from "./types.ts";

/** How soon after the last talk the end must follow for the first to leave to be the one who hung up. */
const HANGUP_FOLLOWS_MS = 5000;

/** Events of one moment swap within this. */
const SAME_MOMENT_MS = 500;

/** Our parties who talked, in order; a hidden one is named by what the sender says, where that leaves no choice. */
const whoAnswered = (
  timeline: TalkTimeline,
  parties: Parties,
  hangup: CallEvent | undefined,
): string[] => {
  const { direction, phone, rung, saidToHaveTalked } = parties;
  const talked = new Set<string>();
  const addSaid = (): void => {
    for (const said of saidToHaveTalked) talked.add(said);
  };
  for (const { with: numbers } of timeline.segments) {
    for (const number of numbers) {
      if (number !== "") talked.add(number);
      else if (direction === "outgoing" && rung[0] !== undefined) talked.add(rung[0]);
      else if (saidToHaveTalked.length > 0) addSaid();
      else if (rung.length === 1) talked.add(rung[0] as string);
    }
  }
  if (talked.size === 0 && hangup !== undefined && saysAnswered(hangup) === true) addSaid();
  if (direction === "internal" && phone !== null) talked.delete(phone);
  return [...talked];
};

const decideStatus = (
  parties: Parties,
  timeline: TalkTimeline,
  hangup: CallEvent | undefined,
  over: boolean,
): CallStatus => {
  const talked = timeline.segments.length > 0;
  if (hangup !== undefined) {
    return talked || saysAnswered(hangup) === true
      ? "answered"
      : unansweredStatus(hangup, parties.direction);
  }
  if (talked) return over ? "answered" : "talking";
  return over ? "unknown" : "ringing";
};

type Ended = {
  readonly status: CallStatus;
  readonly parties: Parties;
  readonly timeline: TalkTimeline;
  readonly presences: readonly Presence[];
  readonly hangup: CallEvent | undefined;
};

/** What was dialled to reach a service of the PBX, as the ending hangup says. */
const dialledService = (status: CallStatus, hangup: CallEvent | undefined): string | null =>
  status === "service" && hangup !== undefined
    ? cleanNumber(hangup.text("Dialled") || hangup.text("Phone"))
    : null;

/** What the PBX did where nobody talked, as the ending hangup says. */
const readUse = (
  status: CallStatus,
  hangup: CallEvent | undefined,
): Pick<Call, "reached" | "isOwnPhoneSilent"> => {
  const isUnanswered = status !== "answered";
  const reached = hangup?.text("Reached") ?? "";
  return {
    reached: isUnanswered && (reached === "voicemail" || reached === "menu") ? reached : null,
    isOwnPhoneSilent: isUnanswered && hangup?.text("OwnPhone") === "unanswered",
  };
};

/** Who hung up: the caller of a cancelled call; of a talk, the first to leave it, where the end followed at once. */
const whoHungUp = ({ status, parties, timeline, presences, hangup }: Ended): string | null => {
  if (hangup === undefined) return null;
  const said = cleanNumber(hangup.text("HungUpBy"));
  if (said !== null) return said;
  if (status === "cancelled") {
    return parties.direction === "outgoing" ? (parties.rung[0] ?? null) : parties.phone;
  }
  const last = timeline.segments.at(-1);
  if (last === undefined || hangup.at - last.to > HANGUP_FOLLOWS_MS) return null;
  const leaving = presences
    .filter(
      (presence) =>
        presence.endedBy === "leave" &&
        !presence.local &&
        presence.end === last.to &&
        presence.start < last.to,
    )
    .toSorted((a, b) => leaveOrder(a) - leaveOrder(b))[0];
  return leaving === undefined ? null : parties.partyOf(leaving.channelKey).number;
};

const leaveOrder = (presence: Presence): number => presence.events.at(-1)?.order ?? 0;

const spanTo = (end: number): number | null => (Number.isFinite(end) ? end : null);

/** Adds a stretch behind others, to the last of them where it touches it. */
const addSpan = (spans: Span[], { from, to }: Span): void => {
  const last = spans.at(-1);
  if (last?.to === from) spans.splice(-1, 1, { from: last.from, to });
  else spans.push({ from, to });
};

/** When the call was talked in, and when each number of ours talked. */
const talkingSpans = (
  timeline: TalkTimeline,
): { readonly whole: readonly Span[]; readonly of: (number: string) => readonly Span[] } => {
  const whole: Span[] = [];
  const byNumber = new Map<string, Span[]>();
  for (const { from, to, with: numbers } of timeline.segments) {
    const span = { from, to: spanTo(to) };
    addSpan(whole, span);
    for (const number of numbers) {
      const own = byNumber.get(number);
      if (own === undefined) byNumber.set(number, [span]);
      else addSpan(own, span);
    }
  }
  return { whole, of: (number) => byNumber.get(number) ?? [] };
};

/** Ringing of one number: from each dial that names it until the next moment that settles it. */
const ringingSpans = (
  events: readonly CallEvent[],
  number: string,
  talking: readonly Span[],
  endedAt: number | null,
): Span[] => {
  const spans: Span[] = [];
  for (const dial of events) {
    if (dial.type !== "dial" || !dial.extensions.some((text) => cleanNumber(text) === number)) {
      continue;
    }
    const answered = events.find(
      (event) => event.type === "bridge" && event.at >= dial.at && event.uniqueId === dial.uniqueId,
    )?.at;
    const redialled = events.find(
      (event) => event.type === "dial" && event.at > dial.at && event.uniqueId === dial.uniqueId,
    )?.at;
    const own = talking.find((span) => span.from >= dial.at)?.from;
    const ends = [answered, redialled, own, endedAt].filter(
      (at): at is number => typeof at === "number" && at >= dial.at,
    );
    spans.push({ from: dial.at, to: ends.length === 0 ? null : Math.min(...ends) });
  }
  return spans;
};

type Attendance = {
  readonly parties: Parties;
  readonly ours: readonly string[];
  readonly events: readonly CallEvent[];
  readonly timeline: TalkTimeline;
  readonly holds: ReturnType<typeof holdingSpans>;
  readonly endedAt: number | null;
};

const listParticipants = ({
  parties,
  ours,
  events,
  timeline,
  holds,
  endedAt,
}: Attendance): Participant[] => {
  const talking = talkingSpans(timeline);
  const holding = (number: string | null): readonly Span[] => holds.get(number) ?? [];
  const external = parties.direction !== "internal";
  const caller = external
    ? parties.direction === "outgoing"
      ? (parties.rung[0] ?? null)
      : null
    : parties.phone;
  const participants: Participant[] = [];
  if (external) {
    participants.push({
      number: parties.phone,
      role: "outside",
      ringing: [],
      talking: talking.whole,
      holding: holding(parties.phone),
    });
  } else if (caller !== null) {
    participants.push({
      number: caller,
      role: "caller",
      ringing: [],
      talking: talking.whole,
      holding: holding(caller),
    });
  }
  for (const number of ours) {
    const own = talking.of(number);
    const isCaller = number === caller;
    participants.push({
      number,
      role: isCaller ? "caller" : "callee",
      ringing: isCaller ? [] : ringingSpans(events, number, own, endedAt),
      talking: own,
      holding: holding(number),
    });
  }
  return participants;
};

/** A timeline in which nothing lasts beyond `at`: of a call whose end was never seen. */
const endedBy = (timeline: TalkTimeline, at: number): TalkTimeline => ({
  ...timeline,
  segments: timeline.segments.map((segment) => ({
    ...segment,
    to: Number.isFinite(segment.to) ? segment.to : Math.max(at, segment.from),
  })),
});

/** Each bridge from its first party's entering to its last one's leaving. */
const listBridges = (presences: readonly Presence[], until: number): Call["bridges"] => {
  const named = presences.filter((presence) => presence.bridgeKnown);
  return [...Map.groupBy(named, (presence) => presence.bridgeId)].map(([id, own]) => ({
    id,
    from: Math.min(...own.map((presence) => presence.start)),
    to: spanTo(Math.min(until, Math.max(...own.map((presence) => presence.end)))),
  }));
};

/** Everyone on our side, in the order they were rung; hangups may name more than the dials did. */
const everyoneOurs = (
  events: readonly CallEvent[],
  parties: Parties,
  answeredBy: readonly string[],
): string[] => {
  const numbers = [...parties.rung];
  for (const number of answeredBy) addNew(numbers, number);
  for (const event of events) {
    if (event.type !== "hangup") continue;
    for (const number of event.numbers) {
      const isPhone =
        parties.direction === "internal"
          ? number === parties.phone
          : sameNumber(number, parties.phone);
      if (!isPhone) addNew(numbers, number);
    }
  }
  return numbers;
};

/** What a list says of a call. */
export type CallOutline = Omit<
  Call,
  "bridges" | "hungUpBy" | "participants" | "bridgeIds" | "reached" | "isOwnPhoneSilent"
>;

/** What everything else about a call is read from. */
type Basis = {
  readonly events: readonly CallEvent[];
  readonly options: AssembleOptions;
  readonly parties: Parties;
  readonly presences: readonly Presence[];
  readonly timeline: TalkTimeline;
  readonly hangup: CallEvent | undefined;
  readonly lastSeenAt: number;
  /** Its end was not seen, and it has been silent for the call time-out. */
  readonly over: boolean;
  /** It was talked in when it was heard of last, and is over: nobody knows for how long. */
  readonly isEndLost: boolean;
  /** It may have ended while no events came. */
  readonly isUncertain: boolean;
};

const readBasis = (events: readonly CallEvent[], options: AssembleOptions): Basis => {
  const parties = readParties(events);
  const presences = readPresences(events);
  const last = lastHangup(events, parties.placedBy);
  const wholeTimeline = talkTimeline(
    presences,
    parties,
    last === undefined ? undefined : saysAnswered(last),
  );
  const hangup = endingHangup(events, presences, wholeTimeline);
  let lastSeenAt = Number.NEGATIVE_INFINITY;
  let lastHeardAt = Number.NEGATIVE_INFINITY;
  for (const { at, record } of events) {
    lastSeenAt = Math.max(lastSeenAt, at);
    lastHeardAt = Math.max(lastHeardAt, record.at);
  }
  const over = hangup === undefined && options.now - lastSeenAt > options.callTimeoutMs;
  const isEndLost = over && wholeTimeline.segments.some(({ to }) => !Number.isFinite(to));
  const { listeningSince = Number.NEGATIVE_INFINITY } = options;
  // It may have ended while no events came: it counts as going on, but its talk time does not grow.
  const isUncertain = hangup === undefined && !over && lastHeardAt < listeningSince;
  const timeline = over || isUncertain ? endedBy(wholeTimeline, lastSeenAt) : wholeTimeline;
  return {
    events,
    options,
    parties,
    presences,
    timeline,
    hangup,
    lastSeenAt,
    over,
    isEndLost,
    isUncertain,
  };
};

/** When it began: by what its end says, where that is believable, else its first event. */
const readStart = ({ events, hangup, parties, options }: Basis): number | null => {
  const firstAt = events[0]?.at ?? null;
  if (hangup === undefined || parties.placedBy !== undefined || firstAt === null) return firstAt;
  const said = saidDurationMs(hangup);
  return said !== undefined && said <= options.callTimeoutMs
    ? Math.min(firstAt, hangup.at - said)
    : firstAt;
};

/**
 * Whether an incoming call ended while its caller waited again: a blind transfer after the last talk reached nobody, or he
 * was parked. A consultation that nobody took is none: the caller is taken back.
 */
const isCallerLost = (
  { parties, timeline, presences, hangup }: Basis,
  transfers: readonly Transfer[],
): boolean => {
  const last = timeline.segments.at(-1);
  if (parties.direction !== "incoming" || hangup === undefined || last === undefined) return false;
  const isSentOn = transfers.some(
    ({ at, kind, completed }) => !completed && kind === "blind" && at >= last.to - SAME_MOMENT_MS,
  );
  const isParked = presences.some(
    ({ channelKey, holding, start, end }) =>
      holding &&
      start >= last.to - SAME_MOMENT_MS &&
      end >= hangup.at - SAME_MOMENT_MS &&
      parties.partyOf(channelKey).kind === "outside",
  );
  return isSentOn || isParked;
};

/** Every unique id that the events speak of, in order. */
const idsOf = (events: readonly CallEvent[]): string[] => {
  const ids = new Set<string>();
  for (const event of events) for (const id of event.ids) ids.add(id);
  return [...ids];
};

const readOutline = (basis: Basis): CallOutline => {
  const { events, options, parties, presences, timeline, hangup } = basis;
  const status =
    events.length === 0 ? "unknown" : decideStatus(parties, timeline, hangup, basis.over);
  const endedAt = hangup?.at ?? null;
  const startedAt = readStart(basis);
  const answeredAt = timeline.segments[0]?.from ?? null;
  const noBridge = status === "answered" && answeredAt === null;
  const talkMs = noBridge
    ? (saidTalkMs(hangup as CallEvent) ?? null)
    : basis.isEndLost
      ? null
      : sumTalkMs(timeline, endedAt ?? options.now);
  const settledAt = answeredAt ?? (noBridge ? null : endedAt);
  const answeredBy = whoAnswered(timeline, parties, hangup);
  const transfers = readTransfers({ timeline, events, parties, presences });
  // Told as a call to the outside: what was dialled stands where the customer's number does.
  const isOwnService = status === "service" && parties.direction === "outgoing";
  return {
    enterprise: options.enterprise,
    uniqueIds: idsOf(events),
    direction: status === "service" ? "internal" : parties.direction,
    status,
    phone: isOwnService ? (parties.rung[0] ?? null) : parties.phone,
    callerName: parties.callerName,
    extensions: isOwnService ? [] : everyoneOurs(events, parties, answeredBy),
    answeredBy,
    trunk: parties.trunk,
    dialled: dialledService(status, hangup),
    startedAt,
    answeredAt,
    endedAt,
    waitMs: settledAt === null || startedAt === null ? null : Math.max(0, settledAt - startedAt),
    talkMs,
    totalMs: endedAt === null || startedAt === null ? null : Math.max(0, endedAt - startedAt),
    transfers,
    isLost: status === "answered" && isCallerLost(basis, transfers),
  };
};

/**
 * What a list says of a call, from its own events in order of happening: a part of what `assembleCall` says, for a
 * third of its work.
 */
export const outlineCall = (events: readonly CallEvent[], options: AssembleOptions): CallOutline =>
  readOutline(readBasis(events, options));

/**
 * Assembles a call from its own records (see `collectCall` for finding them); undefined where there is none at all.
 */
export const assembleCall = (
  records: readonly StoredRecord[],
  options: AssembleOptions,
): AssembledCall | undefined => {
  if (records.length === 0) return undefined;
  const events = callEvents(records);
  const basis = readBasis(events, options);
  const { parties, presences, timeline, hangup, over, lastSeenAt, isUncertain } = basis;
  const outline = readOutline(basis);
  const { status, endedAt, answeredBy } = outline;
  const closedAt = endedAt ?? (over ? lastSeenAt : null);
  const call: Call = {
    ...outline,
    bridgeIds: [...new Set(events.flatMap((event) => event.bridgeId || []))],
    ...readUse(status, hangup),
    bridges: listBridges(presences, over ? lastSeenAt : Number.POSITIVE_INFINITY),
    hungUpBy: whoHungUp({ status, parties, timeline, presences, hangup }),
    participants: listParticipants({
      parties,
      ours: everyoneOurs(events, parties, answeredBy),
      events,
      timeline,
      holds: holdingSpans(events, presences, parties, closedAt),
      endedAt: closedAt,
    }),
  };
  return {
    call:
      call.uniqueIds.length > 0
        ? call
        : { ...call, uniqueIds: [...new Set(records.map((r) => r.uniqueId))] },
    records,
    doubts: readDoubts({ call, events, presences, hangup, over, isUncertain, options }),
  };
};
