// The files of outgoing webhooks.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hookSecretRule } from "./signature.ts";
import { type HookStore, openHooks } from "./store.ts";

const T0 = 1_764_493_655_000;
const URL = "https://crm.example/calls";
let dataDir: string;
let now: number;
let store: HookStore;

beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), "calllog-hooks-")), "call_tracer");
  now = T0;
  store = openHooks(dataDir, { now: () => now });
});
afterEach(() => rmSync(join(dataDir, ".."), { recursive: true }));

describe("openHooks", () => {
  it("makes no folder to look at none", () => {
    expect([store.enterprises(), store.of("0367"), store.remove("0367", "h00000000")]).toEqual([
      [],
      [],
      false,
    ]);
    expect(store.rotate("0367", "h00000000")).toBeUndefined();
    expect(readdirSync(join(dataDir, ".."))).toEqual([]);
  });

  it("keeps them for their owner alone, with a secret the specification allows", () => {
    const hook = store.add("0367", URL);
    expect(hookSecretRule.allows(hook.secret)).toBe(true);
    const folder = join(dataDir, ".hooks", "0367");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(openHooks(dataDir, { now: () => now }).of("0367")).toEqual([hook]);
    expect(store.enterprises()).toEqual(["0367"]);
  });

  it("rotates: the secret before is good for a day more", () => {
    const { id, secret } = store.add("0367", URL);
    now += 1000;
    const rotated = store.rotate("0367", id);
    expect(rotated?.secret).not.toBe(secret);
    expect(rotated?.former).toEqual({ secret, until: now + 24 * 3_600_000 });
    expect(store.of("0367")).toEqual(rotated === undefined ? [] : [rotated]);
  });

  it("knows places and targets that are gone, and forgets all of them with the webhook", () => {
    const hook = store.add("0367", URL);
    expect(store.placeOf(hook)).toBe(T0);
    store.setPlace(hook, T0 + 5000);
    now += 9000;
    store.markGone(hook);
    expect([store.placeOf(hook), store.of("0367")[0]?.goneAt]).toEqual([T0 + 5000, now]);
    store.markBack(hook);
    expect([store.placeOf(hook), store.of("0367")[0]?.goneAt]).toEqual([now, null]);
    expect(store.remove("0367", hook.id)).toBe(true);
    store.setPlace(hook, now + 1);
    expect(readdirSync(join(dataDir, ".hooks", "0367"))).toEqual([]);
  });

  it("passes over files that are not its own, and takes no path for an id", () => {
    const { id } = store.add("0367", URL);
    for (const name of ["notes.json", "h1.json", "h12345678.json"])
      writeFileSync(join(dataDir, ".hooks", "0367", name), "{");
    expect(store.of("0367").map((hook) => hook.id)).toEqual([id]);
    expect(store.remove("0367", `../0367/${id}`)).toBe(false);
  });
});

describe("hookSecretRule", () => {
  it.each([
    [`whsec_${Buffer.alloc(24).toString("base64")}`, true],
    [`whsec_${Buffer.alloc(64).toString("base64")}`, true],
    [`whsec_${Buffer.alloc(23).toString("base64")}`, false],
    [`whsec_${Buffer.alloc(65).toString("base64")}`, false],
    [Buffer.alloc(32).toString("base64"), false],
    ["whsec_", false],
  ])("%s: %p", (text, isAllowed) => expect(hookSecretRule.allows(text)).toBe(isAllowed));
});
