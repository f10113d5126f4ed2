// What becomes of a subscriber's cards when the subscriber is erased: young ones are deleted, older ones say no more.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createBot } from "../../src/channels/telegram/index.ts";
import { enterpriseCommands } from "../../src/cli/enterprise.ts";
import { eraseCommand } from "../../src/cli/erase.ts";
import { type CliSandbox, openSandbox } from "../../src/cli/testing.ts";
import { type BotApiServer, startBotApi } from "../support/bot-api/server.ts";
import { handTime } from "../support/hand-time.ts";

const NOW = Date.parse("2026-03-18T11:00:00Z");
const HOUR = 3_600_000;
const TOKEN = "700001:made-up-token-of-a-bot";
const CHAT = "374573193";
const NUMBER = "375447654321";

let sandbox: CliSandbox;
let api: BotApiServer;
const time = handTime(NOW);
beforeEach(async () => {
  sandbox = openSandbox([eraseCommand, ...enterpriseCommands]);
  api = await startBotApi({ tokens: [TOKEN], chats: [CHAT], now: () => time.now() });
});
afterEach(async () => {
  await api.stop();
  sandbox.remove();
});

const stamp = (at: number): string =>
  new Date(at).toISOString().slice(0, 23).replace("T", " ").replace(".", ",");

/** Sends a card at a time, and gives the lines of its call. */
const cardAt = async (at: number, id: string, text: string): Promise<string> => {
  time.set(at);
  const bot = createBot(TOKEN, { apiRoot: api.apiRoot, scheduler: time, now: time.now });
  const sent = await bot.send(CHAT, { pieces: [text], plain: text });
  if (!sent.ok) throw new Error("the card was not sent");
  const body = JSON.stringify({ UniqueId: id, Phone: NUMBER, CallType: 0 });
  return `${stamp(at)}|AST|start|${id}|${body}\n${stamp(at)}|TG|send|${CHAT}|start|${sent.value}|${id}|${text}\n`;
};

describe("calllog erase", () => {
  it("deletes the cards of the last two days, and empties older ones", async () => {
    time.set(NOW - 60 * HOUR);
    const context = { clock: { now: () => NOW } };
    await sandbox.run(
      ["enterprise", "add", "0367", "--name", "Example", "--bot-token", TOKEN],
      context,
    );
    const lines = [
      await cardAt(NOW - 60 * HOUR, "1773612000.1", `старая +${NUMBER}`),
      await cardAt(NOW - 2 * HOUR, "1773820800.2", `новая +${NUMBER}`),
    ];
    time.set(NOW);
    mkdirSync(join(sandbox.folder, "call_tracer/0367"), { recursive: true });
    writeFileSync(join(sandbox.folder, "call_tracer/0367/events.log"), lines.join(""));
    const done = await sandbox.run(
      [
        ...["erase", "0367", "--number", NUMBER, "--yes", "--act", "act"],
        ...["--telegram-api-root", api.apiRoot],
      ],
      context,
    );
    expect(done).toMatchObject({ code: 0 });
    expect(api.chat(CHAT).map(({ text }) => text)).toEqual(["Данные удалены по запросу"]);
    const act = JSON.parse(readFileSync(join(sandbox.folder, "act.json"), "utf8"));
    expect(act.cards).toEqual({ deleted: 1, edited: 1, failed: 0 });
  });
});
