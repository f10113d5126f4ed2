// What became of a missed call, in words: on its page, in lists, in the terminal and on its card alike.

import type { FollowState } from "../../call/index.ts";

/** Numbers and names as they are shown, spans of time in words; undefined where unknown. */
export type FollowFacts = {
  readonly state: FollowState;
  readonly attempts: number;
  /** Who talked in the call that settled it. */
  readonly by: string | undefined;
  /** How long it took. */
  readonly after: string | undefined;
  /** How long was talked, `01:20`. */
  readonly talk: string | undefined;
  /** Who is calling back now. */
  readonly underWayBy: string | undefined;
};

export type FollowTexts = {
  /** A few words, for a column. */
  readonly short: (facts: FollowFacts) => string;
  /** A sentence without its full stop. */
  readonly long: (facts: FollowFacts) => string;
  /** `3-й раз за 20 мин`. */
  readonly repeats: (count: number, within: string) => string;
  /** A span of time for people: `45 с`, `4 мин`, `1 ч 5 мин`, `2 дн. 3 ч`. @param ms milliseconds */
  readonly span: (ms: number) => string;
  /** Of a missed call that nobody owes anything. */
  readonly hidden: string;
  readonly tooShort: string;
  readonly lost: string;
  /** On the card of a missed call whose caller called once more: the newer card tells what became of it. */
  readonly calledAgain: string;
  /** Above the numbers of those whom nobody has called back yet. @param span since he was missed, of a single one */
  readonly reminder: (count: number, span: string) => string;
  readonly more: (count: number) => string;
  /** Of the call that settled a missed one. */
  readonly returns: string;
  /** Link to the other call. */
  readonly open: string;
  readonly openMissed: string;
  readonly heading: string;
};
