// Numbers, durations and offsets as readers of both languages expect them.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { clockDuration, delay, offset, telephone, telephoneHref } from "./format.ts";

const ru = { lang: "ru", timeZone: "Europe/Minsk" } as const;
const en = { lang: "en", timeZone: "Europe/Minsk" } as const;

describe("telephone", () => {
  const CASES: readonly [number: string, shown: string][] = [
    ["375296254070", "+375 (29) 625-40-70"],
    ["+375296254070", "+375 (29) 625-40-70"],
    ["79161112233", "+7 (916) 111-22-33"],
    ["4915112345678", "+49 1511 2345678"],
    ["151", "151"],
    ["anonymous", "anonymous"],
  ];
  for (const [number, shown] of CASES) {
    it(`${number} is ${shown}`, () =>
      expect(telephone(number).replaceAll("\u00a0", " ")).toBe(shown));
  }

  it("keeps every digit of any number in its place", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?\d{1,18}$/), (number) => {
        expect(telephone(number).replace(/\D/g, "")).toBe(number.replace("+", ""));
      }),
    );
  });
});

describe("telephoneHref", () => {
  it("is there for what can be dialled, and never holds anything else", () => {
    expect(telephoneHref("375296254070")).toBe("tel:+375296254070");
    expect(telephoneHref("80291112233")).toBe("tel:80291112233");
    for (const none of ["151", "anonymous", "", '375291112233"', "javascript:1"]) {
      expect(telephoneHref(none)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(telephoneHref(text) ?? "tel:1234567").toMatch(/^tel:\+?\d{7,15}$/);
      }),
    );
  });
});

describe("durations", () => {
  it("are whole seconds, half up, with hours where there are any", () => {
    expect([0, 499, 500, 134_500, 3_599_499, 3_599_500].map(clockDuration)).toEqual([
      "0:00",
      "0:00",
      "0:01",
      "2:15",
      "59:59",
      "1:00:00",
    ]);
  });

  it("of a delivery have hundredths until they are long", () => {
    expect([0, 144, 9994, 17_400, 61_000].map((ms) => delay(ms, ru))).toEqual([
      "0,00\u00a0с",
      "0,14\u00a0с",
      "9,99\u00a0с",
      "17\u00a0с",
      "61\u00a0с",
    ]);
    expect(delay(144, en)).toBe("0.14\u00a0s");
  });

  it("tell before from after", () => {
    expect([2061, -2061, 61_000].map((ms) => offset(ms, ru))).toEqual([
      "+0:02,061",
      "−0:02,061",
      "+1:01,000",
    ]);
    expect(offset(2061, en)).toBe("+0:02.061");
  });
});
