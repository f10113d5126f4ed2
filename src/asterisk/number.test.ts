import { expect, it } from "bun:test";
import { cleanNumber, dialledNumber, known, plainNumber, sameNumber } from "./number.ts";

it("takes what Asterisk writes for nothing for nothing", () => {
  expect([undefined, "", "<unknown>", "s", "151", " s"].map(known)).toEqual([
    "",
    "",
    "",
    "",
    "151",
    " s",
  ]);
});

const NUMBERS: readonly [given: string, kept: string][] = [
  ["+375 (29) 629-54-07", "+375296295407"],
  ["*8", "*8"],
  ["anonymous", "anonymous"],
  ["Unknown", ""],
  ["<unknown>", ""],
  [" s ", ""],
  ["+", ""],
  ["", ""],
  ["<b>1</b>", ""],
  ['37529"|\nX: y', "37529"],
];
for (const [given, kept] of NUMBERS) {
  it(`keeps ${JSON.stringify(kept)} of ${JSON.stringify(given)}`, () => {
    expect(plainNumber(given)).toBe(kept);
    expect(cleanNumber(given)).toBe(kept === "" ? null : kept);
  });
}

it("finds what was dialled over a line, in the forms of every technology", () => {
  const dialled = [
    "375296254070@mts",
    "mts/375296254070",
    "i1/375296254070",
    "mts/sip:375296254070@203.0.113.1",
    "203.0.113.1:5060/375296254070",
  ].map((dialString) => dialledNumber(dialString, "151"));
  expect(new Set(dialled)).toEqual(new Set(["375296254070"]));
  expect(dialledNumber("mts", "375296254070")).toBe("375296254070");
});

it("takes numbers for one by their last nine digits, and short ones only whole", () => {
  expect(sameNumber("+375296254070", "80296254070")).toBe(true);
  expect(sameNumber("151", "0151")).toBe(false);
  expect(sameNumber("anonymous", "hidden")).toBe(false);
  expect(sameNumber(null, null)).toBe(false);
});
