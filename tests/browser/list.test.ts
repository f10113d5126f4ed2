// The list of an enterprise's calls in a real browser: it opens faultless, its filters are a form that works without
// scripts, and its rows lead to their calls.

import { beforeAll, expect, it } from "bun:test";
import { phone } from "../support/browser.ts";
import { findA11yProblems } from "./axe.ts";
import { expectFaultless } from "./look.ts";
import { HOSTILE, inBrowser, playHostile, playRinging } from "./served.ts";

inBrowser("the list of calls", (world) => {
  let missed = "";
  beforeAll(async () => {
    const { served } = world();
    const [, group] = await Promise.all([
      served.play("field_incoming"),
      served.play("in_ringgroup_cancel"),
      served.play("out_answered"),
      served.play("field_transfer_attended"),
      served.play("int_answered"),
      playHostile(served, "1764493658.11"),
      playRinging(served, "1764493658.21"),
    ]);
    missed = group;
    await served.told(group);
  });

  for (const locale of ["ru-RU", "en-US"]) {
    it(`opens whole, fits, and asks for nothing more: ${locale}`, () =>
      expectFaultless(world().browser, { url: world().served.listUrl(), status: 200 }, { locale }));
  }

  it("can be read by everybody", async () => {
    const { served, browser } = world();
    expect(await findA11yProblems(browser, served.listUrl(), { everyView: true })).toEqual([]);
  });

  it("says what is wrong with a filter, readably", async () => {
    const { served, browser } = world();
    const url = served.listUrl("&result=nonsense");
    await expectFaultless(browser, { url, status: 400 });
    expect(await findA11yProblems(browser, url)).toEqual([]);
  });

  it("shows hostile names as text", async () => {
    const { served, browser } = world();
    await using visit = await browser.visit(served.listUrl());
    const { page, problems } = visit;
    // The name of the metadata service, or the PBX's where there is none: markup in both.
    const text = await page.locator(".calls").textContent();
    expect([HOSTILE.customer, HOSTILE.name].some((name) => text?.includes(name))).toBe(true);
    expect(await page.locator("img, iframe, script, [onerror], [onload]").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("finds by number and result through its form, without scripts, and forgets on demand", async () => {
    const { served, browser } = world();
    await using visit = await browser.visit(served.listUrl("&lang=en"), {
      javaScript: false,
      view: phone,
    });
    const { page, problems } = visit;
    const rows = page.locator(".calls .call");
    const all = await rows.count();
    expect(all).toBeGreaterThanOrEqual(7);

    await page.getByLabel("Result").selectOption("unanswered");
    await page.getByRole("button").click();
    await page.waitForURL(/result=unanswered/);
    const found = await rows.count();
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(all);
    expect(await page.getByLabel("Result").inputValue()).toBe("unanswered");
    expect(await rows.locator(".badge").allInnerTexts()).not.toContain("Answered");

    await page.getByLabel("Number").fill("999000111");
    await page.keyboard.press("Enter");
    await page.waitForURL(/number=999000111/);
    expect(await rows.count()).toBe(0);

    await page.locator(".filter-buttons a").click();
    await page.waitForURL((url) => !url.search.includes("result=unanswered"));
    expect(await rows.count()).toBe(all);
    expect(problems).toEqual([]);
  });

  it("leads to the page of a call, by a finger anywhere on its row", async () => {
    const { served, browser } = world();
    await using visit = await browser.visit(served.listUrl("&lang=en&result=cancelled"), {
      view: phone,
    });
    const { page, problems } = visit;
    const staff = page.locator(".calls .call .staff").first();
    await staff.scrollIntoViewIfNeeded();
    const { x = 0, y = 0 } = (await staff.boundingBox()) ?? {};
    await page.touchscreen.tap(x + 5, y + 5);
    await page.waitForURL(/\/call\/0367\//);
    expect(new URL(page.url()).pathname).toBe(`/call/0367/${missed}`);
    expect(await page.locator("#summary .badge").textContent()).toBe("Gave up");
    expect(problems).toEqual([]);
  });

  it("can be walked through with the keyboard: fields, then rows", async () => {
    const { served, browser } = world();
    await using visit = await browser.visit(served.listUrl());
    const { page } = visit;
    const seen: string[] = [];
    for (let stop = 0; stop < 40; stop++) {
      await page.keyboard.press("Tab");
      seen.push(
        await page.evaluate(() => {
          const element = document.activeElement ?? document.body;
          // Inside a field for a date, the browser marks the day, the month or the year.
          const isMarked = element.matches("body, [type=date]");
          const { outlineStyle } = getComputedStyle(element);
          const what = element.getAttribute("name") ?? element.closest("td")?.className ?? "";
          return `${what}${outlineStyle === "none" && !isMarked ? " unseen" : ""}`;
        }),
      );
    }
    const order = ["number", "ext", "result", "direction", "day", "time"];
    expect([...new Set(seen)].filter((what) => order.includes(what))).toEqual(order);
    expect(seen.filter((what) => what.endsWith("unseen"))).toEqual([]);
  });
});
