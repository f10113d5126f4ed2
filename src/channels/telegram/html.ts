// Messages for Telegram, as the one place where data becomes HTML. A message is cut on its tree, before anything is
// escaped, so that no entity, tag or character is ever cut in two.

import { cleanText, type Emphasis, type Piece } from "../../cards/index.ts";

export type RenderedText = {
  /** For `parse_mode: "HTML"`. */
  readonly html: string;
  /** What the reader sees. */
  readonly plain: string;
};

/** Bot API, sendMessage: "1-4096 characters after entities parsing", counted in UTF-16 code units. */
export const MAX_MESSAGE_UNITS = 4096;
const ELLIPSIS = "…";

const TAGS: { readonly [emphasis in Emphasis]: readonly [open: string, close: string] } = {
  bold: ["<b>", "</b>"],
  folded: ["<blockquote expandable>", "</blockquote>"],
};

const ENTITIES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] as string);

/** The first `units` code units, one less where that would cut a character in two. */
const head = (text: string, units: number): string => {
  const cut = text.slice(0, units);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
};

const cleaned = (piece: Piece): Piece =>
  typeof piece === "string"
    ? cleanText(piece)
    : { ...piece, children: piece.children.map(cleaned) };

const unitsOf = (pieces: readonly Piece[]): number =>
  pieces.reduce(
    (sum, piece) => sum + (typeof piece === "string" ? piece.length : unitsOf(piece.children)),
    0,
  );

type Room = { units: number; isFull: boolean };

const write = (pieces: readonly Piece[], room: Room): RenderedText => {
  let html = "";
  let plain = "";
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      const inner = write(piece.children, room);
      const [open, close] = TAGS[piece.emphasis];
      if (inner.plain !== "") html += `${open}${inner.html}${close}`;
      plain += inner.plain;
      continue;
    }
    if (room.isFull || piece === "") continue;
    room.isFull = piece.length > room.units;
    const shown = room.isFull ? `${head(piece, room.units)}${ELLIPSIS}` : piece;
    room.units -= piece.length;
    html += escapeText(shown);
    plain += shown;
  }
  return { html, plain };
};

/** A message of at most `maxUnits` code units after parsing; a longer one ends in `…`. */
export const render = (
  pieces: readonly Piece[],
  maxUnits: number = MAX_MESSAGE_UNITS,
): RenderedText => {
  const ready = pieces.map(cleaned);
  const units = unitsOf(ready) > maxUnits ? maxUnits - ELLIPSIS.length : maxUnits;
  return write(ready, { units, isFull: false });
};
