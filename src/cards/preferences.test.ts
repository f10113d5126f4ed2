import { expect, it } from "bun:test";
import fc from "fast-check";
import { CARD_CHOICES, DEFAULT_PREFERENCES } from "../domain/chat-preferences.ts";
import { maskedNumber, wantsCard } from "./preferences.ts";

const facts = (more = {}) => ({ isFinal: true, isMissed: true, ours: ["150", "151"], ...more });

it("lets each chat have what it chose", () => {
  const gets = (cards: (typeof CARD_CHOICES)[number], more = {}) =>
    wantsCard({ ...DEFAULT_PREFERENCES, cards }, facts(more));
  expect(CARD_CHOICES.filter((cards) => gets(cards))).toEqual(["all", "final", "missed"]);
  expect(CARD_CHOICES.filter((cards) => gets(cards, { isMissed: false }))).toEqual([
    "all",
    "final",
  ]);
  expect(CARD_CHOICES.filter((cards) => gets(cards, { isFinal: false }))).toEqual(["all"]);
});

it("counts a group call for everybody who was rung, and an unknown one for nobody who chose", () => {
  const gets = (extensions: readonly string[] | null, ours: readonly string[]) =>
    wantsCard({ cards: "all", extensions }, facts({ ours }));
  expect(gets(["151", "160"], ["150", "151"])).toBe(true);
  expect(gets(["160"], ["150", "151"])).toBe(false);
  expect(gets(["15"], ["150", "151"])).toBe(false);
  expect(gets(["151"], [])).toBe(false);
  expect(gets(null, [])).toBe(true);
});

it("hides two digits of a number, and nothing of what is none", () => {
  expect(maskedNumber("+375 29 530 59 42")).toBe("+375 29 530 •• 42");
  expect(maskedNumber("+375 29 530-59-42")).toBe("+375 29 530-••-42");
  expect(maskedNumber("80291234567")).toBe("8029123••67");
  expect(maskedNumber("151")).toBe("151");
  fc.assert(
    fc.property(fc.stringMatching(/^\+?[\d ()-]{0,20}$/), (text) => {
      const masked = maskedNumber(text);
      expect(masked).toHaveLength(text.length);
      const digits = text.replaceAll(/\D/g, "").length;
      expect(masked.replaceAll(/\D/g, "")).toHaveLength(digits < 7 ? digits : digits - 2);
    }),
  );
});
