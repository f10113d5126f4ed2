import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { listEntry, mayOpenCall } from "../pages/auth.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { linkCommand } from "./link.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = 1_764_493_655_000;
const DAY_MS = 86_400_000;

let box: CliSandbox;
beforeEach(async () => {
  box = openSandbox([linkCommand, ...enterpriseCommands]);
  await box.run(["enterprise", "add", "0367", "--name", "Test", "--secret", SECRET]);
});
afterEach(() => box.remove());

const link = (...more: string[]) => box.run(["link", "0367", "1764493655.61", ...more]);
const enterprise = {
  number: "0367",
  name: null,
  webhookToken: null,
  secret: SECRET,
  botToken: null,
  active: true,
};
const opensAt = (url: string, now: number) =>
  mayOpenCall(enterprise, new URL(url).searchParams.get("token") ?? "", {
    scope: { enterprise: "0367", uniqueId: "1764493655.61" },
    now,
    secretLinks: "deny",
  });

describe("calllog link", () => {
  it("prints the address of the page and nothing else", async () => {
    const run = await link();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(
      /^http:\/\/127\.0\.0\.1:8026\/call\/0367\/1764493655\.61\?token=[\w-]{28}\n$/,
    );
    expect(run.stdout).not.toContain(SECRET);
    const run2 = await link("--public-url", "https://calls.example.test/", "--port", "0");
    expect(run2.stdout).toStartWith("https://calls.example.test/call/0367/1764493655.61?token=");
  });

  it("makes it work for as long as it is told, else two weeks", async () => {
    const CASES: readonly [flags: string[], ms: number][] = [
      [[], 14 * DAY_MS],
      [["--link-ttl", "1h"], DAY_MS / 24],
      [["--ttl", "2d"], 2 * DAY_MS],
      [["--ttl", "2"], 2 * DAY_MS],
    ];
    for (const [flags, ms] of CASES) {
      const { stdout } = await link(...flags);
      expect(await opensAt(stdout.trim(), NOW + ms - 1)).toBe(true);
      expect(await opensAt(stdout.trim(), NOW + ms)).toBe(false);
    }
  });

  it("opens the list, of every day or of one of the zone", async () => {
    const list = async (...flags: string[]) => {
      const { stdout } = await box.run(["link", "0367", "--list", ...flags]);
      return new URL(stdout.trim());
    };
    const entryOf = (url: URL, now: number) =>
      listEntry(enterprise, url.searchParams.get("token") ?? "", {
        number: "0367",
        day: url.searchParams.get("day") ?? "",
        now,
      });
    const all = await list("--ttl", "1h");
    expect(all.pathname + [...all.searchParams.keys()].join()).toBe("/calls/0367token");
    expect(await entryOf(all, NOW + 3_599_000)).toMatchObject({ day: undefined });
    expect(await entryOf(all, NOW + 3_600_000)).toBeUndefined();
    // 2025-11-30 12:07 in Minsk.
    const today = await list("--day", "today", "--timezone", "Europe/Minsk");
    expect(today.searchParams.get("day")).toBe("2025-11-30");
    expect(await entryOf(today, NOW)).toMatchObject({ day: "2025-11-30" });
    const yesterday = await list("--day", "yesterday", "--timezone", "Europe/Minsk");
    expect(yesterday.searchParams.get("day")).toBe("2025-11-29");
    yesterday.searchParams.set("day", "2025-11-30");
    expect(await entryOf(yesterday, NOW)).toBeUndefined();

    for (const [flags, wrong] of [
      [["0367"], "UID is needed"],
      [["0367", "1.1", "--list"], "do not go together"],
      [["0367", "1.1", "--day", "today"], "--day goes with --list"],
      [["0367", "--list", "--day", "2025-13-01"], "--day"],
    ] as const) {
      const { code, stderr } = await box.run(["link", ...flags]);
      expect([code, stderr.includes(wrong)]).toEqual([2, true]);
    }
  });

  it("says what is wrong", async () => {
    expect(await link("--ttl", "0s")).toMatchObject({ code: 2, stdout: "" });
    expect((await link("--port", "0")).stderr).toContain("give --public-url");
    const unknown = await box.run(["link", "0368", "1.1"]);
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toContain("there is no enterprise 0368");
  });

  it("warns of pages that are closed", async () => {
    await box.run(["enterprise", "set", "0367", "--active", "no"]);
    expect((await link()).stderr).toContain("not active");
  });
});
