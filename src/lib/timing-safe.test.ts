import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { secretsEqual } from "./timing-safe.ts";

describe("secretsEqual", () => {
  it("says what === says, of any two texts, whatever their lengths", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(secretsEqual(a, b)).toBe(a === b);
        expect(secretsEqual(a, a)).toBe(true);
        expect(secretsEqual(a, `${a}${b}x`)).toBe(false);
      }),
    );
  });

  it("tells apart what looks alike", () => {
    const pairs = [
      ["secret", "Secret"],
      ["secret", "secret "],
      ["secret", "secret\0"],
      ["е", "e"],
      ["", "0"],
    ] as const;
    for (const [a, b] of pairs) expect(secretsEqual(a, b)).toBe(false);
  });
});
