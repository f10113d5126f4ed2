// People come in and leave where the tables are an operator's own, in PostgreSQL, and lack what calllog's own have.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { createBot, createReception } from "../../src/channels/telegram/index.ts";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { systemScheduler } from "../../src/lib/scheduler.ts";
import { openDirectory } from "../../src/people/index.ts";
import { openInvitations } from "../../src/people/invitations/index.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { hasPostgres, openDatabases, type TestDatabases } from "../support/postgres.ts";
import { inTempDir } from "../support/temp-dir.ts";

const BOT = "700001:invented-bot-of-0367";
const SHARED = "700002:invented-bot-of-two";
const TABLES = `
  CREATE TABLE enterprises (number text, name2 text, secret text, bot_token text, active boolean);
  CREATE TABLE telegram_users (tg_id bigint, bot_token text);
  INSERT INTO enterprises VALUES
    ('0367', 'a', 'invented', '${BOT}', true),
    ('0113', 'b', 'invented', '${SHARED}', true),
    ('0114', 'c', 'invented', '${SHARED}', true);`;

describe.skipIf(!hasPostgres())("an operator's tables without names and numbers", () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await openDatabases();
  });
  afterAll(() => databases.close());

  it("keep who was let in by the bot, where it is one enterprise's, until /stop", async () => {
    const url = await databases.create();
    await databases.run(url, TABLES);
    const address = parseDatabaseUrl(url);
    if (!address.ok) throw new Error(address.error);
    await inTempDir(async (dir) => {
      await using api = await startBotApi({ tokens: [BOT, SHARED], chats: [] });
      const clock = systemClock;
      const scheduler = systemScheduler(clock);
      const directory = await openDirectory({ sqlitePath: "", address: address.value });
      const store = openInvitations(dir, clock);
      const reception = createReception({
        store,
        directory,
        directoryNow: directory,
        clock,
        scheduler,
        lang: "en",
        log: silentLog,
        bot: (token) => createBot(token, { apiRoot: api.apiRoot, scheduler, now: clock.now }),
      });
      const invite = (enterprise: string): string => {
        const createdAt = clock.now();
        const expiresAt = createdAt + 3600_000;
        return store.create({ enterprise, isGroup: false, name: "Anna", createdAt, expiresAt });
      };
      const rows = () => databases.run(url, "SELECT tg_id::text, bot_token FROM telegram_users");
      try {
        invite("0367");
        invite("0113");
        await reception.look();
        api.updates.say({ chatId: "101" }, `/start ${invite("0367")}`);
        await api.until(() => api.texts("101").some((text) => text.includes("will come here")));
        expect(await rows()).toEqual([{ tg_id: "101", bot_token: BOT }]);
        // A row without a number would get the cards of both.
        api.updates.say({ chatId: "102" }, `/start ${invite("0113")}`, SHARED);
        await api.until(() => api.texts("102").some((text) => text.includes("did not work")));
        expect(await rows()).toHaveLength(1);
        api.updates.say({ chatId: "101" }, "/stop");
        await api.until(() => api.texts("101").some((text) => text.includes("No more call cards")));
        expect(await rows()).toEqual([]);
      } finally {
        await reception.stop();
        await directory.close();
      }
    });
  }, 60_000);
});
