// `calllog digest` over records in real files.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { join } from "node:path";
import { webhookRecords } from "../../tests/support/calls.ts";
import { openTraceStore } from "../store/index.ts";
import { digestCommand } from "./digest.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

let sandbox: CliSandbox;
beforeEach(async () => {
  sandbox = openSandbox([digestCommand, ...enterpriseCommands]);
  let now = 0;
  const store = openTraceStore({
    dir: join(sandbox.folder, "call_tracer"),
    clock: { now: () => now },
  });
  const records = ["in_answered", "in_missed", "out_answered"].flatMap(webhookRecords);
  for (const record of records.sort((a, b) => a.at - b.at)) {
    now = record.at;
    if (record.kind === "AST") await store.append("0367", record);
  }
  await store.close();
});
afterEach(() => sandbox.remove());

const digest = (...args: string[]) =>
  sandbox.run(["digest", ...args, "--timezone", "Europe/Minsk"], {
    clock: { now: () => Date.UTC(2026, 10, 22, 12) },
  });

describe("calllog digest", () => {
  it("prints the day as a chat gets it, under the enterprise's name", async () => {
    const bare = (await digest("0367")).stdout.split("\n");
    expect(bare[0]).toBe("📊 0367: воскресенье, 22 ноября, до 15:00");
    expect(bare[1]).toBe("📥 Входящих 2: отвечено 1, пропущено 1");
    await sandbox.run(["enterprise", "add", "0367", "--name", "Ромашка"]);
    const named = await digest("0367", "--day", "2026-11-22", "--lang", "en");
    expect(named.stdout).toStartWith("📊 Ромашка");
    expect(named.stdout).toContain("2 in: 1 answered, 1 missed");
    expect((await digest("0367", "--day", "yesterday")).stdout).toBe(
      "📊 Ромашка: суббота, 21 ноября\nЗвонков не было\n",
    );
  });

  it("says what is wrong: another folder, a day that is none", async () => {
    const none = await digest("0376");
    expect(none).toMatchObject({ code: 1, stdout: "" });
    expect(none.stderr).toMatch(/no records of 0376 in .*--data-dir/);
    const wrong = await digest("0367", "--day", "22.11");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("--day 22.11: must be a day such as");
  });
});
