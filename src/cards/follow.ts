// What the card of a missed call says of what became of it, and when it says something else. Pure.

import { type Call, type FollowUp, isOwed } from "../call/index.ts";
import { cleanName } from "../domain/names.ts";
import type { FollowTexts } from "../texts/index.ts";

/** Whoever knows the other calls of a subscriber (`MissedCalls`). */
export type CardFollow = {
  /**
   * What became of a call that is over; null where nobody is owed anything, undefined where it cannot be told now: what a
   * card says then stays.
   */
  followUpOf(assembled: { readonly call: Call }, uniqueId: string): Promise<Known>;
  /** Missed calls on whose cards the state of this call may be told: their unique ids. */
  concernedBy(assembled: { readonly call: Call }, uniqueId: string): readonly string[];
};
type Known = FollowUp | null | undefined;

/** Nothing is said of call-backs. */
export const NO_FOLLOW: CardFollow = { followUpOf: async () => null, concernedBy: () => [] };

/** A window that is over leaves a card as it was: nobody is told that nothing happened. */
const stateShown = ({ state, attempts }: FollowUp): FollowUp["state"] =>
  state !== "expired" ? state : attempts > 0 ? "tried" : "open";

/** Changes whenever the card would say something else of it. */
export const followKey = (followUp: Known): readonly unknown[] => {
  if (!followUp) return [];
  const { stands, underWayBy, call, attempts, repeats } = followUp;
  return stands ? [stateShown(followUp), underWayBy, call, attempts, repeats] : ["again"];
};

/** How things are shown on this card. */
export type FollowShown = {
  readonly texts: FollowTexts;
  /** `☎️151 Анна` without its sign. */
  readonly ours: (number: string) => string;
  /** `01:20`. */
  readonly duration: (ms: number) => string;
};

/** Lines below the card of a missed call; none of a call that nobody is owed anything for, or that nobody called back yet. */
export const followLines = (call: Call, followUp: Known, shown: FollowShown): readonly string[] => {
  const { texts, ours, duration } = shown;
  const lost = call.isLost ? [`⚠️ ${texts.lost}`] : [];
  if (!followUp || !isOwed(call)) return lost;
  if (!followUp.stands) return [...lost, `↪️ ${texts.calledAgain}`];
  const { repeats, firstMissedAt, attempts, returnedBy, afterSeconds, talkMs, underWayBy } =
    followUp;
  const sinceMs = Math.max(60_000, (call.startedAt ?? firstMissedAt) - firstMissedAt);
  const again = repeats > 1 ? [`🔁 ${texts.repeats(repeats, texts.span(sinceMs))}`] : [];
  const named = (number: string | null): string | undefined =>
    number === null ? undefined : cleanName(ours(number));
  const state = stateShown(followUp);
  const said = texts.long({
    state,
    attempts,
    by: named(returnedBy),
    after: afterSeconds === null ? undefined : texts.span(afterSeconds * 1000),
    talk: talkMs === null ? undefined : duration(talkMs),
    underWayBy: named(underWayBy),
  });
  const sign = underWayBy !== null ? "📞" : SIGNS[state];
  return [...lost, ...again, ...(sign === undefined ? [] : [`${sign} ${said}`])];
};

const SIGNS: { readonly [state in FollowUp["state"]]?: string } = {
  returned: "↩️",
  reached: "📲",
  tried: "☎️",
};
