// Slots found by halving against the stamps of every line.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatStamp } from "../format/stamp.ts";
import { createActivityReader } from "./activity.ts";

const SLOT = 900_000;
const DAY = Date.parse("2026-03-02T00:00:00Z");

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "calllog-activity-"));
  mkdirSync(join(dir, "0367"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const line = (at: number, bytes = 0): string =>
  `${`${formatStamp(at)}|AST|start|1764493655.61|{"Phone":"`.padEnd(bytes, "1")}"}\n`;
const path = (name: string): string => join(dir, "0367", name);
const slotsOf = (times: readonly number[]): number[] =>
  [...new Set(times.map((at) => Math.floor(at / SLOT)))].sort((a, b) => a - b);

describe("createActivityReader", () => {
  it("finds the slots of large files, between long lines and lines without a stamp", async () => {
    const times: number[] = [];
    let text = "";
    let at = DAY;
    for (let n = 0; at < DAY + 86_000_000; n += 1) {
      times.push(at);
      const bytes = n % 97 === 0 ? 300_000 : 2000;
      text += line(at, bytes);
      if (n % 13 === 0) text += `${"unreadable ".repeat(n % 300)}\n`;
      // Bursts, and silences of hours.
      at += n % 50 === 49 ? (n % 7) * 3_000_000 : 20_000 + (n % 11) * 9000;
    }
    writeFileSync(path("events.log.2026-03-02"), text);
    expect(text.length).toBeGreaterThan(1_000_000);
    const read = await createActivityReader(dir, SLOT).of("0367", DAY);
    expect([...read.slots].sort((a, b) => a - b)).toEqual(slotsOf(times));
    expect(read.lastEventAt).toBe(times.at(-1));
  });

  it("sees what comes, tells events from messages, and leaves old days out", async () => {
    const today = DAY + 10 * 86_400_000;
    writeFileSync(path("events.log.2026-03-02"), line(DAY + 1000));
    writeFileSync(path("events.log"), line(today));
    const reader = createActivityReader(dir, SLOT);
    expect((await reader.of("0367", DAY)).slots.size).toBe(2);
    appendFileSync(path("events.log"), line(today + SLOT));
    appendFileSync(
      path("events.log"),
      `${formatStamp(today + 2 * SLOT)}|TG|send|374573193|hangup|1|1764493655.61|text\n`,
    );
    const read = await reader.of("0367", today);
    expect([...read.slots]).toEqual(slotsOf([today, today + SLOT, today + 2 * SLOT]));
    expect(read.lastEventAt).toBe(today + SLOT);
    expect(await reader.of("0999", DAY)).toEqual({ slots: new Set(), lastEventAt: undefined });
  });
});
