import { expect, it } from "bun:test";
import fc from "fast-check";
import { printable } from "./printable.ts";

it("shows text on one line, without what a terminal would obey", () => {
  expect(printable("Иван\r\n\u001b[31mred\u202eevil\u2028x")).toBe("Иван [31mred evil x");
  expect(printable("Анна 😀 Smith")).toBe("Анна 😀 Smith");
});

it("never exceeds its length, and leaves no control character, whatever comes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 0, max: 40 }), (text, most) => {
      const shown = printable(text, most);
      expect(shown.length).toBeLessThanOrEqual(most);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(shown.isWellFormed()).toBe(true);
    }),
  );
});
