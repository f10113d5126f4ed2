import { expect, it } from "bun:test";
import fc from "fast-check";
import {
  DEFAULT_PREFERENCES,
  isQuiet,
  PREFERENCE_NAMES,
  preferenceRule,
  preferenceText,
  readPreferences,
  storedPreferences,
} from "./chat-preferences.ts";

const good = fc.record({
  cards: fc.constantFrom("all", "final", "missed", "none"),
  extensions: fc.constantFrom("all", "151", "151,152", " 151 , 152 "),
  topic: fc.constantFrom("none", "1", "123456789"),
  quiet: fc.constantFrom("none", "21:00-08:00", "9:05-10:00"),
  digest: fc.constantFrom("none", "18:00", "0:30"),
  numbers: fc.constantFrom("full", "masked"),
  lang: fc.constantFrom("ru", "en", "default"),
});

it("reads back what it writes, and stores what differs alone", () => {
  fc.assert(
    fc.property(good, (texts) => {
      const preferences = readPreferences(texts);
      expect(readPreferences(storedPreferences(preferences))).toEqual(preferences);
      for (const name of PREFERENCE_NAMES) {
        expect(preferenceRule(name).allows(texts[name])).toBe(true);
        expect(readPreferences({ [name]: preferenceText(preferences, name) })[name]).toEqual(
          preferences[name],
        );
      }
    }),
  );
  expect(Object.values(storedPreferences(DEFAULT_PREFERENCES)).every((text) => text === null)).toBe(
    true,
  );
});

it("takes what makes no sense for not set", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...PREFERENCE_NAMES), (text, name) => {
      if (preferenceRule(name).allows(text.trim())) return;
      expect(readPreferences({ [name]: text })).toEqual(DEFAULT_PREFERENCES);
    }),
  );
  for (const quiet of ["21:00", "25:00-08:00", "08:00-08:00", "1-2", "21:00-08:00-09:00"])
    expect(readPreferences({ quiet }).quiet).toBeNull();
});

it("is quiet over midnight, by the clocks of the zone, through their changes", () => {
  const { quiet } = readPreferences({ quiet: "21:00-08:00" });
  const at = (text: string) => isQuiet(quiet, Date.parse(text), "Europe/Berlin");
  expect(at("2026-10-24T18:59:59Z")).toBe(false);
  expect(at("2026-10-24T19:00:00Z")).toBe(true);
  // The clocks went back in that night: eight o'clock comes an hour later.
  expect(at("2026-10-25T06:59:59Z")).toBe(true);
  expect(at("2026-10-25T07:00:00Z")).toBe(false);
  const noon = readPreferences({ quiet: "12:00-13:00" }).quiet;
  expect(isQuiet(noon, Date.parse("2026-07-01T10:30:00Z"), "Europe/Berlin")).toBe(true);
  expect(isQuiet(noon, Date.parse("2026-07-01T11:00:00Z"), "Europe/Berlin")).toBe(false);
  expect(isQuiet(null, 0, "UTC")).toBe(false);
});
