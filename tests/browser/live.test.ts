// The page of a call that goes on, in a real browser: it follows the call by itself, and does not take anything away
// from who reads it.

import { expect, it } from "bun:test";
import { phone } from "../support/browser.ts";
import { inBrowser, playAnswer, playHangup, playRinging } from "./served.ts";

inBrowser("the page of a call that goes on", (world) => {
  it("shows the answer and the end without being loaded again; what was opened stays open", async () => {
    const { served, browser } = world();
    const uniqueId = await playRinging(served, "1764493656.11");
    await using visit = await browser.visit(served.callUrl(uniqueId, "&lang=en"), { view: phone });
    const { page, problems, requests } = visit;
    const badge = page.locator("#summary .badge");
    const rows = page.locator("#records > li");
    expect(await badge.textContent()).toBe("Ringing");
    await page.locator("#live-sign.on").waitFor();
    await rows.first().locator("summary").click();
    await page.evaluate(() => document.body.setAttribute("data-same-page", ""));
    const before = await rows.count();

    await playAnswer(served, uniqueId);
    await badge.filter({ hasText: "Talking" }).waitFor();
    await page.locator(`#records > li:nth-child(${before + 2})`).waitFor();
    await playHangup(served, uniqueId);
    await badge.filter({ hasText: "Answered" }).waitFor();

    expect(await rows.first().locator("details").getAttribute("open")).toBe("");
    expect(await rows.first().locator("pre").isVisible()).toBe(true);
    expect(await page.locator("body").getAttribute("data-same-page")).toBe("");
    expect(await page.locator("#live-news").textContent()).toBe("Answered");
    expect(problems).toEqual([]);
    expect(requests.map((address) => new URL(address).pathname)).toEqual([
      `/call/0367/${uniqueId}`,
      `/call/0367/${uniqueId}/live`,
    ]);
  });

  it("shows hostile names that come while it is open as text", async () => {
    const { served, browser } = world();
    const uniqueId = await playRinging(served, "1764493656.21");
    await using visit = await browser.visit(served.callUrl(uniqueId, "&lang=en"));
    const { page, problems } = visit;
    await page.locator("#live-sign.on").waitFor();
    const scripts = await page.locator("script").count();
    const name = `<img src=x onerror="alert('late')"><script>alert(1)</script>`;
    await served.post("new_callerid", {
      UniqueId: uniqueId,
      CallType: 0,
      CallerIDName: name,
      CallerIDNum: name,
    });
    await page.getByText("onerror").first().waitFor({ state: "attached" });
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.locator("script").count()).toBe(scripts);
    expect(problems).toEqual([]);
  });

  it("loads itself again where scripts do not run", async () => {
    const { served, browser } = world();
    const uniqueId = await playRinging(served, "1764493656.31");
    await using visit = await browser.visit(served.callUrl(uniqueId, "&lang=en"), {
      javaScript: false,
    });
    const badge = visit.page.locator("#summary .badge");
    expect(await badge.textContent()).toBe("Ringing");
    await playAnswer(served, uniqueId);
    await badge.filter({ hasText: "Talking" }).waitFor();
    expect(visit.problems).toEqual([]);
  });
});
