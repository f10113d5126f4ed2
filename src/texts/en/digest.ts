// The day in a message, in English.

import type { DigestSums, DigestTexts } from "../types/digest.ts";
import { plural, seconds } from "./words.ts";

const format = (day: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(
    Date.parse(`${day}T12:00:00Z`),
  );
const monthDay = { day: "numeric", month: "long" } as const;

const sumsOf = ({ incoming, answered, missed, outgoing }: DigestSums): string =>
  `${incoming} in, ${answered} answered, ${missed} missed, ${outgoing} out`;

/** `16–22 November`, `28 November – 4 December`. */
const span = (from: string, to: string): string =>
  from.slice(0, 7) === to.slice(0, 7)
    ? `${Number(from.slice(8))}–${format(to, monthDay)}`
    : `${format(from, monthDay)} – ${format(to, monthDay)}`;

export const en: DigestTexts = {
  title: (name, day, until) => {
    const said = `${format(day, { weekday: "long" })}, ${format(day, monthDay)}`;
    return `${name}: ${said}${until === undefined ? "" : `, until ${until}`}`;
  },
  incoming: ({ incoming, answered, missed }) =>
    `${incoming} in: ${answered} answered, ${missed} missed`,
  outgoing: (count) => `${count} out`,
  noCalls: "There were no calls",
  waiting: (count, earlier) => {
    const who = `${plural(count, "caller has", "callers have")} not been called back`;
    if (earlier === 0) return `${who}:`;
    if (earlier === count) return `${who}, from earlier days:`;
    return `${who}, ${earlier} of them from earlier days:`;
  },
  more: (count) => `and ${count} more`,
  nobodyWaits: "Nobody waits to be called back",
  meanWait: (wait) => `Callers waited ${wait} for an answer on average`,
  busiest: (from, to, calls) => `Busiest from ${from} to ${to}: ${plural(calls, "call", "calls")}`,
  weekAgo: (sums, isWhole) => `A week ago${isWhole ? "" : " by this time"}: ${sumsOf(sums)}`,
  week: (sums, from, to) => `The week of ${span(from, to)}: ${sumsOf(sums)}`,
  seconds,
  button: "📋 Calls of that day",
};
