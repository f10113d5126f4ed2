// `calllog show` over records in real files.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { webhookRecords } from "../../tests/support/calls.ts";
import { recordingFile } from "../../tests/support/recordings.ts";
import { openTraceStore } from "../store/index.ts";
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
    expect(lines[0]).toContain(
      "говорил 0:10, ответил 152 после перевода от 151, ждал 1\u00a0с; трубку положил клиент.",
    );
    const records = lines.filter((line) => /^\d\d:\d\d:\d\d,\d{3} /.test(line));
    expect(records.length).toBe(17);
    expect(records[0]).toMatch(/^10:25:55,280 {2}\+0:00,000 {2}start +Поступил звонок/);
    expect(one.stdout).not.toContain("|AST|");
    expect(one.stdout).not.toContain("tok0367");
  });

  it("draws who rang and talked, in letters that the locale has", async () => {
    const drawn = async (env: { [name: string]: string }) => {
      const { stdout } = await sandbox.run(
        ["show", "0367", "1795332355.296", "--timezone", "Europe/Minsk"],
        { env, clock: { now: () => Date.UTC(2026, 10, 22, 8) } },
      );
      return stdout.split("\n").filter((line) => /^15[12] {2}/.test(line));
    };
    const [one = "", two = ""] = await drawn({ LANG: "ru_RU.UTF-8" });
    expect(one).toMatch(/^151 +░+█+$/);
    expect(two).toMatch(/^152 +░+ +█+$/);
    expect(two.length).toBeLessThanOrEqual(80);
    expect(await drawn({ LANG: "C" })).toEqual(
      [one, two].map((line) => line.replaceAll("░", ":").replaceAll("█", "#")),
    );
  });

  it("colours a terminal, and nothing else", async () => {
    let written = "";
    const shown = async (isTTY: boolean, env: { [name: string]: string }) => {
      written = "";
      await sandbox.run(["show", "0367", "1795332355.296"], {
        env,
        stdout: {
          isTTY,
          columns: 80,
          write: (text) => {
            written += text;
          },
        },
      });
      return written.includes("\u001b[");
    };
    expect(await shown(true, {})).toBe(true);
    expect(await shown(true, { NO_COLOR: "1" })).toBe(false);
    expect(await shown(true, { TERM: "dumb" })).toBe(false);
    expect(await shown(false, {})).toBe(false);
  });

  it("prints records as they are stored with --raw, without their tokens", async () => {
    const { stdout } = await show("0367", "1795332355.296", "--raw");
    expect(stdout.match(/\|AST\|/g)?.length).toBe(17);
    expect(stdout).not.toContain("tok0367");
  });

  it("lets nothing that a caller is named steer the terminal", async () => {
    const dir = join(sandbox.folder, "call_tracer");
    const store = openTraceStore({ dir, clock: { now: () => Date.UTC(2026, 10, 22, 7) } });
    const body = {
      UniqueId: "1795330000.1",
      CallType: 0,
      Phone: "375295305942",
      CallerIDName: "Ivan\u001b[2J\u001b]0;owned\u0007\u202e",
      Extensions: ["15\u001b[31m1"],
    };
    for (const event of ["start", "dial", "hangup"]) {
      await store.append("0367", { kind: "AST", event, uniqueId: "1795330000.1", body });
    }
    await store.close();
    const { stdout } = await show("0367", "1795330000.1", "--raw");
    expect(stdout).toContain("Ivan");
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it("gives the page's JSON to --json", async () => {
    const { stdout } = await show("0367", "1795332355.296", "--json");
    const { call, records, doubts } = JSON.parse(stdout);
    expect(call.talkMs).toBe(9821);
    expect(records.length).toBe(17);
    expect(doubts).toEqual([]);
  });

  it("says where the recordings lie, and nothing of them where none are looked for", async () => {
    const folder = join(sandbox.folder, "monitor");
    const path = await recordingFile(folder, "2026/11/22/in-1795332355.296.wav");
    const { stdout } = await show("0367", "1795332358.298", "--recordings", folder);
    expect(stdout).toContain(`Запись разговора\n  ${path}  0:10\n`);
    const inJson = await show("0367", "1795332355.296", "--recordings", folder, "--json");
    expect(JSON.parse(inJson.stdout).call.recordings).toMatchObject([{ n: 1, seconds: 10 }]);
    expect((await show("0367", "1795332355.296")).stdout).not.toContain("Запис");
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
