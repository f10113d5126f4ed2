// `calllog import` of CEL files: the calls come out as they would have been told live.

import { afterEach, beforeEach, expect, it } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { recordsOfEvents } from "../../tests/support/ami.ts";
import { assembled } from "../../tests/support/calls.ts";
import { celPairs, celText, eventsOfCel } from "../../tests/support/cel.ts";
import { callsCommand } from "./calls.ts";
import { importCommand } from "./import.ts";
import { showCommand } from "./show.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

/** A week after the recordings. */
const clock = { now: () => 1_795_719_600_000 + 7 * 24 * 3600 * 1000 };
let sandbox: CliSandbox;
beforeEach(() => {
  sandbox = openSandbox([importCommand, callsCommand, showCommand]);
});
afterEach(() => sandbox.remove());

const run = (...argv: string[]) => sandbox.run(argv, { clock });
const put = (name: string, text: string) => writeFile(join(sandbox.folder, name), text);

it("makes the calls of files that rotation cut in two, whichever is named first", async () => {
  const lines = celText("xfer_attended.jsonl").split("\n").filter(Boolean);
  await put("cel.json.1", `${lines.slice(0, 9).join("\n")}\n`);
  await put("cel.json", `not of CEL\n${lines.slice(9).join("\n")}\n`);
  const made = await run("import", "cel.json", "cel.json.1", "--enterprise", "0367");
  // The one that 151 placed to ask before the transfer is counted too.
  expect(made.stdout).toContain("made 2 calls of 1 day");
  expect(made.stderr).toContain("cel.json, line 1: it is no line of CEL");
  const { stdout } = await run("show", "0367", "1795720284.3", "--json");
  const { call } = JSON.parse(stdout) as { call: Record<string, unknown> };
  expect(call).toMatchObject({
    direction: "incoming",
    status: "answered",
    phone: "375295305942",
    answeredBy: ["151", "152"],
    startedAt: "2026-11-26T19:11:24.550Z",
  });
  expect(call["transfers"]).toMatchObject([{ kind: "attended", from: "151", to: "152" }]);

  const again = await run("import", "cel.json", "cel.json.1", "--enterprise", "0367");
  expect(again.stdout).toContain("made 0 calls");
});

it("takes CSV, and every call of it", async () => {
  await put("calllog.csv", celText("four_calls.csv"));
  await run("import", "calllog.csv", "--enterprise", "0367");
  const { stdout } = await run("calls", "0367", "--json");
  expect((JSON.parse(stdout) as { calls: unknown[] }).calls).toHaveLength(4);
});

it("makes of every recorded call the one that is told live", async () => {
  const names = celPairs();
  for (const name of names) await put(`${name}.json`, celText(`${name}.jsonl`));
  const { stderr } = await run(
    "import",
    ...names.map((name) => `${name}.json`),
    "--enterprise",
    "0367",
  );
  expect(stderr).toBe("");
  for (const name of names) {
    const records = recordsOfEvents(eventsOfCel(celText(`${name}.jsonl`)));
    const live = await assembled(records, records[0]?.uniqueId ?? "");
    if (live === undefined) throw new Error(`no call in ${name}`);
    const { direction, status, phone, extensions, answeredBy, talkMs, transfers } = live.call;
    const { stdout } = await run("show", "0367", live.call.uniqueIds[0] ?? "", "--json");
    expect((JSON.parse(stdout) as { call: unknown }).call).toMatchObject({
      ...{ direction, status, phone, extensions, answeredBy },
      talkSeconds: talkMs === null ? null : Math.floor(talkMs / 1000 + 0.5),
      transfers: transfers.map(({ kind, from, to }) => ({ kind, from, to })),
    });
  }
});
