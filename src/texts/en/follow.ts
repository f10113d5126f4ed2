// What became of a missed call, in English.

import type { FollowFacts, FollowTexts } from "../types/follow.ts";
import { plural } from "./words.ts";

const span = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 24) return rest === 0 ? `${hours}\u00a0h` : `${hours}\u00a0h ${rest}\u00a0min`;
  const [days, left] = [Math.floor(hours / 24), hours % 24];
  return left === 0 ? `${days}\u00a0d` : `${days}\u00a0d ${left}\u00a0h`;
};

const times = (count: number): string => plural(count, "time", "times");

/** "in 0 s" says nothing. */
const after = ({ after: said }: FollowFacts): string =>
  said === undefined ? "" : said.startsWith("0") ? " at once" : ` after ${said}`;

const ordinal = (count: number): string => {
  const isTeen = count % 100 >= 11 && count % 100 <= 13;
  return `${count}${isTeen ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th")}`;
};

export const en: FollowTexts = {
  short: (facts) => {
    if (facts.underWayBy !== undefined) return `${facts.underWayBy} is calling back`;
    switch (facts.state) {
      case "open":
        return "Not called back";
      case "tried":
        return `Tried ${times(facts.attempts)}`;
      case "returned":
        return `Called back${after(facts)}`;
      case "reached":
        return `Got through${after(facts)}`;
      case "expired":
        return "Never called back";
    }
  },
  long: (facts) => {
    const { state, by, attempts, talk, underWayBy } = facts;
    if (underWayBy !== undefined) return `${underWayBy} is calling back`;
    switch (state) {
      case "open":
        return "Not called back yet";
      case "tried":
        return `Called back ${times(attempts)}, no answer`;
      case "returned":
        return `${by ?? "Somebody"} called back${after(facts)}${talk === undefined ? "" : `, talked ${talk}`}`;
      case "reached":
        return `Called again${after(facts)}${by === undefined ? "" : ` and was answered by ${by}`}`;
      case "expired":
        return "Never called back";
    }
  },
  repeats: (count, within) => `${ordinal(count)} time in ${within}`,
  span,
  hidden: "The number is withheld: nobody can call back",
  tooShort: "The caller hung up at once: nobody needs to call back",
  lost: "The customer gave up waiting to be put through",
  calledAgain: "Called again later",
  reminder: (count, passed) =>
    count === 1
      ? `Not called back yet, ${passed} have passed`
      : `${count} callers have not been called back yet`,
  more: (count) => `and ${count} more`,
  returns: "Answers a missed call",
  open: "open the call",
  openMissed: "Not called back",
  heading: "Call-back",
};
