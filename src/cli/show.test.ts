// `calllog show` over records in real files.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { webhookRecords } from "../../tests/support/calls.ts";
import { openTraceStore } from "../trace/index.ts";
import { showCommand } from "./show.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

let sandbox: CliSandbox;
beforeEach(async () => {
  sandbox = openSandbox([showCommand]);
  let now = 0;
  const store = openTraceStore({
    dir: join(sandbox.folder, "call_tracer"),
    clock: { now: () => now },
  });
  for (const record of webhookRecords("xfer_attended")) {
    now = record.at;
    if (record.kind === "AST") await store.append("0367", record);
  }
  await store.close();
});
afterEach(() => sandbox.remove());

const show = (...args: string[]) =>
  sandbox.run(["show", ...args, "--timezone", "Europe/Minsk"], {
    clock: { now: () => Date.UTC(2026, 10, 22, 8) },
  });

describe("calllog show", () => {
  it("tells the call in a sentence, then every record, from either id", async () => {
    const [one, other] = [
      await show("0367", "1795332355.296"),
      await show("0367", "1795332358.298"),
    ];
    expect(one.code).toBe(0);
    expect(one.stdout).toBe(other.stdout);
    const lines = one.stdout.split("\n");
    expect(lines[0]).toContain("ответил 151 через 1\u00a0с, 151 перевёл на 152");
    expect(lines.filter((line) => line.includes("|AST|")).length).toBe(0);
    expect(lines.filter((line) => line.includes("AST|")).length).toBe(17);
    expect(one.stdout).toContain("10:25:55,280  +0:00,000  AST|start|1795332355.296|");
    expect(one.stdout).not.toContain("tok0367");
  });

  it("gives the page's JSON to --json", async () => {
    const { stdout } = await show("0367", "1795332355.296", "--json");
    const { call, records, doubts } = JSON.parse(stdout);
    expect(call.talkMs).toBe(9821);
    expect(records.length).toBe(17);
    expect(doubts).toEqual([]);
  });

  it("says where it looked when there is no such call, and creates nothing", async () => {
    const before = readdirSync(join(sandbox.folder, "call_tracer"));
    const { code, stderr } = await show("0368", "1795332355.296");
    expect(code).toBe(1);
    expect(stderr).toContain("no record of 1795332355.296 in");
    expect(readdirSync(join(sandbox.folder, "call_tracer"))).toEqual(before);
  });

  it("refuses ids that could not be ids", async () => {
    const { code, stderr } = await show("../0367", "1|2");
    expect(code).toBe(2);
    expect(stderr).toContain("ENT");
    expect(stderr).toContain("UID");
  });
});
