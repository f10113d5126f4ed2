// What the drawing of a call shows, before it is drawn: lanes with bars, marks for Telegram and requests, and what the
// axis says. Places are percent of the width.

import type { Call, Participant, Span } from "../src/call/index.ts";
import { bodyText } from "../src/domain/event.ts";
import { happenedAt } from "../src/domain/event-time.ts";
import { type AstRecord, isFailedRequest, type StoredRecord } from "../src/domain/record.ts";
import type { Texts } from "../src/texts/index.ts";
import { shownNumber } from "./call-view.ts";
import { clockDuration, type Zone } from "./format.ts";
import type { Scale } from "./timeline-scale.ts";

export type BarKind = "waiting" | "ringing" | "talking" | "holding" | "bridge";
export type Bar = {
  readonly kind: BarKind;
  readonly from: number;
  readonly to: number;
  /** Tells which event of its moment begins the bar: a number, or a bridge's id. */
  readonly of: string;
};
export type Lane = { readonly label: string; readonly bars: readonly Bar[] };

/** One record, or several that lie too near to each other to be told apart. */
export type Mark = {
  readonly at: number;
  readonly records: readonly StoredRecord[];
  readonly failed: boolean;
};

/** A moment on the axis with its place in percent. */
export type Tick = {
  readonly place: number;
  readonly text: string;
  readonly anchor: "start" | "middle" | "end";
};

/** The narrowest the drawing gets, a phone of 360 px less its margins, and a letter of the axis, in pixels. */
const NARROW_WIDTH = 290;
const LETTER_WIDTH = 7;
const GAP_WIDTH = 16;
/** Marks nearer than this are one, in percent. */
const MARK_DISTANCE = 3.2;
/** How many letters of a lane's label fit beside each other on a phone. */
const MAX_LABEL_WIDTH = 34;

const barsOf = (spans: readonly Span[], kind: BarKind, of: string, now: number): Bar[] =>
  spans.map((span) => ({ kind, from: span.from, to: span.to ?? now, of }));

/** Whoever placed the call waits from its start to the answer. */
const waiting = (call: Call, person: Participant, now: number): Bar[] => {
  const placed =
    person.role === "caller" || (person.role === "outside" && call.direction === "incoming");
  if (!placed || call.startedAt === null) return [];
  const to = call.answeredAt ?? call.endedAt ?? now;
  return to > call.startedAt ? [{ kind: "waiting", from: call.startedAt, to, of: "" }] : [];
};

/** How a drawing is read, and when. */
export type LaneWorld = { readonly texts: Texts; readonly zone: Zone; readonly now: number };

/** A lane for each party, and one for the bridges where a sender named any. */
export const lanesOf = (
  call: Call,
  { texts, zone, now }: LaneWorld,
  nameOf: (number: string) => string,
): Lane[] => {
  const people = call.participants.map((person) => {
    const shown = shownNumber(person.number, texts, zone);
    const number = person.number ?? "";
    const name = number === "" ? "" : nameOf(number);
    return {
      label: name === "" ? shown : `${shown} ${name}`,
      bars: [
        ...waiting(call, person, now),
        ...barsOf(person.ringing, "ringing", number, now),
        ...barsOf(person.talking, "talking", number, now),
        ...barsOf(person.holding, "holding", number, now),
      ],
    };
  });
  if (call.bridges.length === 0) return people;
  const bridges = call.bridges.flatMap((bridge) => barsOf([bridge], "bridge", bridge.id, now));
  return [...people, { label: texts.drawing.bridges, bars: bridges }];
};

const isFailed = (record: StoredRecord): boolean =>
  (record.kind === "TG" && record.action === "fail") ||
  (record.kind === "HTTP" && isFailedRequest(record));

/** The records of a kind as marks; neighbours that would cover each other become one. */
export const marksOf = (
  records: readonly StoredRecord[],
  kind: "TG" | "HTTP",
  scale: Scale,
): Mark[] => {
  const marks: Mark[] = [];
  for (const record of records) {
    if (record.kind !== kind) continue;
    const last = marks.at(-1);
    if (last !== undefined && scale.at(record.at) - scale.at(last.at) < MARK_DISTANCE) {
      marks.splice(-1, 1, {
        at: last.at,
        records: [...last.records, record],
        failed: last.failed || isFailed(record),
      });
    } else marks.push({ at: record.at, records: [record], failed: isFailed(record) });
  }
  return marks;
};

const BEGINS: { readonly [kind in BarKind]: readonly string[] } = {
  waiting: ["start", "dial"],
  ringing: ["dial"],
  talking: ["bridge"],
  holding: ["hold"],
  bridge: ["bridge_create", "bridge"],
};

/** Events of one moment may be this far apart, in milliseconds. */
const MOMENT_MS = 50;

/** Finds the record with which a bar begins: of its moment the one that speaks of it, else the next one. */
export const beginningsOf = (
  records: readonly StoredRecord[],
): ((bar: Bar) => StoredRecord | undefined) => {
  const events = records
    .filter((record): record is StoredRecord & AstRecord => record.kind === "AST")
    .map((record) => ({ record, at: happenedAt(record) }))
    .sort((a, b) => a.at - b.at);
  const fitOf = ({ event, body }: AstRecord, { kind, of }: Bar): number => {
    const names = ["Channel", "CallerIDNum", "BridgeUniqueid", "Extensions"];
    const speaksOfIt = of !== "" && names.some((name) => bodyText(body, name).includes(of));
    return (BEGINS[kind].includes(event) ? 2 : 0) + (speaksOfIt ? 1 : 0);
  };
  return (bar) => {
    const near = events
      .filter(({ at }) => Math.abs(at - bar.from) <= MOMENT_MS)
      .map(({ record }) => ({ record, fit: fitOf(record, bar) }))
      .sort((a, b) => b.fit - a.fit);
    if (near[0] !== undefined && near[0].fit > 0) return near[0].record;
    return (events.find(({ at }) => at >= bar.from) ?? events.at(-1))?.record;
  };
};

/** Where a text of the axis begins and ends on the narrowest drawing, in percent. */
const extent = ({ place, text, anchor }: Tick): [from: number, to: number] => {
  const width = ((text.length * LETTER_WIDTH) / NARROW_WIDTH) * 100;
  if (anchor === "start") return [place, place + width];
  return anchor === "end" ? [place - width, place] : [place - width / 2, place + width / 2];
};

/**
 * The moments that the axis names, the most telling first; those whose texts would run into each other or into the mark
 * of a shortened stretch on a phone are left out.
 */
export const ticksOf = (call: Call, start: number, end: number, scale: Scale): Tick[] => {
  const gap = (GAP_WIDTH / 2 / NARROW_WIDTH) * 100;
  const taken: (readonly [number, number])[] = scale.breaks.map((at) => [at - gap, at + gap]);
  const moments = [
    start,
    call.endedAt ?? end,
    call.answeredAt,
    ...call.transfers.map(({ at }) => at),
    end,
  ];
  const ticks: Tick[] = [];
  for (const at of moments) {
    if (at === null) continue;
    const place = scale.at(at);
    const anchor = place < 8 ? "start" : place > 92 ? "end" : "middle";
    const tick: Tick = { place, text: clockDuration(at - start), anchor };
    const [from, to] = extent(tick);
    if (taken.some(([left, right]) => from < right + 1 && left - 1 < to)) continue;
    taken.push([from, to]);
    ticks.push(tick);
  }
  return ticks;
};

const DOUBLE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
/** In letters of the usual width: capitals and broad letters take half as much again. */
const widthOf = (character: string): number =>
  DOUBLE.test(character) ? 2 : /[\p{Lu}mwжмшщюф@]/u.test(character) ? 1.5 : 1;

/** The label as far as it fits on a phone: SVG does not cut texts by itself. */
export const fittingLabel = (label: string): string => {
  let width = 0;
  let fitting = "";
  for (const character of label) {
    width += widthOf(character);
    if (width > MAX_LABEL_WIDTH) return `${fitting.trimEnd()}…`;
    fitting += character;
  }
  return label;
};

/** Which of several levels each bar is drawn on, so that bars which overlap stand below each other. */
export const levelsOf = (bars: readonly Bar[]): number[] => {
  const ends: number[] = [];
  return bars.map(({ from, to }) => {
    const free = ends.findIndex((end) => end <= from);
    const level = free === -1 ? ends.length : free;
    ends[level] = to;
    return level;
  });
};
