// The files of invitations: who was first is decided once, whatever dies in between, and none of them tells a code.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openInvitations } from "./store.ts";
import type { Invitation, InvitationStore } from "./types.ts";

const T0 = 1_764_493_655_000;
const invitation = (change: Partial<Invitation> = {}): Invitation => ({
  enterprise: "0367",
  isGroup: false,
  name: null,
  createdAt: T0,
  expiresAt: T0 + 1000,
  ...change,
});
const by = (updateId: number) => ({ botId: "700001", updateId, chatId: "101" });

let dataDir: string;
let now: number;
let store: InvitationStore;
const files = (): string[] => readdirSync(join(dataDir, ".invitations"));

beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), "calllog-store-")), "call_tracer");
  now = T0;
  store = openInvitations(dataDir, { now: () => now });
});
afterEach(() => rmSync(join(dataDir, ".."), { recursive: true }));

describe("openInvitations", () => {
  it("makes no folder to look at none", () => {
    expect([store.open(), store.bots(), store.find("x")]).toEqual([[], [], undefined]);
    store.removeExpired();
    expect(store.cancel("0367")).toBe(0);
    expect(readdirSync(join(dataDir, ".."))).toEqual([]);
  });

  it("makes codes of 128 bits that a link can carry, and keeps none", () => {
    const codes = Array.from({ length: 50 }, () => store.create(invitation()));
    expect(new Set(codes).size).toBe(50);
    for (const code of codes) expect(code).toMatch(/^[0-9a-f]{32}$/);
    expect(statSync(join(dataDir, ".invitations")).mode & 0o777).toBe(0o700);
    for (const name of files()) {
      const path = join(dataDir, ".invitations", name);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      const text = name + readFileSync(path, "utf8");
      expect(codes.filter((code) => text.includes(code))).toEqual([]);
    }
  });

  it("tells open ones, oldest first, from used and expired ones", () => {
    const second = invitation({ createdAt: T0 + 2, name: "Анна" });
    store.create(second);
    store.create(invitation({ createdAt: T0 + 1 }));
    store.create(invitation({ expiresAt: T0 }));
    store.claim(store.create(invitation()), by(1));
    expect(store.open()).toEqual([invitation({ createdAt: T0 + 1 }), second]);
  });

  it("lets one message claim it, and that one as often as it comes", () => {
    const code = store.create(invitation());
    const other = openInvitations(dataDir, { now: () => now });
    expect([store.claim(code, by(1)), other.claim(code, by(2))]).toEqual([true, false]);
    expect(other.claim(code, by(1))).toBe(true);
    store.finish(code);
    expect([other.claim(code, by(1)), other.claim(code, by(3))]).toEqual([true, false]);
    expect(store.find(code)?.usedBy).toEqual(by(1));
    expect(store.claim("0".repeat(32), by(4))).toBe(false);
  });

  it("opens one again that could not be used", () => {
    const code = store.create(invitation());
    store.claim(code, by(1));
    store.giveBack(code);
    expect(store.open()).toHaveLength(1);
    expect(store.claim(code, by(2))).toBe(true);
  });

  it("ends those of one enterprise, and forgets expired ones, used ones too", () => {
    const code = store.create(invitation());
    store.create(invitation({ enterprise: "0113" }));
    expect(store.cancel("0367")).toBe(1);
    expect(store.find(code)).toBeUndefined();
    store.claim(store.create(invitation()), by(1));
    store.addBot("700001");
    store.addBot("700001");
    now = T0 + 999;
    store.removeExpired();
    expect(files()).toHaveLength(4);
    now = T0 + 1000;
    store.removeExpired();
    expect(files()).toEqual(["bot-700001"]);
    expect(store.bots()).toEqual(["700001"]);
  });

  it("passes over files that are not its own", () => {
    store.create(invitation());
    for (const name of ["a.open", "b.used", "bot-x", ".DS_Store"]) {
      writeFileSync(join(dataDir, ".invitations", name), "{");
    }
    store.removeExpired();
    expect([store.open().length, store.bots()]).toEqual([1, []]);
  });
});
