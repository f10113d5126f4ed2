// What a chat chooses where the tables are an operator's own, in PostgreSQL: with the table that `calllog migrate` makes,
// without it, and while the tables cannot be read.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { createBot, createReception } from "../../src/channels/telegram/index.ts";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Log } from "../../src/lib/log.ts";
import { systemScheduler } from "../../src/lib/scheduler.ts";
import { migratePostgres, openDirectory } from "../../src/people/index.ts";
import { openInvitations } from "../../src/people/invitations/index.ts";
import { type BotApiServer, startBotApi } from "../support/bot-api/server.ts";
import { hasPostgres, openDatabases, type TestDatabases } from "../support/postgres.ts";
import { inTempDir } from "../support/temp-dir.ts";

const BOT = "700001:invented-bot-of-0367";
const TABLES = `
  CREATE TABLE enterprises (number text, name2 text, secret text, bot_token text, active boolean);
  CREATE TABLE telegram_users (tg_id bigint, bot_token text);
  INSERT INTO enterprises VALUES ('0367', 'a', 'invented', '${BOT}', true);
  INSERT INTO telegram_users VALUES (101, '${BOT}');`;
const anna = { chatId: "101", languageCode: "en" };

describe.skipIf(!hasPostgres())("an operator's tables", () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await openDatabases();
  });
  afterAll(() => databases.close());

  const withBot = async (
    url: string,
    work: (api: BotApiServer, logged: readonly string[]) => Promise<void>,
  ): Promise<void> => {
    const address = parseDatabaseUrl(url);
    if (!address.ok) throw new Error(address.error);
    await inTempDir(async (dir) => {
      await using api = await startBotApi({ tokens: [BOT], chats: [] });
      const clock = systemClock;
      const scheduler = systemScheduler(clock);
      const directory = await openDirectory({ sqlitePath: "", address: address.value });
      const store = openInvitations(dir, clock);
      const logged: string[] = [];
      const write: Log["info"] = (message, fields) =>
        void logged.push(`${message} ${fields?.["error"] ?? ""}`);
      const reception = createReception({
        store,
        directory,
        directoryNow: directory,
        clock,
        scheduler,
        lang: "en",
        log: { debug: write, info: write, warn: write, error: write },
        bot: (token) => createBot(token, { apiRoot: api.apiRoot, scheduler, now: clock.now }),
      });
      const createdAt = clock.now();
      const expiresAt = createdAt + 3600_000;
      store.create({ enterprise: "0367", isGroup: false, name: null, createdAt, expiresAt });
      try {
        await reception.look();
        await work(api, logged);
      } finally {
        await reception.stop();
        await directory.close();
      }
    });
  };
  const rows = (url: string) =>
    databases.run(url, "SELECT tg_id::text, enterprise_number, cards, digest FROM calllog_chats");
  const hasText = (api: BotApiServer, part: string) => (): boolean =>
    api.texts("101").some((text) => text.includes(part));

  it("keep what was chosen, once they have a place for it; without one the person is told", async () => {
    const url = await databases.create();
    await databases.run(url, TABLES);
    await withBot(url, async (api, logged) => {
      api.updates.say(anna, "/settings");
      await api.until(hasText(api, "Call cards: 0367"));
      const first = api.press(anna, "Cards");
      await api.until(() => first.answer !== undefined && api.chat("101")[0]?.edits === 1);
      const refused = api.press(anna, "Missed calls only");
      await api.until(() => refused.answer !== undefined);
      expect(refused.answer).toEqual({
        text: "This cannot be kept here yet: whoever runs calllog must run calllog migrate (its log says why).",
        isAlert: true,
      });
      const told = logged.find((line) => line.includes("cannot keep what a chat chose"));
      expect(told).toContain("calllog_chats");
      expect(told).toContain("calllog migrate");
    });
    const address = parseDatabaseUrl(url);
    if (!address.ok) throw new Error(address.error);
    await migratePostgres(address.value);
    await withBot(url, async (api) => {
      api.updates.say(anna, "/settings digest 18:30");
      await api.until(hasText(api, "Daily digest: 18:30"));
      api.updates.say(anna, "/settings cards");
      await api.until(hasText(api, "Which cards should come?"));
      const saved = api.press(anna, "Missed calls only");
      await api.until(() => saved.answer !== undefined);
      expect(saved.answer?.text).toBe("Saved");
      expect(await rows(url)).toEqual([
        { tg_id: "101", enterprise_number: "0367", cards: "missed", digest: "18:30" },
      ]);
    });
  }, 60_000);

  it("that cannot be read keep nothing, and the person is asked to try again", async () => {
    const url = await databases.create();
    await databases.run(url, TABLES);
    const address = parseDatabaseUrl(url);
    if (!address.ok) throw new Error(address.error);
    await migratePostgres(address.value);
    await withBot(url, async (api) => {
      api.updates.say(anna, "/settings cards");
      await api.until(hasText(api, "Which cards should come?"));
      await databases.run(url, "ALTER TABLE telegram_users RENAME TO away");
      const refused = api.press(anna, "None");
      await api.until(() => refused.answer !== undefined);
      expect(refused.answer?.text).toContain("try again in a few minutes");
      await databases.run(url, "ALTER TABLE away RENAME TO telegram_users");
      expect(await rows(url)).toEqual([]);
      const saved = api.press(anna, "None");
      await api.until(() => saved.answer !== undefined);
      expect(await rows(url)).toMatchObject([{ tg_id: "101", cards: "none" }]);
    });
  }, 60_000);
});
