// What became of a missed call as the catalogues tell it: numbers and spans of time the way they are shown.

import type { FollowUp } from "../src/call/index.ts";
import { type FollowFacts, type FollowTexts, followTextsOf } from "../src/texts/index.ts";
import { clockDuration, telephone, type Zone } from "./format.ts";

/** @param nameOf the name behind a number of ours; "" where none is known */
export const followFacts = (
  followUp: FollowUp,
  zone: Pick<Zone, "lang" | "country">,
  nameOf: (number: string) => string = () => "",
): FollowFacts => {
  const { span } = followTextsOf(zone.lang);
  const shown = (number: string | null): string | undefined =>
    number === null ? undefined : `${telephone(number, zone)} ${nameOf(number)}`.trim();
  return {
    state: followUp.state,
    attempts: followUp.attempts,
    by: shown(followUp.returnedBy),
    after: followUp.afterSeconds === null ? undefined : span(followUp.afterSeconds * 1000),
    talk: followUp.talkMs === null ? undefined : clockDuration(followUp.talkMs),
    underWayBy: shown(followUp.underWayBy),
  };
};

/** `3-й раз за 20 мин` of a call that is not the first of its row; "" of one that is. @param startedAt of this call */
export const repeatsInWords = (
  { repeats, firstMissedAt }: FollowUp,
  startedAt: number,
  { repeats: say, span }: FollowTexts,
): string => (repeats < 2 ? "" : say(repeats, span(Math.max(60_000, startedAt - firstMissedAt))));
