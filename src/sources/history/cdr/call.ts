// The rows of one call to its events, as a sender would have posted them. Pure but for what `peers` learns. What rows do not
// tell is not made up: who hung up, hold, when a menu was left for a person.

import { createHash } from "node:crypto";
import { cleanNumber, isExtensionNumber } from "../../../asterisk/index.ts";
import { bodyExtensions } from "../../../domain/event.ts";
import { err, ok, type Result } from "../../../lib/result.ts";
import type { Peers } from "../../ami/index.ts";
import type { AgentEvent } from "../../outbox/types.ts";
import { calledOf, callerOf, type End, nameKey, pipeTo } from "./parties.ts";
import type { CdrRow } from "./row.ts";

/** A stretch of the call: who was rung by whom, and whether they talked. */
type Leg = {
  readonly row: CdrRow;
  readonly from: End;
  readonly to: End;
  readonly isAnswered: boolean;
};

type CallType = 0 | 1 | 2;

type Story = {
  readonly id: string;
  readonly rows: readonly CdrRow[];
  readonly first: CdrRow;
  readonly caller: End;
  readonly legs: readonly Leg[];
  readonly type: CallType;
  readonly startedAt: number;
  readonly endedAt: number;
};

const CONFERENCE = /^(?:confbridge|conference|meetme)$/i;
const VOICEMAIL = /^(?:mini)?(?:vm|voicemail)/i;
const MENU = /^(?:background|waitexten|read|playback|ivr)/i;
/** Rows that begin so near to each other rang together. */
const TOGETHER_MS = 1500;

const hash = (...parts: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);

const rowHash = (row: CdrRow): string =>
  hash(row.start, row.end, row.uniqueId, row.channel, row.dstChannel, row.src, row.dst);

/** The number between the brackets, and the name before them. */
const shownName = ({ clid, src }: CdrRow): string => {
  const name = (/^\s*"?(.*?)"?\s*<[^>]*>\s*$/s.exec(clid)?.[1] ?? "").replaceAll('""', '"').trim();
  return name === src || cleanNumber(name) === cleanNumber(src) ? "" : name;
};

/** Legs without the stretches inside the PBX: a pipe counts as whom it leads to, where no other row tells. */
const legsOf = (rows: readonly CdrRow[], caller: End, peers: Peers): Leg[] => {
  const callers = new Set(rows.map(({ channel }) => nameKey(channel)));
  return rows.flatMap((row) => {
    const isAnswered = row.answer !== undefined;
    const own = callerOf(row, peers);
    const from = own.kind === "inner" ? caller : own;
    const to = calledOf(row, peers);
    if (to === undefined) return [];
    if (to.kind !== "inner") return [{ row, from, to, isAnswered }];
    const number = callers.has(nameKey(row.dstChannel)) ? "" : pipeTo(row.dstChannel);
    if (number === "") return [];
    return [{ row, from, to: { kind: "extension", number, line: "", channel: "" }, isAnswered }];
  });
};

const isTelephone = (number: string): boolean => /^\+?\d{7,}$/.test(number);

const typeOf = (caller: End, legs: readonly Leg[], first: CdrRow): CallType => {
  if (caller.kind === "trunk") return 0;
  const [leg] = legs;
  if (leg !== undefined) return leg.to.kind === "trunk" ? 1 : 2;
  return isTelephone(cleanNumber(first.dst) ?? "") ? 1 : 2;
};

const secondsText = (ms: number): string => String(ms / 1000);
const dateText = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

class Teller {
  readonly #story: Story;
  readonly events: AgentEvent[] = [];

  constructor(story: Story) {
    this.#story = story;
  }

  tell(event: string, at: number, id: string, body: Readonly<Record<string, unknown>>): void {
    const { id: uniqueId, type } = this.#story;
    this.events.push({
      event,
      body: {
        UniqueId: uniqueId,
        CallType: type,
        ...body,
        Linkedid: uniqueId,
        EventTime: secondsText(at),
        EventId: `cdr/${event}/${hash(uniqueId, this.#story.startedAt, id)}`,
      },
    });
  }
}

const phoneOf = ({ type, caller, first, legs }: Story): string => {
  if (type !== 1) return caller.number;
  const over = legs.find(({ to }) => to.kind === "trunk")?.to.number ?? "";
  return cleanNumber(first.dst) ?? over;
};

/** Of an incoming call the number on our side that was called, where a row tells it. */
const didOf = ({ rows, first, legs }: Story): string => {
  const told = rows.find(({ did }) => did !== "")?.did;
  if (told !== undefined) return told;
  const dialled = cleanNumber(first.dst) ?? "";
  const isPerson = isExtensionNumber(dialled) || legs.some(({ to }) => to.number === dialled);
  return isPerson ? "" : dialled;
};

const extenOf = (story: Story): string =>
  story.type === 0 ? didOf(story) : story.caller.kind === "extension" ? story.caller.number : "";

/** Those of our side who are rung by a leg: none where it leaves over a line on the way out. */
const rungBy = ({ type, caller }: Story, { from, to }: Leg): string[] => {
  const isWayOut = type === 1 && to.kind === "trunk" && from.channel === caller.channel;
  return isWayOut || to.number === "" ? [] : [to.number];
};

const lineOf = ({ caller, legs }: Story): string =>
  caller.kind === "trunk"
    ? caller.line
    : (legs.find(({ to }) => to.kind === "trunk")?.to.line ?? "");

const withTrunk = (line: string): { Trunk?: string } => (line === "" ? {} : { Trunk: line });

/** Legs of one moment and one caller are one dial. */
const dialsOf = (legs: readonly Leg[]): Leg[][] => {
  const dials: Leg[][] = [];
  for (const leg of legs) {
    const same = dials.find(([one]) => {
      if (one === undefined || one.from.channel !== leg.from.channel) return false;
      return one.to.kind === leg.to.kind && Math.abs(one.row.start - leg.row.start) <= TOGETHER_MS;
    });
    if (same === undefined) dials.push([leg]);
    else same.push(leg);
  }
  return dials;
};

const tellDials = (teller: Teller, story: Story): void => {
  for (const legs of dialsOf(story.legs)) {
    const [leg] = legs;
    if (leg === undefined) continue;
    const line = leg.to.kind === "trunk" ? leg.to.line : lineOf(story);
    teller.tell("dial", leg.row.start, rowHash(leg.row), {
      Phone: phoneOf(story),
      Exten: extenOf(story),
      Extensions: [...new Set(legs.flatMap((one) => rungBy(story, one)))],
      ...withTrunk(line),
    });
  }
};

const whoIs = ({ kind, number, line }: End): { Extension?: string; Line?: string } =>
  kind === "extension" ? { Extension: number } : { Line: line || number };

/** An end without a channel gets an id that no channel has: it must be told from the other one. */
const channelOf = (end: End): { Channel?: string; ChanUniqueId?: string } =>
  end.channel === ""
    ? { ChanUniqueId: `cdr-${hash(end.kind, end.number)}` }
    : { Channel: end.channel };

const tellTalk = (teller: Teller, story: Story, { row, from, to }: Leg): void => {
  const key = rowHash(row);
  const answer = row.answer ?? row.end;
  const ends = [from, to] as const;
  // Both leave with the end of the call: who was the first is not told, and must not seem to be.
  const isLast = row.end >= story.endedAt;
  const moments = [["bridge", answer] as const, ["bridge_leave", row.end] as const];
  for (const [event, at] of isLast ? moments.slice(0, 1) : moments) {
    for (const [index, end] of ends.entries()) {
      const phone = phoneOf(story);
      const isOutside = end.kind === "trunk" && (end === story.caller || story.type === 1);
      teller.tell(event, at, `${key} ${index}`, {
        BridgeUniqueid: `cdr-${key}`,
        BridgeNumChannels: event === "bridge" ? String(index + 1) : String(1 - index),
        CallerIDNum: isOutside && end.number === "" ? phone : end.number,
        ConnectedLineNum: ends[1 - index]?.number ?? "",
        ...whoIs(end),
        ...channelOf(end),
      });
    }
  }
};

/** Seconds during which somebody talked, of whatever pair. */
const talkMs = (legs: readonly Leg[]): number => {
  let talked = 0;
  let reached = 0;
  const spans = legs.flatMap(({ row, isAnswered }) =>
    isAnswered ? [{ from: row.answer ?? row.end, to: row.end }] : [],
  );
  for (const { from, to } of spans.sort((a, b) => a.from - b.from)) {
    talked += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return talked;
};

const DIAL_STATUS = { BUSY: "BUSY", FAILED: "CONGESTION", CANCEL: "CANCEL", NOANSWER: "NOANSWER" };

/** All busy, all failed; else nobody answered. */
const dialStatus = (rows: readonly CdrRow[]): string => {
  const ends = new Set(rows.map(({ disposition }) => disposition));
  const [only] = ends;
  return ends.size === 1 && only !== undefined && only !== "ANSWERED"
    ? DIAL_STATUS[only]
    : "NOANSWER";
};

/** What of the PBX a call without people was with. */
const kindOf = (story: Story, isAnswered: boolean): Readonly<Record<string, unknown>> => {
  const { type, legs, rows, first } = story;
  if (isAnswered) return {};
  if (type === 2 && legs.length === 0 && !/^dial$/i.test(first.app)) {
    return { Service: true, Dialled: first.dst };
  }
  const apps = rows.filter(({ dstChannel }) => dstChannel === "").map(({ app }) => app);
  if (type !== 0) return {};
  if (apps.some((app) => VOICEMAIL.test(app))) return { Reached: "voicemail" };
  return apps.some((app) => MENU.test(app)) ? { Reached: "menu" } : {};
};

/** Whom `Dial` was told to ring, where no row has the channel of anybody. */
const toldToRing = ({ app, appData }: CdrRow): string[] =>
  /^dial$/i.test(app)
    ? bodyExtensions({ Extensions: appData.split(",")[0] ?? "" }).filter(isExtensionNumber)
    : [];

const tellHangup = (teller: Teller, story: Story): void => {
  const { type, caller, legs, rows, first, startedAt, endedAt } = story;
  const answered = legs.filter(({ isAnswered }) => isAnswered);
  const conference = rows.find(({ app, answer }) => CONFERENCE.test(app) && answer !== undefined);
  const isAnswered = answered.length > 0 || conference !== undefined;
  const answerAt = Math.min(
    ...answered.map(({ row }) => row.answer ?? row.end),
    conference?.answer ?? Number.POSITIVE_INFINITY,
  );
  const own = type === 1 && caller.kind === "extension" ? [caller.number] : [];
  const with_ = (isAnswered ? answered : legs).flatMap((leg) => rungBy(story, leg));
  const rung = legs.length === 0 ? toldToRing(first) : with_;
  const talk = answered.length > 0 ? talkMs(legs) : endedAt - answerAt;
  const recording = rows.findLast((row) => row.recording !== "")?.recording ?? "";
  teller.tell("hangup", endedAt, "", {
    CallStatus: isAnswered ? "2" : "0",
    Phone: phoneOf(story),
    Exten: extenOf(story),
    Extensions: [...new Set([...own, ...rung])],
    ...withTrunk(lineOf(story)),
    StartTime: dateText(startedAt),
    ...(isAnswered ? { AnswerTime: dateText(answerAt) } : {}),
    EndTime: dateText(endedAt),
    Talk: isAnswered ? Math.round(talk) / 1000 : 0,
    Total: (endedAt - startedAt) / 1000,
    ...(isAnswered
      ? {}
      : { DialStatus: dialStatus(legs.length > 0 ? legs.map(({ row }) => row) : rows) }),
    ...kindOf(story, isAnswered),
    ...(recording === "" ? {} : { Recording: recording }),
  });
};

const storyOf = (rows: readonly CdrRow[], peers: Peers): Story | undefined => {
  const [earliest] = rows;
  if (earliest === undefined) return undefined;
  const ends = rows.map((row) => ({ row, end: callerOf(row, peers) }));
  const placed = ends.find(({ end }) => end.kind !== "inner");
  if (placed === undefined) return undefined;
  const { row: first, end: caller } = placed;
  const legs = legsOf(rows, caller, peers);
  const linked = rows.find(({ linkedId }) => linkedId !== "")?.linkedId ?? "";
  return {
    id: linked || first.uniqueId || `cdr-${rowHash(first)}`,
    rows,
    first,
    caller,
    legs,
    type: typeOf(caller, legs, first),
    startedAt: earliest.start,
    endedAt: Math.max(...rows.map(({ end }) => end)),
  };
};

/**
 * The events of a call.
 *
 * @param rows all of the call, in the order of their starts
 * @param peers what has been learned of all rows
 * @returns why there are none, where the rows are of no call between people
 */
export const callEvents = (
  rows: readonly CdrRow[],
  peers: Peers,
): Result<readonly AgentEvent[], string> => {
  const story = storyOf(rows, peers);
  if (story === undefined) return err("nobody's channel: the PBX itself");
  const teller = new Teller(story);
  const { first, caller, startedAt } = story;
  if (story.type === 0) {
    const name = shownName(first);
    teller.tell("start", startedAt, "", {
      Phone: caller.number,
      ...(name === "" ? {} : { CallerIDName: name }),
      Exten: didOf(story),
      ...withTrunk(caller.line),
      StartTime: dateText(startedAt),
    });
  }
  tellDials(teller, story);
  if (story.type !== 0 && story.legs.length === 0) {
    teller.tell("dial", startedAt, "", {
      Phone: phoneOf(story),
      Exten: extenOf(story),
      Extensions: toldToRing(first),
    });
  }
  for (const leg of story.legs) if (leg.isAnswered) tellTalk(teller, story, leg);
  tellHangup(teller, story);
  return ok(teller.events);
};

/** Lets `peers` learn of a row. */
export const learnFrom = (row: CdrRow, peers: Peers): void => {
  callerOf(row, peers);
  calledOf(row, peers);
};
