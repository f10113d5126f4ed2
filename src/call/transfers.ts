// Detects transfers from the order in which parties talked with the outside party (internal calls: with the caller). A
// party that joins while another stays is a third party until the other leaves. A dial after the talk whose numbers
// never talk is a transfer that was not answered.

import { cleanNumber } from "../asterisk/index.ts";
import { addNew } from "../lib/add-new.ts";
import type { CallEvent } from "./events.ts";
import type { Parties } from "./parties.ts";
import type { Presence } from "./presence.ts";
import { consulted, type TalkTimeline } from "./talk.ts";
import type { Transfer } from "./types.ts";

/** A dial this little before the end of a talk belongs to what comes after it: events of one moment swap. */
const TOGETHER_MS = 500;

/**
 * Delivered late a second time: the same dial stands earlier, and its channel has hung up since. Before the hangup an
 * equal dial may be a transfer back.
 */
const isLateRepeat = (dial: CallEvent, events: readonly CallEvent[]): boolean => {
  const earlier = events
    .slice(0, events.indexOf(dial))
    .filter((event) => event.uniqueId === dial.uniqueId);
  const body = JSON.stringify(dial.record.body);
  return (
    earlier.some(({ type }) => type === "hangup") &&
    earlier.some(({ type, record }) => type === "dial" && JSON.stringify(record.body) === body)
  );
};

export type TransferFacts = {
  readonly timeline: TalkTimeline;
  /** The call's own, in order of happening. */
  readonly events: readonly CallEvent[];
  readonly parties: Parties;
  readonly presences: readonly Presence[];
};

/** Blind transfers that the sender tells of and that nobody was dialled for: where they should have gone. */
const deadEnds = ({ timeline, events, parties }: TransferFacts): Transfer[] => {
  const transfers: Transfer[] = [];
  for (const event of events) {
    if (event.type !== "transfer") continue;
    const from = cleanNumber(event.text("From"));
    const to = cleanNumber(event.text("To"));
    if (from === null || to === null || from === parties.phone) continue;
    const isFollowed =
      events.some(({ type, at }) => type === "dial" && at >= event.at - TOGETHER_MS) ||
      timeline.segments.some(({ from: at }) => at > event.at);
    if (!isFollowed) transfers.push({ at: event.at, kind: "blind", from, to, completed: false });
  }
  return transfers;
};

/** Since when each held the call, in order: who talked first, and each who took it over. */
type Holders = { readonly since: number; readonly number: string }[];

/** Transfers that were taken, and the holders that they made. */
const takenOver = ({ timeline, parties }: TransferFacts): [Transfer[], Holders] => {
  const caller = parties.direction === "internal" ? parties.phone : null;
  const transfers: Transfer[] = [];
  const holders: Holders = [];
  let holder: string | undefined;
  for (const segment of timeline.segments) {
    if (holder !== undefined && segment.with.includes(holder)) continue;
    const next = segment.with.findLast((number) => number !== "" && number !== caller);
    if (next === undefined) continue;
    if (holder !== undefined) {
      const kind = consulted(timeline, holder, next) ? "attended" : "blind";
      transfers.push({ at: segment.from, kind, from: holder, to: next, completed: true });
    }
    holder = next;
    holders.push({ since: segment.from, number: next });
  }
  return [transfers, holders];
};

/** Whether the channel that somebody talked on is still there then: he waits for an answer, and may take the call back. */
const staysBeyond = (
  { parties, presences }: TransferFacts,
  number: string,
  at: number,
): boolean => {
  const own = presences.filter(({ channelKey }) => parties.partyOf(channelKey).number === number);
  const before = new Set(own.filter(({ start }) => start < at).map(({ channelKey }) => channelKey));
  return own.some(({ channelKey, end }) => before.has(channelKey) && end > at + TOGETHER_MS);
};

/** Whom the holder of the call dialled for it and who did not take it. */
const untaken = (facts: TransferFacts, holders: Holders): Transfer[] => {
  const { timeline, events, parties } = facts;
  const attempts = new Map<string, Omit<Transfer, "to"> & { readonly to: string[] }>();
  for (const dial of events) {
    if (dial.type !== "dial") continue;
    const from = holders.findLast(({ since }) => since < dial.at - TOGETHER_MS)?.number;
    if (from === undefined) continue;
    const next = timeline.segments.find((segment) => segment.to > dial.at + TOGETHER_MS);
    const isInTalk = next !== undefined && next.from <= dial.at;
    const isTaken = next !== undefined && !next.with.includes(from);
    const to = dial.numbers.filter((number) => number !== parties.phone && number !== from);
    if (isInTalk || isTaken || to.length === 0 || isLateRepeat(dial, events)) continue;
    // All that rang in vain between two talks was one attempt.
    const name = `${from} ${next?.from ?? ""}`;
    const known = attempts.get(name) ?? {
      at: dial.at,
      kind: staysBeyond(facts, from, dial.at) ? ("attended" as const) : ("blind" as const),
      from,
      to: [],
      completed: false,
    };
    for (const number of to) addNew(known.to, number);
    attempts.set(name, known);
  }
  return [...attempts.values()].map((attempt) => ({ ...attempt, to: attempt.to.join("&") }));
};

/** Transfers of a call in order. */
export const readTransfers = (facts: TransferFacts): Transfer[] => {
  const [transfers, holders] = takenOver(facts);
  if (holders.length > 0) transfers.push(...untaken(facts, holders));
  transfers.push(...deadEnds(facts));
  return transfers.sort((a, b) => a.at - b.at);
};
