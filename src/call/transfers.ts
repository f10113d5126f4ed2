// Detects transfers from the order in which parties talked with the outside party (internal calls: with the caller). A
// party that joins while another stays is a third party until the other leaves. A dial after the talk whose numbers
// never talk is a transfer that was not answered.

import { cleanNumber } from "../asterisk/index.ts";
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
const deadEnds = ({ timeline, events, parties }: TransferFacts): Transfer[] =>
  events.flatMap((event) => {
    if (event.type !== "transfer") return [];
    const from = cleanNumber(event.text("From"));
    const to = cleanNumber(event.text("To"));
    if (from === null || to === null) return [];
    const isFollowed =
      events.some(({ type, at }) => type === "dial" && at >= event.at - TOGETHER_MS) ||
      timeline.segments.some(({ from: at }) => at > event.at);
    if (isFollowed || from === parties.phone) return [];
    return [{ at: event.at, kind: "blind" as const, from, to, completed: false }];
  });

/** Transfers of a call in order. */
export const readTransfers = (facts: TransferFacts): Transfer[] => {
  const { timeline, events, parties, presences } = facts;
  const caller = parties.direction === "internal" ? parties.phone : null;
  const transfers: Transfer[] = [];
  const holders: { readonly since: number; readonly number: string }[] = [];
  let holder: string | undefined;
  for (const segment of timeline.segments) {
    const present = segment.with.filter((number) => number !== "" && number !== caller);
    if (present.length === 0 || (holder !== undefined && present.includes(holder))) continue;
    const next = present.at(-1) as string;
    if (holder !== undefined) {
      const kind = consulted(timeline, holder, next) ? "attended" : "blind";
      transfers.push({ at: segment.from, kind, from: holder, to: next, completed: true });
    }
    holder = next;
    holders.push({ since: segment.from, number: next });
  }

  /** Whether the channel that somebody talked on is still there then: he waits for an answer, and may take the call back. */
  const staysBeyond = (number: string, at: number): boolean => {
    const own = presences.filter(({ channelKey }) => parties.partyOf(channelKey).number === number);
    const before = new Set(
      own.filter(({ start }) => start < at).map(({ channelKey }) => channelKey),
    );
    return own.some(({ channelKey, end }) => before.has(channelKey) && end > at + TOGETHER_MS);
  };
  const untaken = new Map<
    string,
    {
      readonly at: number;
      readonly kind: Transfer["kind"];
      readonly from: string;
      to: Set<string>;
    }
  >();
  for (const dial of events) {
    if (dial.type !== "dial") continue;
    const from = holders.findLast(({ since }) => since < dial.at - TOGETHER_MS)?.number;
    const isInTalk = timeline.segments.some(
      (segment) => segment.from <= dial.at && segment.to > dial.at + TOGETHER_MS,
    );
    if (from === undefined || isInTalk) continue;
    const next = timeline.segments.find((segment) => segment.to > dial.at + TOGETHER_MS);
    const to = dial.extensions
      .flatMap((text) => cleanNumber(text) ?? [])
      .filter((number) => number !== parties.phone && number !== from);
    const isTaken = next !== undefined && !next.with.includes(from);
    if (to.length === 0 || isTaken || isLateRepeat(dial, events)) continue;
    // All that rang in vain between two talks was one attempt.
    const attempt = `${from} ${next?.from ?? ""}`;
    const known = untaken.get(attempt) ?? {
      at: dial.at,
      kind: staysBeyond(from, dial.at) ? ("attended" as const) : ("blind" as const),
      from,
      to: new Set<string>(),
    };
    for (const number of to) known.to.add(number);
    untaken.set(attempt, known);
  }
  for (const { to, ...attempt } of untaken.values()) {
    transfers.push({ ...attempt, to: [...to].join("&"), completed: false });
  }
  return [...transfers, ...deadEnds(facts)].sort((a, b) => a.at - b.at);
};
