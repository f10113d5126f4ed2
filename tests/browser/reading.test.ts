// What a reader does with the page of a call: reads hostile names, narrows the records, walks through it with the
// keyboard, prints it.

import { beforeAll, describe, expect, it } from "bun:test";
import { LIVE_SCRIPT } from "../../views/live-script.ts";
import { PLAYER_SCRIPT } from "../../views/player-script.ts";
import { phone } from "../support/browser.ts";
import { HOSTILE, inBrowser, playHostile } from "./served.ts";

/** How many sheets a PDF has: its page objects are not compressed. */
const sheetsOf = (pdf: Buffer): number =>
  pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;

inBrowser("on the page of a call", (world) => {
  let transfer = "";
  let answered = "";
  beforeAll(async () => {
    const { served } = world();
    const ids = await Promise.all([served.play("xfer_attended"), served.play("field_incoming")]);
    await Promise.all(ids.map(served.told));
    [transfer, answered] = [served.callUrl(ids[0]), served.callUrl(ids[1])];
  });

  it("hostile names, numbers, lines and ids stay text", async () => {
    const { served, browser } = world();
    const uniqueId = await playHostile(served, "1764493657.11");
    await served.told(uniqueId);
    await using visit = await browser.visit(served.callUrl(uniqueId));
    const { page, problems } = visit;
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    const text = await page.locator("main").textContent();
    for (const shown of [HOSTILE.customer, HOSTILE.extension]) expect(text).toContain(shown);
    // Their own page has no such elements, and no scripts but the two that are ours.
    expect(await page.locator("img, iframe, object, embed, [onerror], [onload]").count()).toBe(0);
    const scripts = await page.locator("script").allTextContents();
    expect(scripts.filter((text) => text !== LIVE_SCRIPT && text !== PLAYER_SCRIPT)).toEqual([]);
    expect(await page.locator("a[href^='javascript:' i]").count()).toBe(0);
    expect(await page.title()).not.toBe("");
    expect(problems).toEqual([]);
  });

  describe("the chips", () => {
    for (const javaScript of [true, false]) {
      it(`show the records of one kind ${javaScript ? "with" : "without"} scripts`, async () => {
        await using visit = await world().browser.visit(transfer, { javaScript, view: phone });
        const { page, problems } = visit;
        const rows = page.locator("#records > li");
        const shown = () => page.locator("#records > li:visible");
        const all = await rows.count();
        expect(await shown().count()).toBe(all);
        let sum = 0;
        for (const kind of ["ast", "tg", "http"]) {
          await page.locator(`label:has(#show-${kind})`).click();
          const count = await page.locator(`#records > li.${kind}`).count();
          expect(count).toBeGreaterThan(0);
          expect(await shown().count()).toBe(count);
          expect(await page.locator(`#records > li.${kind}:visible`).count()).toBe(count);
          expect(await page.locator(`label:has(#show-${kind})`).textContent()).toContain(
            `${count}`,
          );
          sum += count;
        }
        expect(sum).toBe(all);
        await page.locator("label:has(#show-all)").click();
        expect(await shown().count()).toBe(all);
        expect(problems).toEqual([]);
      });
    }
  });

  it("the keyboard reaches everything in the order of the page, and one sees where it is", async () => {
    await using visit = await world().browser.visit(answered);
    const { page } = visit;
    // Chips are one stop (their arrows choose), as radio buttons are; everything else is a stop of its own.
    const expected = await page.evaluate(
      () =>
        [...document.querySelectorAll("a[href], summary, button, input:checked")].filter(
          (element) => element.checkVisibility(),
        ).length,
    );
    const stops: { top: number; isSeen: boolean; what: string }[] = [];
    for (let stop = 0; stop < expected; stop++) {
      await page.keyboard.press("Tab");
      stops.push(
        await page.evaluate(() => {
          const element = document.activeElement ?? document.body;
          const style = (of: Element) => getComputedStyle(of);
          // What shows the focus may be what stands for a hidden input, or a bar inside a link of the drawing.
          const near = [element, element.nextElementSibling, ...element.children];
          const isSeen = near.some(
            (of) =>
              of !== null &&
              ((style(of).outlineStyle !== "none" &&
                Number.parseFloat(style(of).outlineWidth) > 0) ||
                (of instanceof SVGElement && style(of).strokeWidth === "2.5px")),
          );
          const what = element.outerHTML.slice(0, 80);
          return { top: element.getBoundingClientRect().top + scrollY, isSeen, what };
        }),
      );
    }
    expect(stops.filter(({ isSeen }) => !isSeen)).toEqual([]);
    expect(new Set(stops.map(({ what, top }) => `${what} ${top}`)).size).toBeGreaterThan(8);
    expect(stops.some(({ what }) => what.includes("<summary"))).toBe(true);
    expect(stops.some(({ what }) => what.includes("show-all"))).toBe(true);
    // Then it leaves the page's content: nothing holds it.
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  });

  it("a record is unfolded by a key", async () => {
    await using visit = await world().browser.visit(answered, { javaScript: false });
    const first = visit.page.locator("#records > li").first();
    await first.locator("summary").focus();
    await visit.page.keyboard.press("Enter");
    expect(await first.locator("pre").isVisible()).toBe(true);
  });

  it("paper takes an ordinary call on one or two sheets, every record on it, in ink on white", async () => {
    await using visit = await world().browser.visit(answered, {
      view: { ...phone, name: "phone, dark", theme: "dark" },
    });
    const { page, problems } = visit;
    // Whatever is chosen on the screen.
    await page.locator("label:has(#show-tg)").click();
    const margin = { top: "1cm", right: "1cm", bottom: "1cm", left: "1cm" };
    const pdf = await page.pdf({ format: "A4", margin });
    expect(sheetsOf(pdf)).toBeWithin(1, 3);
    await page.emulateMedia({ media: "print" });
    const rows = page.locator("#records > li");
    expect(await page.locator("#records > li:visible").count()).toBe(await rows.count());
    const ground = await page.evaluate(() =>
      ["body", ".card"].map(
        (selector) =>
          getComputedStyle(document.querySelector(selector) ?? document.body).backgroundColor,
      ),
    );
    expect(ground).toEqual(["rgb(255, 255, 255)", "rgb(255, 255, 255)"]);
    expect(problems).toEqual([]);
  });
});
