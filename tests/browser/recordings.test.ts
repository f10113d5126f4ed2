// The recording of a call in a real browser: it really plays, seeks from wave, drawing and records, and works without a
// script. Whether sound is heard is told by the player's own time.

import { beforeAll, expect, it } from "bun:test";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { tone, wavFile } from "../support/wav.ts";
import { findA11yProblems } from "./axe.ts";
import { expectFaultless } from "./look.ts";
import { inBrowser } from "./served.ts";

type Told = {
  readonly call: {
    readonly startedAt: string;
    readonly answeredAt: string;
    readonly endedAt: string;
    readonly talkMs: number;
    readonly recordings: readonly { readonly seconds: number }[];
  };
};

/** What a player is doing. */
const stateOf = (page: Page) =>
  page.evaluate(() => {
    const audio = document.querySelector("audio");
    return {
      time: audio?.currentTime ?? -1,
      duration: audio?.duration ?? -1,
      isPaused: audio?.paused ?? true,
      error: audio?.error?.message ?? "",
    };
  });

const playsPast = async (page: Page, seconds: number): Promise<number> => {
  await page.waitForFunction(
    (least) => (document.querySelector("audio")?.currentTime ?? 0) > least,
    seconds,
  );
  const { time, isPaused, error } = await stateOf(page);
  expect([isPaused, error]).toEqual([false, ""]);
  return time;
};

inBrowser("a recorded call", (world) => {
  let url = "";
  let call: Told["call"];
  let talkAt = 0;
  const tell = async (): Promise<Told["call"]> => {
    const answer = await fetch(url, { headers: { accept: "application/json" } });
    return ((await answer.json()) as Told).call;
  };

  beforeAll(async () => {
    const { served } = world();
    const uniqueId = await served.play("field_incoming");
    await served.told(uniqueId);
    url = served.callUrl(uniqueId);
    call = await tell();
    const ended = Date.parse(call.endedAt);
    const seconds = (ended - Date.parse(call.startedAt)) / 1000;
    talkAt = (Date.parse(call.answeredAt) - Date.parse(call.startedAt)) / 1000;
    const file = join(served.cwd, "recordings", `in-${uniqueId}.wav`);
    await Bun.write(file, wavFile({ seconds, sound: tone(440, 0.3) }));
    await utimes(file, ended / 1000, ended / 1000);
    call = await tell();
  });

  it("is listed, fits every view, and can be used by everybody", async () => {
    expect(call.recordings).toHaveLength(1);
    await expectFaultless(world().browser, { url, status: 200 });
    expect(await findA11yProblems(world().browser, url, { everyView: true })).toEqual([]);
  });

  it("plays from a bar of the drawing, from the wave and from the time of a record", async () => {
    await using visit = await world().browser.visit(url);
    const { page } = visit;
    expect((await stateOf(page)).isPaused).toBe(true);

    // The bar of whoever answered begins with the talk.
    const bar = page.locator("#drawing a:has(rect.talking)").first();
    await bar.press("Enter");
    expect(await playsPast(page, talkAt)).toBeLessThan(talkAt + 5);
    const span = await bar.boundingBox();
    await bar.click({ position: { x: (span?.width ?? 0) * 0.75, y: 4 } });
    const within = talkAt + (call.talkMs / 1000) * 0.75;
    expect(await playsPast(page, within - 0.5)).toBeLessThan(within + 5);
    const { duration } = await stateOf(page);
    expect(duration).toBeCloseTo(call.recordings[0]?.seconds ?? 0, 1);

    const box = await page.locator(".wave").boundingBox();
    if (box === null) throw new Error("there is no wave");
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    expect(await playsPast(page, duration / 2)).toBeLessThan(duration / 2 + 5);
    const played = await page.locator(".played").getAttribute("width");
    expect(Number(played)).toBeGreaterThan(100);

    await page.locator("#records time").first().click();
    await page.waitForFunction(() => (document.querySelector("audio")?.currentTime ?? 99) < 5);
    expect(await page.locator("#records details[open]").count()).toBe(0);
    // Whoever seeks lets go of the part that comes.
    const isLetGo = (problem: string): boolean => /\/recording\/1\?.*ERR_ABORTED/.test(problem);
    expect(visit.problems.filter((problem) => !isLetGo(problem))).toEqual([]);
    // It asked for parts, and never with the secret.
    const asked = visit.requests.filter((address) => address.includes("/recording/"));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((address) => address.includes(new URL(url).search))).toEqual([]);
  });

  it("has a player that works without a script", async () => {
    await using visit = await world().browser.visit(url, { javaScript: false });
    const source = await visit.page.locator("audio").getAttribute("src");
    const answer = await fetch(new URL(source ?? "", url), { headers: { range: "bytes=0-3" } });
    expect([answer.status, await answer.text()]).toEqual([206, "RIFF"]);
    expect(await visit.page.locator(".seek").isVisible()).toBe(false);
    expect(visit.problems).toEqual([]);
  });
});
