// `calllog tail` over a file that another writer adds to.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { webhookRecords } from "../../tests/support/calls.ts";
import { openTraceStore } from "../store/index.ts";
import { tailCommand } from "./tail.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

let sandbox: CliSandbox;
beforeEach(() => {
  sandbox = openSandbox([tailCommand]);
});
afterEach(() => sandbox.remove());

const append = async (scenario: string): Promise<void> => {
  let now = 0;
  const store = openTraceStore({
    dir: join(sandbox.folder, "call_tracer"),
    clock: { now: () => now },
  });
  for (const record of webhookRecords(scenario)) {
    now = record.at;
    if (record.kind === "AST") await store.append("0367", record);
  }
  await store.close();
};

/** Runs the command until `isEnough` of what it wrote; answers the lines. */
const tail = async (
  args: readonly string[],
  meanwhile: () => Promise<void>,
  isEnough: (text: string) => boolean,
) => {
  const stop = new AbortController();
  let text = "";
  let isFollowing = false;
  const started = Promise.withResolvers<void>();
  const running = sandbox.run(["tail", "0367", "--timezone", "Europe/Minsk", ...args], {
    stopSignal: () => stop.signal,
    stdout: {
      isTTY: false,
      write: (chunk) => {
        text += chunk;
        if (isEnough(text)) stop.abort();
      },
    },
    stderr: {
      isTTY: true,
      write: () => {
        isFollowing = true;
        started.resolve();
      },
    },
  });
  await started.promise;
  expect(isFollowing).toBe(true);
  await meanwhile();
  const { code } = await running;
  expect(code).toBe(0);
  return text.trimEnd().split("\n");
};

describe("calllog tail", () => {
  it("tells what comes from now on, and each call's sentence once when it has ended", async () => {
    await append("in_missed");
    const lines = await tail(
      [],
      () => append("xfer_attended"),
      (text) => text.includes("= Отвечен"),
    );
    expect(lines.length).toBe(18);
    expect(lines[0]).toMatch(/^10:25:55 {2}start +1795332355\.296 +Поступил звонок/);
    expect(lines.at(-1)).toContain("= Отвечен  Клиент");
    expect(lines.filter((line) => line.includes("= "))).toHaveLength(1);
    expect(lines.join()).not.toContain("tok0367");
  });

  it("follows an enterprise that has no file yet, and gives JSON a line", async () => {
    const lines = await tail(
      ["--json"],
      () => append("in_missed"),
      (text) => text.includes('"call"'),
    );
    const [first, ...rest] = lines.map((line) => JSON.parse(line));
    expect(first.record).toMatchObject({ kind: "AST", event: "start" });
    expect(rest.at(-1).call).toMatchObject({ status: "missed", phone: "375295305942" });
  });

  it("says that a line cannot be read, and lets it steer nothing", async () => {
    await append("in_missed");
    const file = join(sandbox.folder, "call_tracer", "0367", "events.log");
    const lines = await tail(
      [],
      async () => appendFileSync(file, 'nonsense \u001b[2J "Token":"abcdefgh"\n'),
      (text) => text.includes("nonsense"),
    );
    expect(lines).toEqual(['! a line cannot be read: nonsense  [2J "Token":"***"']);
  });
});
