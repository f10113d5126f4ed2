// What was refused, what came broken and what doctor finds, over real HTTP and real files.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recentRecords } from "../store/index.ts";
import { salvagedOf } from "./faults.ts";
import { enterprise, NOON, openConsole, SECRET } from "./testing.ts";

type World = Awaited<ReturnType<typeof openConsole>>;
let world: World;
let cookie: string;
let token: string;
beforeEach(async () => {
  world = await openConsole();
  await world.directory.addEnterprise(enterprise({ number: "0367", name: "Ромашка" }));
  await world.directory.addEnterprise(enterprise({ number: "0400", webhookToken: "other" }));
  ({ cookie, token } = await world.begin());
});
afterEach(() => world.close());
const page = async (path: string): Promise<string> =>
  (await world.get(`/console${path}`, { cookie })).text();

describe("refused and broken events", () => {
  it("are told of an enterprise by reason and sender, and mark it in the table for an hour", async () => {
    mkdirSync(world.dataDir, { recursive: true });
    world.refusals.note({
      enterprise: "0367",
      code: "bad_unique_id",
      event: "dial",
      from: "192.0.2.7",
    });
    const html = await page("/enterprises/0367/faults");
    for (const part of ["нет UniqueId", "192.0.2.7", "dial", "Битых событий нет"])
      expect(html).toContain(part);
    expect(await page("/enterprises/0400/faults")).toContain("Ни одно событие не отклонено");
    expect(await page("")).toContain("события отклоняются");
    world.wait(2 * 3_600_000);
    expect(await page("")).not.toContain("события отклоняются");
    expect(await page("/enterprises/0367/faults")).toContain("192.0.2.7");
    world.wait(3 * 86_400_000);
    expect(await page("/enterprises/0367/faults")).not.toContain("192.0.2.7");
  });

  it("of nobody knows whom are on the page of the service", async () => {
    expect(await page("/health")).not.toContain("неизвестно чьи");
    mkdirSync(world.dataDir, { recursive: true });
    world.refusals.note({
      enterprise: undefined,
      code: "unknown_token",
      event: "start",
      from: "203.0.113.9",
    });
    const html = await page("/health");
    expect(html).toContain("неизвестно чьи");
    expect(html).toContain("203.0.113.9");
  });

  it("show what came broken as text, with the call's page", async () => {
    const folder = join(world.dataDir, "0367");
    mkdirSync(folder, { recursive: true });
    const raw = `{"Token":"token-of-0367","Phone":"<img src=x>"quoted"`;
    const stamp = (ms: number) =>
      new Date(ms).toISOString().replace("T", " ").replace(".", ",").slice(0, 23);
    const line = (ms: number, body: object) =>
      `${stamp(ms)}|AST|start|${ms / 1000}.1|${JSON.stringify(body)}\n`;
    writeFileSync(
      join(folder, "events.log"),
      line(NOON - 60_000, { Phone: "375291112233" }) +
        line(NOON - 30_000, { UniqueId: "1", _raw: raw }),
    );
    const html = await page("/enterprises/0367/faults");
    expect(html).toContain("&lt;img src=x&gt;");
    expect(html).not.toContain("<img");
    expect(html).not.toContain("375291112233");
    expect(html).toMatch(/href="\/call\/0367\/[^"]*token=/);
    for (const hidden of [SECRET, "token-of-0367"]) expect(html).not.toContain(hidden);
  });
});

describe("salvagedOf", () => {
  it("gives what it has found when the time is over, though it has found nothing", async () => {
    const folder = join(world.dataDir, "0367");
    mkdirSync(folder, { recursive: true });
    const line = `2026-11-22 08:59:00,000|AST|start|1.1|{"Phone":"375291112233"}\n`;
    writeFileSync(join(folder, "events.log"), line.repeat(1000));
    let asked = 0;
    const clock = {
      now: () => {
        asked += 1;
        return NOON + asked * 100;
      },
    };
    const found = await salvagedOf(
      {
        refusals: world.refusals,
        clock,
        salvagedSince: (number, since, isWanted) =>
          recentRecords(world.dataDir, number, "AST", since, { containing: '"_raw"', isWanted }),
      },
      enterprise({ number: "0367" }),
    );
    expect(found).toEqual({ events: [], isComplete: false });
    expect(asked).toBeLessThan(100);
  });
});

describe("the checks of doctor", () => {
  it("are the quick ones at once, and all of them by a button of the session", async () => {
    expect(await page("/health")).not.toContain("no answer");
    const all = await world.send("/console/health", { form_token: token }, { cookie });
    expect([all.status, await all.text()]).toEqual([
      200,
      expect.stringContaining("bot 700001: no answer; look"),
    ]);
    expect((await world.send("/console/health", {}, { cookie })).status).toBe(403);
  });
});
