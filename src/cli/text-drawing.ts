// A call drawn with letters: a lane for each party, one for the bridges, one each for Telegram and requests, and the
// axis. The same lanes, scale and shortened stretches as the drawing on the page.

import type { Zone } from "../../views/format.ts";
import {
  type Bar,
  type BarKind,
  type Lane,
  lanesOf,
  type Mark,
  marksOf,
  ticksOf,
} from "../../views/timeline-model.ts";
import { type Scale, timelineScale } from "../../views/timeline-scale.ts";
import type { AssembledCall } from "../call/index.ts";
import { printable } from "../lib/printable.ts";
import type { Texts } from "../texts/index.ts";
import type { Paint, Style } from "./paint.ts";

export type DrawingOptions = {
  readonly texts: Texts;
  readonly zone: Zone;
  /** End of what still goes on, in milliseconds since the epoch. */
  readonly now: number;
  /** Columns of the whole drawing. */
  readonly width: number;
  /** `false`: letters of ASCII alone. */
  readonly isUnicode: boolean;
  readonly paint: Paint;
};

const MAX_LABEL = 26;
const MIN_CELLS = 20;

type Glyphs = {
  readonly [kind in BarKind | "telegram" | "request" | "failed" | "cut" | "more"]: string;
};
const UNICODE: Glyphs = {
  waiting: "·",
  ringing: "░",
  talking: "█",
  holding: "▒",
  bridge: "─",
  telegram: "▼",
  request: "◆",
  failed: "✗",
  cut: "≈",
  more: "…",
};
const ASCII: Glyphs = {
  waiting: ".",
  ringing: ":",
  talking: "#",
  holding: "=",
  bridge: "-",
  telegram: "T",
  request: "o",
  failed: "x",
  cut: "~",
  more: ".",
};
const STYLES: { readonly [kind in BarKind]: Style } = {
  waiting: "dim",
  ringing: "warn",
  talking: "good",
  holding: "live",
  bridge: "dim",
};
/** What is drawn over what. */
const ORDER: readonly BarKind[] = ["waiting", "bridge", "ringing", "talking", "holding"];

/** As much of a text as fits, filled up with spaces; widths as a terminal counts them. */
const fitted = (text: string, width: number, more: string): string => {
  let shown = printable(text);
  if (Bun.stringWidth(shown) > width) {
    const letters = [...shown];
    while (Bun.stringWidth(letters.join("")) > width - 1) letters.pop();
    shown = letters.join("") + more;
  }
  return shown + " ".repeat(width - Bun.stringWidth(shown));
};

type Cell = { readonly glyph: string; readonly style: Style };

/** Neighbours of one colour in one go. */
const painted = (cells: readonly (Cell | undefined)[], paint: Paint): string => {
  let text = "";
  for (let at = 0; at < cells.length; ) {
    const style = cells[at]?.style;
    let end = at;
    let run = "";
    while (end < cells.length && cells[end]?.style === style) run += cells[end++]?.glyph ?? " ";
    text += style === undefined ? run : paint(style, run);
    at = end;
  }
  return text.trimEnd();
};

const barCells = (
  bars: readonly Bar[],
  { scale, count, glyphs }: { scale: Scale; count: number; glyphs: Glyphs },
): (Cell | undefined)[] => {
  const cells: (Cell | undefined)[] = new Array(count).fill(undefined);
  const ordered = bars.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  for (const { kind, from, to } of ordered) {
    const first = Math.min(count - 1, Math.floor((scale.at(from) / 100) * count));
    const end = Math.max(first + 1, Math.round((scale.at(to) / 100) * count));
    cells.fill({ glyph: glyphs[kind], style: STYLES[kind] }, first, Math.min(count, end));
  }
  return cells;
};

const markCells = (
  marks: readonly Mark[],
  kind: "telegram" | "request",
  { scale, count, glyphs }: { scale: Scale; count: number; glyphs: Glyphs },
): (Cell | undefined)[] => {
  const cells: (Cell | undefined)[] = new Array(count).fill(undefined);
  for (const { at, failed } of marks) {
    const place = Math.min(count - 1, Math.floor((scale.at(at) / 100) * count));
    cells[place] = failed
      ? { glyph: glyphs.failed, style: "bad" }
      : { glyph: glyphs[kind], style: "live" };
  }
  return cells;
};

/** The drawing as lines without line breaks; none for a call of which no event is known. */
export const textDrawing = (
  { call, records }: AssembledCall,
  { texts, zone, now, width, isUnicode, paint }: DrawingOptions,
): string[] => {
  if (call.startedAt === null || call.participants.length === 0) return [];
  const glyphs = isUnicode ? UNICODE : ASCII;
  const lanes: readonly Lane[] = lanesOf(call, { texts, zone, now }, () => "");
  const moments = [
    ...lanes.flatMap(({ bars }) => bars.flatMap(({ from, to }) => [from, to])),
    ...records.filter(({ kind }) => kind === "TG" || kind === "HTTP").map(({ at }) => at),
    call.startedAt,
    call.endedAt ?? call.startedAt,
  ];
  const scale = timelineScale(moments);
  const rows = [
    ...lanes.map(({ label, bars }) => ({ label, bars })),
    { label: texts.drawing.telegram, telegram: marksOf(records, "TG", scale) },
    { label: texts.drawing.requests, request: marksOf(records, "HTTP", scale) },
  ];
  const labels = rows.map(({ label }) => Bun.stringWidth(printable(label)));
  const labelWidth = Math.min(MAX_LABEL, Math.max(...labels));
  const count = Math.max(MIN_CELLS, width - labelWidth - 3);
  const drawn = { scale, count, glyphs };

  const lines = rows.flatMap((row) => {
    const cells =
      "bars" in row
        ? barCells(row.bars, drawn)
        : "telegram" in row
          ? markCells(row.telegram, "telegram", drawn)
          : markCells(row.request, "request", drawn);
    // A lane without a sign says something of a party, and nothing of Telegram.
    if (!("bars" in row) && cells.every((cell) => cell === undefined)) return [];
    return [`${fitted(row.label, labelWidth, glyphs.more)}  ${painted(cells, paint)}`.trimEnd()];
  });

  const axis: string[] = new Array(count).fill(" ");
  for (const { place, text, anchor } of ticksOf(
    call,
    call.startedAt,
    Math.max(...moments),
    scale,
  )) {
    const middle = Math.round((place / 100) * count);
    const left =
      anchor === "start"
        ? middle
        : anchor === "end"
          ? middle - text.length
          : middle - Math.floor(text.length / 2);
    const from = Math.max(0, Math.min(count - text.length, left));
    axis.splice(from, text.length, ...text);
  }
  for (const place of scale.breaks) {
    axis[Math.min(count - 1, Math.floor((place / 100) * count))] = glyphs.cut;
  }
  lines.push(`${" ".repeat(labelWidth)}  ${paint("dim", axis.join("").trimEnd())}`);

  const kinds = ORDER.filter((kind) =>
    lanes.some(({ bars }) => bars.some((bar) => bar.kind === kind)),
  );
  const legend = kinds.map((kind) => `${paint(STYLES[kind], glyphs[kind])} ${texts.drawing[kind]}`);
  if (scale.breaks.length > 0) legend.push(`${glyphs.cut} ${texts.drawing.shortened}`);
  lines.push(legend.join("   "));
  return lines;
};
