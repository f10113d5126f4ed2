// Takes one subscriber out of lines of records: the number in every spelling that is his by the one key of a subscriber, and
// the names that came with it. A mark stands in their place, so that calls stay calls and can be counted. Pure.

import type { NumberPlan } from "./phone.ts";
import { nationalDigits, subscriberKey } from "./phone.ts";

export type Subscriber = {
  /** As somebody wrote it. */
  readonly number: string;
  readonly country: NumberPlan;
  /** What is put in his place: letters alone, so that no number is made of it. */
  readonly mark: string;
};

/** Fewer digits are an extension or a service, which many people share. */
const MIN_DIGITS = 6;
/** What may stand between the digits of a number: `+375 (29) 530-59-42`. */
const SEPARATORS = "[ \\u00a0().-]{0,3}";
/** Before the digits that every spelling ends with: a country, a prefix for calls abroad, and what parts them. */
const MAX_PREFIX = 14;
const PREFIX = /^[+\d \u00a0().-]$/;

export type NumberEraser = {
  /** Whether the number may stand in a text: quick, and wrong only by saying yes. */
  mayStandIn(text: string): boolean;
  /** The text with the mark where the number stood, and how often it did. */
  erase(text: string): { readonly text: string; readonly count: number };
};

/** Where the number begins whose last digits begin at `from`; undefined where those belong to another one. */
const beginningOf = (
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
  isHis: (number: string) => boolean,
): number | undefined => {
  let first = from;
  while (from - first < MAX_PREFIX && PREFIX.test(text[first - 1] ?? "")) first -= 1;
  for (let start = first; start <= from; start += 1) {
    const isBoundary = !/\d/.test(text[start - 1] ?? "") && /[+\d(]/.test(text[start] ?? "");
    if (isBoundary && isHis(text.slice(start, to))) return start;
  }
  return undefined;
};

/** Whether a text at that place is a bare number of JSON: a word in its place needs quotes. */
const isBareJson = (text: string, start: number, end: number): boolean =>
  /[:[,]\s*$/.test(text.slice(Math.max(0, start - 4), start)) &&
  /^\s*[,\]}]/.test(text.slice(end, end + 4));

/** Makes an eraser; undefined where the number is none that is one person's. */
export const createNumberEraser = ({
  number,
  country,
  mark,
}: Subscriber): NumberEraser | undefined => {
  const key = subscriberKey(number, country);
  const national = nationalDigits(number, country);
  if (national.length < MIN_DIGITS) return undefined;
  const pattern = `${[...national].join(SEPARATORS)}(?!\\d)`;
  const body = new RegExp(pattern);
  const isHis = (spelling: string): boolean =>
    subscriberKey(spelling.trim(), country) === key ||
    subscriberKey(spelling.replace(/[^\d+]/g, ""), country) === key;

  return {
    mayStandIn: (text) => body.test(text),
    erase: (text) => {
      let count = 0;
      let erased = "";
      let done = 0;
      for (const match of text.matchAll(new RegExp(pattern, "g"))) {
        const to = match.index + match[0].length;
        const start = beginningOf(text, { from: match.index, to }, isHis);
        if (start === undefined || start < done) continue;
        const word = isBareJson(text, start, to) ? `"${mark}"` : mark;
        erased += text.slice(done, start) + word;
        done = to;
        count += 1;
      }
      return { text: erased + text.slice(done), count };
    },
  };
};

/** Shorter names, and words that networks put in the place of one, are left: they are nobody's. */
const isName = (name: string): boolean =>
  [...name].length >= 3 &&
  !/^[\d+<>\s]*$/.test(name) &&
  !/^(?:unknown|anonymous|<unknown>)$/i.test(name);

/** Replaces names by the mark, in text and as JSON writes them, longest first. */
export const createNameEraser = (
  names: Iterable<string>,
  mark: string,
): ((text: string) => string) => {
  const spellings = new Set<string>();
  for (const name of names) {
    if (!isName(name)) continue;
    spellings.add(name);
    spellings.add(JSON.stringify(name).slice(1, -1));
  }
  const longestFirst = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, name) => rest.replaceAll(name, mark), text);
};
