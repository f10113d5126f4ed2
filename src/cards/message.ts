// A message as a tree in which a string is always text: nothing from outside can be markup, because markup is not made of
// strings. What bold looks like in a messenger is left to its folder in src/channels.

/** `bold`; `folded`: shows its first lines until it is opened, where the messenger can do that. */
export type Emphasis = "bold" | "folded";

/** A part of a message. A string is text, whatever it holds. */
export type Piece = string | { readonly emphasis: Emphasis; readonly children: readonly Piece[] };

export const bold = (...children: readonly Piece[]): Piece => ({ emphasis: "bold", children });
export const folded = (...children: readonly Piece[]): Piece => ({ emphasis: "folded", children });

/**
 * Text as messengers keep it: line breaks are `\n`, other control characters become spaces, and what turns the direction
 * of reading round (and with it the digits of a number) is dropped.
 */
export const cleanText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/[\u2028-\u202E\u2066-\u2069\u200E\u200F]/g, "")
    .replace(/[^\P{Cc}\n]/gu, " ");

/** What the reader sees of a message. */
export const plainText = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) => (typeof piece === "string" ? cleanText(piece) : plainText(piece.children)))
    .join("");
