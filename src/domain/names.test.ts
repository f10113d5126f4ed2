import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { cleanName, MAX_NAME_CODE_POINTS } from "./names.ts";

describe("cleanName", () => {
  const CASES: readonly [name: string, given: string, shown: string | undefined][] = [
    ["a name", "Иван Петров", "Иван Петров"],
    ["white space around and inside", "  Иван \t\r\n Петров ", "Иван Петров"],
    ["markup is left to whoever shows it", "<b>&", "<b>&"],
    ["a change of the reading direction", "a\u202ecba\u2066", "acba"],
    ["half a character", "a\ud83d", "a\ufffd"],
    ["nothing", "", undefined],
    ["nothing that can be seen", " \n\u0000", undefined],
  ];
  for (const [name, given, shown] of CASES) it(name, () => expect(cleanName(given)).toBe(shown));

  it("is one line of at most 100 code points, whatever is given", () => {
    const long = fc.string({ unit: "binary" }).map((text) => text.repeat(40));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), long), (text) => {
        const name = cleanName(text);
        if (name === undefined) return;
        expect([...name].length).toBeLessThanOrEqual(MAX_NAME_CODE_POINTS);
        expect(name).not.toMatch(/[\p{Cc}\u2028\u2029\u202E]/u);
        expect(name.isWellFormed()).toBe(true);
      }),
    );
  });

  it("says that it was cut", () => {
    expect(cleanName("я".repeat(1_000_000))).toBe(`${"я".repeat(99)}…`);
    expect(cleanName("я".repeat(100))).toBe("я".repeat(100));
  });
});
