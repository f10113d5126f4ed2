// Numbers as people dial and read them, by country: which are touched, and that no subscriber loses a digit.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import {
  type Country,
  diallableNumber,
  internationalNumber,
  isCountry,
  isWithheld,
  type NumberPlan,
  nationalDigits,
  readableNumber,
  subscriberKey,
} from "./phone.ts";

/** Country, as it was sent, as it is shown, as it is dialled; `=` as it was sent, "" not at all. */
const NUMBERS: readonly (readonly [NumberPlan, string, string, string])[] = [
  [undefined, "375291112233", "+375 29 111 22 33", "+375291112233"],
  [undefined, "+375291112233", "+375 29 111 22 33", "+375291112233"],
  [undefined, "79161112233", "+7 916 111 22 33", "+79161112233"],
  [undefined, "84951234567", "=", "="],
  [undefined, "80291112233", "=", "="],
  [undefined, "4951234567", "=", "="],
  [undefined, "2001122", "=", "="],
  [undefined, "151", "=", ""],
  [undefined, "*78", "=", ""],
  [undefined, "anonymous", "=", ""],
  [undefined, "", "=", ""],
  [undefined, "+3752911122", "=", ""],
  [undefined, "999123456789", "=", ""],
  [undefined, "+999123456789", "=", ""],
  [undefined, "+4402079460958", "=", ""],
  [undefined, "3752911122334455", "=", ""],
  [undefined, "810375291112233", "=", "="],
  ["BY", "80291234567", "+375 29 123 45 67", "+375291234567"],
  ["BY", "291234567", "+375 29 123 45 67", "+375291234567"],
  ["BY", "375291234567", "+375 29 123 45 67", "+375291234567"],
  ["BY", "00375291234567", "+375 29 123 45 67", "+375291234567"],
  ["BY", "81074951234567", "+7 495 123 45 67", "+74951234567"],
  ["BY", "74951234567", "+7 495 123 45 67", "+74951234567"],
  ["BY", "84951234567", "=", "="],
  ["BY", "2001122", "=", "="],
  ["RU", "84951234567", "+7 495 123 45 67", "+74951234567"],
  ["RU", "8 (495) 123-45-67", "+7 495 123 45 67", "+74951234567"],
  ["RU", "4951234567", "+7 495 123 45 67", "+74951234567"],
  ["RU", "74951234567", "+7 495 123 45 67", "+74951234567"],
  ["RU", "810375291234567", "+375 29 123 45 67", "+375291234567"],
  ["RU", "00375291234567", "+375 29 123 45 67", "+375291234567"],
  ["RU", "375291234567", "+375 29 123 45 67", "+375291234567"],
  ["RU", "80291234567", "=", "="],
  ["UA", "0501234567", "+380 50 123 4567", "+380501234567"],
  ["UA", "501234567", "+380 50 123 4567", "+380501234567"],
  ["UA", "00375291234567", "+375 29 123 45 67", "+375291234567"],
  ["KZ", "87011234567", "+7 701 123 4567", "+77011234567"],
  ["KZ", "7011234567", "+7 701 123 4567", "+77011234567"],
  ["PL", "221234567", "+48 22 123 45 67", "+48221234567"],
  ["PL", "0048221234567", "+48 22 123 45 67", "+48221234567"],
  ["DE", "03012345678", "+49 30 12345678", "+493012345678"],
  ["DE", "501001", "=", ""],
  ["US", "2025550123", "+1 202 555 0123", "+12025550123"],
  ["US", "12025550123", "+1 202 555 0123", "+12025550123"],
  ["US", "011375291234567", "+375 29 123 45 67", "+375291234567"],
  ["GB", "02079460958", "+44 20 7946 0958", "+442079460958"],
  ["GB", "00375291234567", "+375 29 123 45 67", "+375291234567"],
];

describe("a number by country", () => {
  for (const [country, sent, shown, dialled] of NUMBERS) {
    it(`${country ?? "none"} ${sent || "nothing"}: ${shown}, dialled ${dialled || "not at all"}`, () => {
      expect(readableNumber(sent, country)).toBe(shown === "=" ? sent : shown);
      expect(diallableNumber(sent, country) ?? "").toBe(dialled === "=" ? sent : dialled);
    });
  }

  it("is one subscriber in every spelling", () => {
    const spellings = [
      "84951234567",
      "8 (495) 123-45-67",
      "4951234567",
      "+74951234567",
      "74951234567",
    ];
    expect(new Set(spellings.map((text) => subscriberKey(text, "RU")))).toEqual(
      new Set(["+74951234567"]),
    );
    expect(new Set(spellings.map((text) => nationalDigits(text, "RU")))).toEqual(
      new Set(["4951234567"]),
    );
    expect(subscriberKey("8 (029) 111-22-33")).toBe("80291112233");
    expect([subscriberKey("anonymous"), subscriberKey("151")]).toEqual(["", "151"]);
  });
});

const COUNTRIES: readonly Country[] = ["BY", "RU", "UA", "KZ", "PL", "DE", "US", "GB"];
const plan = fc.constantFrom<NumberPlan>(undefined, ...COUNTRIES);
const number = fc.stringMatching(/^\+?\d{1,18}$/);
const digits = (text: string): string => text.replace(/\D/g, "");

describe("any number in any country", () => {
  it("keeps the digits of its subscriber, in their order and to the last", () => {
    fc.assert(
      fc.property(number, plan, (sent, country) => {
        expect(digits(sent).endsWith(nationalDigits(sent, country))).toBe(true);
        const shown = digits(readableNumber(sent, country));
        expect(shown.endsWith(nationalDigits(sent, country))).toBe(true);
      }),
    );
  });

  it("is the same subscriber as it is shown and as it is dialled", () => {
    fc.assert(
      fc.property(number, plan, (sent, country) => {
        const key = subscriberKey(sent, country);
        expect(subscriberKey(readableNumber(sent, country), country)).toBe(key);
        const dialled = diallableNumber(sent, country);
        if (dialled !== undefined) expect(subscriberKey(dialled, country)).toBe(key);
        expect(readableNumber(readableNumber(sent, country), country)).toBe(
          readableNumber(sent, country),
        );
      }),
    );
  });

  it("is dialled by what a telephone can dial, and an extension is not", () => {
    fc.assert(
      fc.property(fc.oneof(number, fc.string({ unit: "binary" })), plan, (sent, country) => {
        const dialled = diallableNumber(sent, country);
        if (dialled !== undefined) expect(dialled).toMatch(/^\+?\d{7,18}$/);
        if (internationalNumber(sent, country) === undefined)
          expect(readableNumber(sent, country)).toBe(sent);
      }),
    );
    for (const extension of ["15", "151", "15001", "150001"]) {
      for (const country of COUNTRIES) expect(diallableNumber(extension, country)).toBeUndefined();
    }
  });
});

it("isCountry knows countries with a numbering plan", () => {
  expect(["BY", "RU", "XK", "by", "XX", "", "USA"].map(isCountry)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
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
