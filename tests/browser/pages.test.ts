// The pages of calls as their readers have them: every kind of call, on a phone and on a desk, in both themes.

import { beforeAll, expect, it } from "bun:test";
import { findA11yProblems } from "./axe.ts";
import { expectFaultless } from "./look.ts";
import { inBrowser, playAnswer, playHostile, playRinging } from "./served.ts";

inBrowser("the page of", (world) => {
  const urls = new Map<string, string>();
  beforeAll(async () => {
    const { served } = world();
    const [answered, missed, transfer, hostile, ringing, talking] = await Promise.all([
      served.play("field_incoming"),
      served.play("in_ringgroup_cancel"),
      served.play("field_transfer_attended"),
      playHostile(served, "1764493655.61"),
      playRinging(served, "1764493655.71"),
      playRinging(served, "1764493655.81"),
    ]);
    await playAnswer(served, talking);
    await Promise.all([answered, missed, transfer, hostile].map(served.told));
    for (const [name, uniqueId] of Object.entries({
      answered,
      missed,
      transfer,
      hostile,
      ringing,
      talking,
    })) {
      urls.set(name, served.callUrl(uniqueId));
    }
  });

  for (const [what, name, locale] of [
    ["an answered call", "answered", "ru-RU"],
    ["a call that a ring group missed", "missed", "ru-RU"],
    ["an attended transfer", "transfer", "ru-RU"],
    ["an attended transfer, in English", "transfer", "en-US"],
    ["a call with hostile names", "hostile", "ru-RU"],
    ["a call that rings", "ringing", "ru-RU"],
    ["a call that goes on", "talking", "en-US"],
  ] as const) {
    it(`${what} opens whole, fits, and asks for nothing more`, async () => {
      const url = urls.get(name) ?? "";
      await expectFaultless(world().browser, { url, status: 200 }, { locale });
    });

    // The same markup in another language.
    if (what.endsWith("in English")) continue;
    it(`${what} can be read by everybody`, async () => {
      const url = urls.get(name) ?? "";
      const everyView = name === "transfer";
      expect(await findA11yProblems(world().browser, url, { locale, everyView })).toEqual([]);
    });
  }
});
