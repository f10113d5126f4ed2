// Whatever the data: the HTML parses, its text is `plain`, and nothing is cut in two.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseTelegramHtml } from "../../../tests/support/bot-api/html.ts";
import { bold, folded, type Piece } from "../../cards/index.ts";
import { MAX_MESSAGE_UNITS, render } from "./html.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "<b>",
    "</blockquote>",
    "&amp;",
    "&",
    "👨‍👩‍👧",
    "\ud83d",
    "\r\n",
    "\u202e375",
    "<script>",
  ),
);
const piece: fc.Arbitrary<Piece> = fc.letrec<{ piece: Piece }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    fc.array(tie("piece"), { maxLength: 3 }).map((children) => bold(...children)),
    fc.array(tie("piece"), { maxLength: 3 }).map((children) => folded(...children)),
  ),
})).piece;

describe("render", () => {
  it("gives HTML that parses strictly into the plain text, within the limit", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        (pieces, max) => {
          const { html, plain } = render(pieces, max);
          expect(parseTelegramHtml(html)).toEqual({ ok: true, text: plain });
          expect(plain.length).toBeLessThanOrEqual(max);
          expect(plain.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  it("cuts only what is too long, and says so", () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        (pieces, max) => {
          const whole = render(pieces, Number.MAX_SAFE_INTEGER).plain;
          const { plain } = render(pieces, max);
          if (whole.length <= max) expect(plain).toBe(whole);
          else {
            expect(plain).toEndWith("…");
            expect(whole).toStartWith(plain.slice(0, -1));
          }
        },
      ),
    );
  });
});

describe("a message that is too long", () => {
  const CASES: readonly [name: string, pieces: readonly Piece[], html: string][] = [
    ["an entity at the edge stays whole", ["abc&def"], "abc&amp;…"],
    ["a character of two units is left out", ["abc😀def"], "abc…"],
    ["a tag at the edge is closed", [bold("abcdef")], "<b>abcd…</b>"],
    [
      "what fits to the last unit leaves its mark to the next",
      ["abcd", bold("ef")],
      "abcd<b>…</b>",
    ],
    ["a tag with nothing in it is left out", ["abcde", folded("")], "abcde"],
  ];
  for (const [name, pieces, html] of CASES)
    it(name, () => expect(render(pieces, 5).html).toBe(html));

  it("is cut at Telegram's 4096", () => {
    expect(render(["&".repeat(5000)]).plain).toHaveLength(MAX_MESSAGE_UNITS);
    expect(render(["&".repeat(MAX_MESSAGE_UNITS)]).plain).not.toContain("…");
  });
});

it("drops what would turn a number round and keeps line breaks", () => {
  expect(render(["a\u202e375\r\nb\u0000c\td"]).plain).toBe("a375\nb c d");
});
