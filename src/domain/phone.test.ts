// Numbers as people read them: which are touched, and that none loses a digit.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { internationalNumber, isWithheld, readableNumber } from "./phone.ts";

describe("readableNumber", () => {
  const CASES: readonly [name: string, number: string, shown: string][] = [
    ["a number without its plus", "375291112233", "+375 29 111 22 33"],
    ["a number with it", "+375291112233", "+375 29 111 22 33"],
    ["another country's", "79161112233", "+7 916 111 22 33"],
    ["one that fits no plan of its country", "+3752911122", "+375 2911122"],
    ["an extension", "151", "151"],
    ["a number of a city", "2001122", "2001122"],
    ["a national spelling, of which the country is not known", "80291112233", "80291112233"],
    ["a number that no country has", "999123456789", "999123456789"],
    ["the same with a plus", "+999123456789", "+999123456789"],
    ["a digit too many that a plan takes for a prefix", "+4402079460958", "+4402079460958"],
    ["more digits than a number has", "3752911122334455", "3752911122334455"],
    ["a feature code", "*78", "*78"],
    ["a word", "anonymous", "anonymous"],
    ["nothing", "", ""],
  ];
  for (const [name, number, shown] of CASES) {
    it(name, () => expect(readableNumber(number)).toBe(shown));
  }

  it("keeps every digit of any number in its place", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?\d{1,18}$/), (number) => {
        expect(readableNumber(number).replace(/\D/g, "")).toBe(number.replace("+", ""));
      }),
    );
  });

  it("changes no text that is no number", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (internationalNumber(text) === undefined) expect(readableNumber(text)).toBe(text);
      }),
    );
  });
});

describe("isWithheld", () => {
  it("knows a hidden number from a name", () => {
    for (const hidden of [null, "", "anonymous", "Anonymous", "Restricted", "PRIVATE"]) {
      expect(isWithheld(hidden)).toBe(true);
    }
    for (const shown of ["375291112233", "151", "Anonymouse", "mts"]) {
      expect(isWithheld(shown)).toBe(false);
    }
  });
});
