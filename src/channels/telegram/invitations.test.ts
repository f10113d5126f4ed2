// Who is let in, who is not, and what each is told; when a bot is asked for its messages, and when not. Time is moved
// by hand; Telegram is the strict stand-in over HTTP, the directory a real one.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BotApiServer, startBotApi } from "../../../tests/support/bot-api/server.ts";
import { type HandTime, handTime } from "../../../tests/support/hand-time.ts";
import type { Log } from "../../lib/log.ts";
import { cacheDirectory, type Directory, openDirectory } from "../../people/index.ts";
import {
  type Invitation,
  type InvitationStore,
  openInvitations,
} from "../../people/invitations/index.ts";
import { createBot } from "./bot.ts";
import { GLANCE_EVERY_MS } from "./inbox.ts";
import { createReception, type Reception } from "./reception.ts";

const BOT = "700001:invented-bot-of-0367";
const OTHER_BOT = "700002:invented-bot-of-0113";
const T0 = 1_764_493_655_000;
const DAY_MS = 86_400_000;

let dir: string;
let api: BotApiServer;
let time: HandTime;
let directory: Directory;
let store: InvitationStore;
let reception: Reception;
let logged: string[];
/** Thrown by the next change of the directory. */
let fault: Error | undefined;

const anna = { chatId: "101", firstName: "Анна", lastName: "Сидорова", languageCode: "ru" };
const john = { chatId: "102", firstName: "John", languageCode: "en" };

const start = (apiRoot = api.apiRoot): void => {
  const write = (message: string, fields: unknown = {}): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const cached = cacheDirectory(directory, { clock: time });
  reception = createReception({
    store,
    log,
    clock: time,
    scheduler: time,
    lang: "ru",
    directory: {
      ...cached,
      addUser: async (user) => {
        if (fault !== undefined) throw fault;
        await cached.addUser(user);
      },
    },
    directoryNow: directory,
    bot: (token) =>
      createBot(token, {
        apiRoot,
        scheduler: time,
        now: time.now,
      }),
  });
};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "calllog-invitations-"));
  api = await startBotApi({ tokens: [BOT, OTHER_BOT], chats: [] });
  time = handTime(T0);
  directory = await openDirectory({ sqlitePath: join(dir, "calllog.sqlite") });
  store = openInvitations(dir, time);
  [logged, fault] = [[], undefined];
  const standard = { webhookToken: null, secret: "invented", active: true };
  await directory.addEnterprise({ ...standard, number: "0367", name: "Пример", botToken: BOT });
  await directory.addEnterprise({ ...standard, number: "0368", name: null, botToken: BOT });
  await directory.addEnterprise({ ...standard, number: "0113", name: "B", botToken: OTHER_BOT });
  start();
});
afterEach(async () => {
  await reception.stop();
  await api.stop();
  await directory.close();
  rmSync(dir, { recursive: true });
});

const invite = (change: Partial<Invitation> = {}): string =>
  store.create({
    enterprise: "0367",
    isGroup: false,
    name: null,
    createdAt: T0,
    expiresAt: T0 + DAY_MS,
    ...change,
  });

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};
const isListening = (token = BOT) => api.updates.askers(token) === 1;
const isQuiet = (token = BOT) => !isListening(token) && api.updates.waiting(token) === 0;
const listening = async (): Promise<void> => {
  await reception.look();
  await until(() => isListening());
};
const polls = (): number => api.requests.filter(({ method }) => method === "getUpdates").length;

/** What the person is answered. */
const answerTo = async (
  person: Parameters<typeof api.updates.say>[0],
  text: string,
): Promise<string> => {
  const before = api.everSent(person.chatId).length;
  api.updates.say(person, text);
  await until(() => api.everSent(person.chatId).length > before);
  await until(() => isListening());
  return api.everSent(person.chatId).at(-1) ?? "";
};
const chatsOf = async (number: string): Promise<string[]> =>
  (await directory.users(number)).map(({ chatId }) => chatId);

describe("who opens an invitation", () => {
  it("is let in once, in the words of their language, as they are called in Telegram", async () => {
    invite();
    await listening();
    const [one, two] = [invite(), invite()];
    const odd = { ...anna, firstName: "<b>\u202EАнна\n", lastName: "\u2028 " };
    expect(await answerTo(odd, `/start ${one}`)).toContain("(Пример)");
    expect(await answerTo(john, `/start ${one}`)).toContain("has been used already");
    expect(await answerTo(john, `/START@Calls_Bot  ${two} `)).toContain("will come here (Пример)");
    expect(await directory.users("0367")).toEqual([
      {
        chatId: "101",
        firstName: "<b>Анна",
        lastName: null,
        email: null,
        botToken: null,
        enterpriseNumber: "0367",
      },
      {
        chatId: "102",
        firstName: "John",
        lastName: null,
        email: null,
        botToken: null,
        enterpriseNumber: "0367",
      },
    ]);
    expect(logged.join("\n")).not.toContain(one);
  });

  it("and is in already uses none up", async () => {
    await directory.addUser({
      ...anna,
      email: null,
      botToken: BOT,
      enterpriseNumber: null,
    });
    const code = invite();
    await listening();
    expect(await answerTo(anna, `/start ${code}`)).toContain("Сюда уже приходят");
    expect(await answerTo(john, `/start ${code}`)).toContain("will come here");
  });

  it("is refused where it is expired, ended, invented, for a group, or not this bot's", async () => {
    invite({ expiresAt: T0 + 2 * DAY_MS });
    await listening();
    const refused: [code: string, answer: string][] = [
      [invite({ expiresAt: T0 }), "has expired"],
      ["A".repeat(64), "not valid"],
      ["../../0367/events.log", "not valid"],
      [invite({ isGroup: true }), "not valid"],
      [invite({ enterprise: "0113" }), "not valid"],
      [invite({ enterprise: "0999" }), "not valid"],
    ];
    for (const [code, answer] of refused) {
      expect(await answerTo(john, `/start ${code}`)).toContain(answer);
    }
    const ended = invite();
    store.cancel("0367");
    invite();
    expect(await answerTo(john, `/start ${ended}`)).toContain("not valid");
    await directory.changeEnterprise("0367", { active: false });
    expect(await answerTo(john, `/start ${invite()}`)).toContain("not valid");
    expect(await directory.users()).toEqual([]);
  });

  it("may try again where the directory failed", async () => {
    const code = invite();
    invite();
    await listening();
    fault = new Error("the database is away");
    expect(await answerTo(anna, `/start ${code}`)).toContain("Сейчас не получилось");
    fault = undefined;
    expect(await answerTo(anna, `/start ${code}`)).toContain("Готово");
    expect(await chatsOf("0367")).toEqual(["101"]);
    expect(logged.join("\n")).not.toContain(code);
  });

  it("without one is told the chat's number, and who it belongs to hears only commands", async () => {
    invite();
    await listening();
    expect(await answerTo(john, "/start")).toContain("number of this chat: 102");
    const sent = api.everSent("102").length;
    api.updates.say(john, "hello");
    api.updates.say(john, "/stop@another_bot");
    api.updates.say(john, "/help");
    api.updates.sendPhoto(john);
    await until(() => api.updates.waiting() === 0);
    expect(api.everSent("102")).toHaveLength(sent);
  });
});

describe("/stop", () => {
  it("ends the cards of every enterprise of that bot, and of no other", async () => {
    const row = { ...anna, email: null, botToken: null };
    await directory.addUser({ ...row, enterpriseNumber: "0367" });
    await directory.addUser({ ...row, enterpriseNumber: "0368", botToken: BOT });
    await directory.addUser({ ...row, enterpriseNumber: null, botToken: BOT });
    await directory.addUser({ ...row, enterpriseNumber: "0113" });
    await directory.addUser({ ...row, chatId: "102", enterpriseNumber: "0367" });
    invite();
    await listening();
    expect(await answerTo(anna, "/start")).toContain(
      "уже приходят карточки звонков (Пример, 0368)",
    );
    expect(await answerTo(anna, "/stop")).toContain("(Пример, 0368) больше не будут");
    expect(await answerTo(anna, "/stop")).toContain("и так не приходят");
    const left = (await directory.users()).map(({ chatId, enterpriseNumber }) => [
      chatId,
      enterpriseNumber,
    ]);
    expect(left).toEqual([
      ["101", "0113"],
      ["102", "0367"],
    ]);
  });

  it("is heard within a minute where no invitation is open any more", async () => {
    const code = invite();
    await listening();
    api.updates.say(anna, `/start ${code}`);
    await until(() => api.texts("101").length === 1);
    await reception.look();
    await until(() => isQuiet() && time.nextAt() === T0 + GLANCE_EVERY_MS);
    const before = polls();
    api.updates.say(anna, "/stop");
    time.set(T0 + GLANCE_EVERY_MS - 1);
    await reception.look();
    expect(polls()).toBe(before);
    time.set(T0 + GLANCE_EVERY_MS);
    await until(() => api.texts("101").length === 2 && isQuiet());
    expect(await chatsOf("0367")).toEqual([]);
    const timeouts = api.requests.slice(before).map(({ timeoutSeconds }) => timeoutSeconds);
    expect(timeouts.filter((seconds) => seconds !== undefined && seconds > 0)).toEqual([]);
  });
});

describe("a bot's messages", () => {
  it("are asked for while its enterprise has open invitations, and nobody else's", async () => {
    await reception.look();
    expect(api.requests).toEqual([]);
    const code = invite();
    await listening();
    expect(api.updates.askers(OTHER_BOT)).toBe(0);
    // What came last is confirmed before the bot is left alone.
    api.updates.say(john, "hello");
    await until(() => polls() === 2 && isListening());
    store.cancel("0367");
    await reception.look();
    await until(() => isQuiet() && time.nextAt() === Number.POSITIVE_INFINITY);
    const asked = polls();
    await reception.look();
    expect(store.find(code)).toBeUndefined();
    expect(polls()).toBe(asked);
    expect(api.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it("are left alone once the last invitation has expired", async () => {
    invite({ expiresAt: T0 + 1000 });
    await listening();
    time.set(T0 + 1000);
    await reception.look();
    await until(() => isQuiet() && time.nextAt() === Number.POSITIVE_INFINITY);
  });

  it("are confirmed one by one, each before the next is answered", async () => {
    for (const person of [anna, john]) api.updates.say(person, "/start");
    invite();
    await listening();
    expect(api.texts("102")).toHaveLength(1);
    const first = api.requests.findIndex(({ method }) => method === "sendMessage");
    expect(api.requests.slice(first, first + 3)).toMatchObject([
      { method: "sendMessage", chatId: "101" },
      { method: "getUpdates", offset: expect.any(Number) },
      { method: "sendMessage", chatId: "102" },
    ]);
  });

  it("are confirmed where the service stops in the middle, and later ones are kept", async () => {
    const { promise: never, resolve: letGo } = Promise.withResolvers<void>();
    api.addFault({ method: "sendMessage", fault: { do: "hold", until: never } });
    for (const person of [anna, john]) api.updates.say(person, "/start");
    invite();
    await reception.look();
    await until(() => api.texts("101").length === 1);
    const stopped = reception.stop();
    letGo();
    await stopped;
    expect([api.updates.waiting(), api.texts("102").length]).toEqual([1, 0]);
  });

  it("that another program asks for are not fought over: told once, asked for ever later", async () => {
    invite();
    await listening();
    for (const waitMs of [2000, 5000, 15_000, 60_000, 60_000]) {
      const other = fetch(`${api.apiRoot}/bot${BOT}/getUpdates`, {
        method: "POST",
        body: JSON.stringify({ timeout: 0, allowed_updates: ["message"] }),
      });
      expect((await other).status).toBe(200);
      const due = time.now() + waitMs;
      await until(() => time.nextAt() === due);
      time.set(due);
      await until(() => isListening());
    }
    const told = logged.filter((line) => line.includes("another program asks"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("use a bot of its own");
  });

  it("that go to a webhook, or whose token is wrong, are complained about with what to do", async () => {
    api.updates.setWebhook(true);
    invite();
    invite({ enterprise: "0113" });
    await directory.changeEnterprise("0113", { botToken: "700009:revoked" });
    await reception.look();
    await until(() => logged.some((line) => line.includes("@BotFather")));
    await until(() => time.nextAt() === T0 + 2000);
    time.set(T0 + 2000);
    await until(() => logged.some((line) => line.includes("deleteWebhook")));
    expect(logged.join("\n")).not.toMatch(/invented-bot|revoked"/);
    api.updates.setWebhook(false);
    await until(() => time.nextAt() === T0 + 7000);
    time.set(T0 + 7000);
    await until(() => isListening());
    api.updates.say(john, "/start");
    await until(() => logged.some((line) => line.includes("can be heard again")));
  });

  it("come back after a time without network", async () => {
    const code = invite();
    api.addFault({
      method: "getUpdates",
      fault: { do: "answer", status: 502, html: true },
      times: 2,
    });
    await reception.look();
    for (const waitMs of [2000, 5000]) {
      const due = time.now() + waitMs;
      await until(() => time.nextAt() === due);
      time.set(due);
    }
    await until(() => isListening());
    invite();
    expect(await answerTo(anna, `/start ${code}`)).toContain("Готово");
  });

  it("are asked for once a second where a server does not hold requests", async () => {
    const { promise: never } = Promise.withResolvers<void>();
    let asked = 0;
    const impatient = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async () => {
        asked += 1;
        if (asked > 1) await never;
        return Response.json({ ok: true, result: [] });
      },
    });
    try {
      start(`http://127.0.0.1:${impatient.port}`);
      invite();
      await reception.look();
      await until(() => time.nextAt() === T0 + 1000);
      expect(asked).toBe(1);
      time.set(T0 + 1000);
      await until(() => asked === 2);
    } finally {
      await impatient.stop(true);
    }
  });

  it("follow the enterprise to its next bot", async () => {
    const code = invite();
    await listening();
    await directory.changeEnterprise("0367", { botToken: OTHER_BOT });
    await reception.look();
    await until(() => isListening(OTHER_BOT) && isQuiet());
    api.updates.say(anna, `/start ${code}`, OTHER_BOT);
    await until(() => api.texts("101").length === 1);
    expect(await chatsOf("0367")).toEqual(["101"]);
  });
});
