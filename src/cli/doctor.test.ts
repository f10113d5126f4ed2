// The doctor against a Bot API server, a metadata service and a directory of its own.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BotApiServer, startBotApi } from "../../tests/support/bot-api/server.ts";
import { doctorCommand } from "./doctor.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";
import { userCommands } from "./user.ts";

const BOT = "700001:made-up-token-of-a-bot";
const REVOKED = "700002:made-up-revoked-token";

let box: CliSandbox;
let api: BotApiServer;
beforeEach(async () => {
  box = openSandbox([doctorCommand, ...enterpriseCommands, ...userCommands]);
  api = await startBotApi({ tokens: [BOT], chats: ["374573193", "-1001234567890"] });
  mkdirSync(join(box.folder, "call_tracer"));
});
afterEach(async () => {
  box.remove();
  await api.stop();
});

const setUp = async (...commands: readonly string[]) => {
  for (const command of commands) {
    const run = await box.run(command.split(" "));
    if (run.code !== 0) throw new Error(run.stderr);
  }
};
const doctor = (...flags: string[]) =>
  box.run(["doctor", "--telegram-api-root", api.apiRoot, ...flags]);

describe("calllog doctor", () => {
  it("is content where everything is there, and sends nothing", async () => {
    const metadata = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(null, { status: 404 }),
    });
    try {
      await setUp(
        `enterprise add 0367 --name Test --bot-token ${BOT}`,
        "user add 374573193 --enterprise 0367",
        "user add -1001234567890 --enterprise 0367",
      );
      const run = await doctor(
        ...["--public-url", "https://calls.example.test"],
        ...["--metadata-url", metadata.url.origin],
      );
      expect(run).toMatchObject({ code: 0, stderr: "" });
      expect(run.stdout.split("\n")).toEqual([
        `ok     data folder ${join(box.folder, "call_tracer")}: can be written`,
        "ok     directory of enterprises and people: answers",
        "ok     public address https://calls.example.test: can stand in a button",
        `ok     metadata service ${metadata.url.origin}: answers`,
        "ok     bot 700001 of 0367: is @calls_bot",
        "ok     chat -1001234567890 of 0367: is known to its bot",
        "ok     chat 374573193 of 0367: is known to its bot",
        "",
      ]);
      expect(new Set(api.requests.map(({ method }) => method))).toEqual(
        new Set(["getMe", "getChat"]),
      );
      expect(readdirSync(join(box.folder, "call_tracer"))).toEqual([]);
    } finally {
      await metadata.stop(true);
    }
  });

  it("names everything that is wrong, with what to do, and no token", async () => {
    await setUp(
      `enterprise add 0367 --name Test --bot-token ${BOT}`,
      "user add 374573193 --enterprise 0367",
      "user add 5550001 --enterprise 0367",
      `enterprise add 0368 --name Test --bot-token ${REVOKED}`,
      "user add 374573193 --enterprise 0368",
      "enterprise add 0369 --name Test",
      "user add 374573193 --enterprise 0369",
      "enterprise add 0370 --name Closed",
      "user add 374573193 --enterprise 0370",
      "enterprise set 0370 --active no",
    );
    api.block("374573193");
    const run = await doctor("--public-url", "http://pbx", "--metadata-url", "http://127.0.0.1:1");
    expect(run.code).toBe(1);
    const wrong = run.stdout.split("\n").filter((line) => line.startsWith("WRONG"));
    expect(wrong.map((line) => line.slice(7))).toEqual([
      expect.stringMatching(/^public address http:\/\/pbx: .*--public-url/),
      expect.stringMatching(/^metadata service http:\/\/127\.0\.0\.1:1: does not answer/),
      expect.stringMatching(/^enterprise 0369: .*enterprise set 0369 --bot-token TOKEN$/),
      expect.stringMatching(/^chat 5550001 of 0367: 400 .*user remove 5550001 --enterprise 0367$/),
      expect.stringMatching(/^chat 374573193 of 0367: 403 .*blocked.*@calls_bot/),
      expect.stringMatching(/^bot 700002 of 0368: 401 .*enterprise set 0368 --bot-token TOKEN$/),
    ]);
    expect(run.stdout + run.stderr).not.toContain("made-up");
    expect(run.stdout).not.toContain("0370");
  });

  it("tells what is merely not set up as notes", async () => {
    const run = await doctor();
    expect(run.code).toBe(0);
    const notes = run.stdout.split("\n").filter((line) => line.startsWith("note"));
    expect(notes).toHaveLength(3);
    expect(run.stdout).toContain("calllog enterprise add NUMBER");
  });

  it("tells Telegram out of reach from a wrong token", async () => {
    await setUp(`enterprise add 0367 --name Test --bot-token ${BOT}`);
    await api.stop();
    const run = await doctor();
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/WRONG {2}bot 700001 of 0367: the connection .*--telegram-api-root/);
    expect(run.stdout).not.toContain("@BotFather");
  });

  it("goes on where a folder or the directory fails", async () => {
    writeFileSync(join(box.folder, "plain"), "");
    const run = await doctor("--data-dir", "plain/call_tracer", "--json");
    const { ok, checks } = JSON.parse(run.stdout);
    expect([run.code, ok]).toEqual([1, false]);
    const wrong = checks.filter(({ level }: { level: string }) => level === "wrong");
    expect(wrong.map(({ check }: { check: string }) => check)).toEqual(["data", "directory"]);
    expect(checks.map(({ check }: { check: string }) => check)).toContain("metadata");
  });
});
