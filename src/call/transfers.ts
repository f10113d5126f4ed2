// Detects transfers from the order in which parties talked with the outside party (internal calls: with the caller). A
// party that joins while another stays is a third party until the other leaves. A dial after the talk whose numbers
// never talk is a transfer that was not answered.

import { cleanNumber } from "../asterisk/index.ts";
import { bodyExtensions } from "../domain/event.ts";
import type { CallEvent } from "./events.ts";
import type { Parties } from "./parties.ts";
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

/** Transfers of a call in order; `events` are the call's own, in order of happening. */
export const readTransfers = (
  timeline: TalkTimeline,
  events: readonly CallEvent[],
  parties: Parties,
): Transfer[] => {
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

  const untaken = new Map<
    string,
    { readonly at: number; readonly from: string; to: Set<string> }
  >();
  for (const dial of events) {
    if (dial.type !== "dial") continue;
    const from = holders.findLast(({ since }) => since < dial.at - TOGETHER_MS)?.number;
    const isInTalk = timeline.segments.some(
      (segment) => segment.from <= dial.at && segment.to > dial.at + TOGETHER_MS,
    );
    if (from === undefined || isInTalk) continue;
    const next = timeline.segments.find((segment) => segment.to > dial.at + TOGETHER_MS);
    const to = bodyExtensions(dial.record.body)
      .flatMap((text) => cleanNumber(text) ?? [])
      .filter((number) => number !== parties.phone && number !== from);
    const isTaken = next !== undefined && !next.with.includes(from);
    if (to.length === 0 || isTaken || isLateRepeat(dial, events)) continue;
    // All that rang in vain between two talks was one attempt.
    const attempt = `${from} ${next?.from ?? ""}`;
    const known = untaken.get(attempt) ?? { at: dial.at, from, to: new Set<string>() };
    for (const number of to) known.to.add(number);
    untaken.set(attempt, known);
  }
  for (const { at, from, to } of untaken.values()) {
    transfers.push({ at, kind: "blind", from, to: [...to].join("&"), completed: false });
  }
  return transfers.sort((a, b) => a.at - b.at);
};
