// Refusals are counted by kind, seen by every process, and bounded, whoever posts what.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRefusalJournal, type Refusal } from "./refusal-journal.ts";

const NOON = Date.UTC(2026, 10, 22, 9);
let dir: string;
let now: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "calllog-refusals-"));
  now = NOON;
});
afterEach(() => rmSync(dir, { recursive: true }));

const faults: unknown[] = [];
const open = (folder = dir) =>
  openRefusalJournal(folder, { clock: { now: () => now }, onFault: (error) => faults.push(error) });
const refusal = (over: Partial<Refusal> = {}): Refusal => ({
  enterprise: "0367",
  code: "bad_unique_id",
  event: "start",
  from: "192.0.2.7",
  ...over,
});

describe("the journal of refusals", () => {
  it("counts by kind, over workers and runs, the newest first", () => {
    const [one, other] = [open(), open()];
    one.note(refusal());
    one.note(refusal());
    now += 1000;
    other.note(refusal());
    now += 1000;
    other.note(refusal({ enterprise: undefined, code: "unknown_token" }));
    expect(one.since(0)).toMatchObject([
      { code: "unknown_token", count: 1, lastAt: NOON + 2000 },
      { enterprise: "0367", code: "bad_unique_id", count: 3, lastAt: NOON + 1000 },
    ]);
    expect(open().since(NOON + 1500)).toMatchObject([{ code: "unknown_token" }]);
  });

  it("writes a line a kind and minute, and few kinds a minute", () => {
    const journal = open();
    for (let i = 0; i < 5000; i += 1) {
      journal.note(refusal({ from: `192.0.2.${i % 250}`, event: `event_${i % 250}` }));
    }
    const found = journal.since(0);
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
    expect(found.find(({ from }) => from === "*")?.count).toBe(3000);
    expect(statSync(join(dir, ".refused.log")).size).toBeLessThan(40_000);
  });

  it("stays small for good", () => {
    const journal = open();
    for (let minute = 0; minute < 200; minute += 1) {
      now += 60_000;
      for (let i = 0; i < 100; i += 1) journal.note(refusal({ from: `192.0.2.${i}` }));
    }
    const sizes = readdirSync(dir).map((name) => statSync(join(dir, name)).size);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(300_000);
  });

  it("passes over lines that are torn or not its own, and tells what it cannot write", () => {
    const journal = open();
    journal.note(refusal());
    appendFileSync(join(dir, ".refused.log"), '{"code":"bad\nnull\n[]\n{"count":1}\n');
    expect(journal.since(0)).toHaveLength(1);
    open(join(dir, "missing")).note(refusal());
    expect(faults).toHaveLength(1);
  });
});
