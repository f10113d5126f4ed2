// `calllog calls` over records in real files.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { webhookRecords } from "../../tests/support/calls.ts";
import { openTraceStore } from "../store/index.ts";
import { callsCommand } from "./calls.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

let sandbox: CliSandbox;
beforeEach(async () => {
  sandbox = openSandbox([callsCommand]);
  let now = 0;
  const store = openTraceStore({
    dir: join(sandbox.folder, "call_tracer"),
    clock: { now: () => now },
  });
  const scenarios = ["in_answered", "in_missed", "xfer_attended", "out_answered", "id_html"];
  const records = scenarios.flatMap(webhookRecords).sort((a, b) => a.at - b.at);
  for (const record of records) {
    now = record.at;
    if (record.kind === "AST") await store.append("0367", record);
  }
  await store.close();
});
afterEach(() => sandbox.remove());

const calls = (...args: string[]) =>
  sandbox.run(["calls", ...args, "--timezone", "Europe/Minsk"], {
    clock: { now: () => Date.UTC(2026, 10, 22, 12) },
  });
const lines = async (...args: string[]) => (await calls("0367", ...args)).stdout.trim().split("\n");

describe("calllog calls", () => {
  it("lists each call once, newest first, on a line with the id that shows it", async () => {
    const [head = "", ...rows] = await lines();
    expect(head).toMatch(/^Время +Направление +Номер/);
    expect(rows.length).toBe(5);
    const times = rows.map((row) => row.slice(0, 19));
    expect(times).toEqual([...times].sort().reverse());
    const transferred = rows.find((row) => row.includes("151 → 152"));
    expect(transferred).toMatch(
      /^2026-11-22 10:25:55 +Входящий .* Отвечен +Ответ на пропущенный звонок +1795332355\.296$/,
    );
  });

  it("takes the filters of the page", async () => {
    expect(await lines("--result", "missed")).toHaveLength(2);
    expect(await lines("--direction", "outgoing", "--number", "+375 (29)")).toHaveLength(2);
    expect(await lines("--ext", "152")).toHaveLength(2);
    expect(await lines("--day", "today")).toHaveLength(6);
    const none = await calls("0367", "--day", "yesterday");
    expect(none).toMatchObject({ code: 0, stdout: "", stderr: "Таких звонков нет.\n" });
    // A mistyped number is told from a day without calls.
    expect((await calls("0376")).stderr).toMatch(/no records of 0376 in .*--data-dir/);
    expect(JSON.parse((await calls("0376", "--json")).stdout)).toEqual({ calls: [], more: false });
  });

  it("names every wrong filter at once", async () => {
    const { code, stderr } = await calls("0367", "--result", "missd", "--day", "22.11");
    expect(code).toBe(2);
    expect(stderr).toContain("--result missd: must be one of answered,");
    expect(stderr).toContain("--day 22.11: must be a day such as");
    expect((await calls("0367", "--json", "--csv")).code).toBe(2);
  });

  it("says that there is more, and gives JSON and CSV", async () => {
    const cut = await calls("0367", "--limit", "2");
    expect(cut.stderr).toContain("--limit");
    const { calls: rows, more } = JSON.parse(
      (await calls("0367", "--limit", "2", "--json")).stdout,
    );
    expect([rows.length, more]).toEqual([2, true]);
    expect(rows[0]).toMatchObject({ direction: expect.any(String), waitMs: expect.any(Number) });
    const csv = (await calls("0367", "--csv")).stdout;
    expect(csv).toStartWith("\ufeffstarted_at,");
    expect(csv.trim().split("\r\n").length).toBe(6);
  });

  it("reads and leaves everything as it was", async () => {
    const folder = join(sandbox.folder, "call_tracer", "0367");
    const before = readdirSync(folder);
    await calls("0367");
    expect(readdirSync(folder)).toEqual(before);
    expect((await calls("0368")).code).toBe(0);
    expect(readdirSync(join(sandbox.folder, "call_tracer"))).toEqual(["0367"]);
  });
});
