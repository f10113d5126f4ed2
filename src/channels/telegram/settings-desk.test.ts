// Who may choose what in which chat, what they are told, and that every pressed button is answered. Telegram is the
// strict stand-in over HTTP, the directory a real one, time is moved by hand.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Press } from "../../../tests/support/bot-api/presses.ts";
import { type BotApiServer, startBotApi } from "../../../tests/support/bot-api/server.ts";
import type { Person } from "../../../tests/support/bot-api/updates.ts";
import { type HandTime, handTime, until } from "../../../tests/support/hand-time.ts";
import {
  type ChatPreferences,
  DEFAULT_PREFERENCES,
  readPreferences,
} from "../../domain/chat-preferences.ts";
import type { Log } from "../../lib/log.ts";
import { type Directory, DirectoryError, openDirectory } from "../../people/index.ts";
import { type InvitationStore, openInvitations } from "../../people/invitations/index.ts";
import { createBot } from "./bot.ts";
import { GLANCE_EVERY_MS } from "./inbox.ts";
import { createReception, type Reception } from "./reception.ts";

const BOT = "700001:invented-bot-of-0367";
const OTHER_BOT = "700002:invented-bot-of-0113";
const T0 = 1_764_493_655_000;
const MINUTE_MS = 60_000;
const GROUP = "-1001";
const ADMINISTRATOR = 501;

const anna = { chatId: "101", firstName: "Анна", languageCode: "ru" };
const john = { chatId: "102", firstName: "John", languageCode: "en" };
const olga = { chatId: GROUP, firstName: "Ольга", languageCode: "ru", userId: ADMINISTRATOR };
const member = { ...olga, firstName: "Пётр", userId: 502 };

let dir: string;
let api: BotApiServer;
let time: HandTime;
let directory: Directory;
let store: InvitationStore;
let reception: Reception;
let logged: string[];
/** Thrown by the next changes of preferences. */
let fault: Error | undefined;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "calllog-settings-"));
  time = handTime(T0);
  api = await startBotApi({ tokens: [BOT, OTHER_BOT], chats: [], now: time.now });
  directory = await openDirectory({ sqlitePath: join(dir, "calllog.sqlite") });
  store = openInvitations(dir, time);
  [logged, fault] = [[], undefined];
  const standard = { webhookToken: null, secret: "invented", active: true };
  const row = { firstName: null, lastName: null, email: null, botToken: null };
  for (const [number, name, botToken] of [
    ["0367", "Ромашка <и Ко> & сын", BOT],
    ["0368", "B", BOT],
    ["0113", "C", OTHER_BOT],
  ] as const) {
    await directory.addEnterprise({ ...standard, number, name, botToken });
  }
  for (const chatId of ["101", GROUP]) {
    await directory.addUser({ ...row, chatId, enterpriseNumber: "0367" });
  }
  api.setMember(GROUP, ADMINISTRATOR, "administrator");
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    logged.push(`${message} ${JSON.stringify(fields)} ${fields["error"] ?? ""}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const faulty: Pick<Directory, "setChatPreferences"> = {
    setChatPreferences: async (chat) => {
      if (fault !== undefined) throw fault;
      await directory.setChatPreferences(chat);
    },
  };
  reception = createReception({
    store,
    log,
    clock: time,
    scheduler: time,
    lang: "ru",
    directory: new Proxy(directory, {
      get: (target, name: keyof Directory) =>
        name === "setChatPreferences"
          ? faulty.setChatPreferences
          : (target[name] as (...of: never[]) => unknown).bind(target),
    }),
    directoryNow: directory,
    bot: (token) =>
      createBot(token, {
        apiRoot: api.apiRoot,
        scheduler: time,
        now: time.now,
        // Hours pass by hand while Telegram holds a request.
        timeoutMs: 86_400_000,
      }),
  });
  // So that the bot is listened to.
  store.create({
    enterprise: "0367",
    isGroup: false,
    name: null,
    createdAt: T0,
    expiresAt: T0 + 86_400_000,
  });
});
afterEach(async () => {
  await reception.stop();
  await api.stop();
  await directory.close();
  rmSync(dir, { recursive: true });
});

const isListening = () => api.updates.askers(BOT) === 1;
const isHandled = () => isListening() && api.updates.waiting(BOT) === 0;
const listening = async (): Promise<void> => {
  await reception.look();
  await until(isListening);
};
const lastOf = (chatId: string) => {
  const message = api.chat(chatId).at(-1);
  if (message === undefined) throw new Error(`nothing stands in ${chatId}`);
  return message;
};
const labelsOf = (chatId: string): string[] =>
  lastOf(chatId)
    .keyboard.flat()
    .map(({ text }) => text);

/** What a person writes is answered: the answer as it is seen. */
const say = async (person: Person, text: string): Promise<string> => {
  await listening();
  const before = api.everSent(person.chatId).length;
  api.updates.say(person, text);
  await until(() => api.everSent(person.chatId).length > before);
  await until(isHandled);
  return lastOf(person.chatId).text;
};
const handled = async (press: Press): Promise<Press> => {
  await until(isHandled);
  return press;
};
const press = (person: Person, label: string): Promise<Press> => handled(api.press(person, label));
const pressData = (person: Person, data: string, messageId?: number): Promise<Press> =>
  handled(api.pressData(person, data, messageId ?? lastOf(person.chatId).messageId));

const storedOf = async (chatId: string, number = "0367"): Promise<ChatPreferences | undefined> =>
  (await directory.chatPreferences(number)).find((chat) => chat.chatId === chatId)?.preferences;
const set = (
  chatId: string,
  texts: Parameters<typeof readPreferences>[0],
  enterpriseNumber = "0367",
) =>
  directory.setChatPreferences({
    chatId,
    enterpriseNumber,
    preferences: readPreferences(texts),
  });
const joinIn = (chatId: string, enterpriseNumber: string) =>
  directory.addUser({
    chatId,
    enterpriseNumber,
    firstName: null,
    lastName: null,
    email: null,
    botToken: null,
  });

describe("/settings", () => {
  it("shows what is set, changes it by buttons in one message, and leaves a summary", async () => {
    expect(await say(anna, "/settings")).toStartWith(
      "⚙️ Карточки звонков: Ромашка <и Ко> & сын\n\nКарточки: на каждом шаге звонка\n",
    );
    const { messageId } = lastOf("101");
    expect((await press(anna, "Карточки")).answer).toEqual({ text: "", isAlert: false });
    expect(labelsOf("101")[0]).toBe("✓ На каждом шаге звонка");
    expect((await press(anna, "Только пропущенные")).answer).toEqual({
      text: "Сохранено",
      isAlert: false,
    });
    expect(await storedOf("101")).toEqual({ ...DEFAULT_PREFERENCES, cards: "missed" });
    expect(labelsOf("101")).toContain("✓ Только пропущенные");
    await press(anna, "‹ Назад");
    await press(anna, "Тихие часы");
    await press(anna, "22:00–09:00");
    await press(anna, "‹ Назад");
    await press(anna, "Готово");
    expect(await storedOf("101")).toMatchObject({
      cards: "missed",
      quiet: { from: 1320, to: 540 },
    });
    expect(api.chat("101")).toHaveLength(1);
    expect(lastOf("101")).toMatchObject({ messageId, keyboard: [] });
    expect(lastOf("101").text).toContain("Карточки: только пропущенные");
    expect(lastOf("101").text).toContain("Тихие часы: 22:00–09:00");
    expect(logged.filter((line) => line.includes("chose in the chat"))).toHaveLength(2);
    expect(logged.join("\n")).not.toContain("invented-bot");
  });

  it("answers in the reader's language, and each reader of a group in theirs", async () => {
    await joinIn("102", "0368");
    expect(await say(john, "/settings")).toStartWith("⚙️ Call cards: B\n\nCards: every step");
    expect((await press(john, "Daily digest")).answer?.text).toBe("");
    expect((await press(john, "18:00")).answer?.text).toBe("Saved");
    expect((await storedOf("102", "0368"))?.digest).toBe(1080);
    await say(olga, "/settings@calls_bot");
    await press({ ...olga, languageCode: "en" }, "Карточки");
    expect(labelsOf(GROUP)).toContain("Missed calls only");
  });

  it("asks which enterprise where there are several, and leads back there", async () => {
    await joinIn("101", "0368");
    await joinIn("101", "0113");
    expect(await say(anna, "/settings")).toContain("Для какого предприятия");
    expect(labelsOf("101")).toEqual(["Ромашка <и Ко> & сын", "B"]);
    await press(anna, "B");
    await press(anna, "Номера клиентов");
    await press(anna, "Скрыты частично");
    expect(await storedOf("101", "0368")).toMatchObject({ numbers: "masked" });
    expect(await storedOf("101")).toBeUndefined();
    await press(anna, "‹ Назад");
    await press(anna, "‹ Назад");
    expect(labelsOf("101")).toEqual(["Ромашка <и Ко> & сын", "B"]);
    expect(await say(anna, "/settings digest 18:30")).toContain("/settings 0368 digest 18:30");
    await say(anna, "/settings 0368 digest 18:30");
    expect(await storedOf("101", "0368")).toMatchObject({ numbers: "masked", digest: 1110 });
  });

  it("takes a preference typed, and tells the rule of one that makes no sense", async () => {
    expect(await say(anna, "/Settings extensions 151, 152")).toStartWith("✅ Сохранено");
    expect(lastOf("101").text).toContain("Сотрудники: 151, 152");
    expect((await storedOf("101"))?.extensions).toEqual(["151", "152"]);
    await press(anna, "Все");
    expect((await storedOf("101"))?.extensions).toBeNull();
    await say(anna, "/settings quiet 21:30–07:00");
    expect((await storedOf("101"))?.quiet).toEqual({ from: 1290, to: 420 });
    expect(await say(anna, "/settings quiet вечером")).toContain("время от и до (21:00-08:00)");
    expect(await say({ ...anna, languageCode: "en" }, "/settings colour <red>")).toContain(
      "There is no such setting",
    );
    expect(await say(anna, "/settings digest")).toContain("Когда присылать итоги дня?");
    expect((await storedOf("101"))?.quiet).toEqual({ from: 1290, to: 420 });
  });

  it("tells a chat that gets no cards by this bot what /start would", async () => {
    await joinIn("102", "0113");
    expect(await say(john, "/settings")).toContain("number of this chat: 102");
    expect(lastOf("102").keyboard).toEqual([]);
    expect(await say(john, "/settings cards none")).toContain("number of this chat: 102");
    expect(await directory.chatPreferences()).toEqual([]);
  });

  it("is another bot's where it says so, and no other word is meant", async () => {
    await listening();
    api.updates.say(olga, "/settings@another_bot");
    api.updates.say(anna, "/settingsx");
    api.updates.say(anna, "settings");
    await until(isHandled);
    expect([...api.everSent(GROUP), ...api.everSent("101")]).toEqual([]);
  });
});

describe("in a group", () => {
  it("administrators alone open and change", async () => {
    expect(await say(member, "/settings")).toContain("только её администраторы");
    expect(await say(member, "/settings cards none")).toContain("только её администраторы");
    api.setMember(GROUP, 503, "creator");
    expect(await say({ ...olga, userId: 503 }, "/settings")).toContain("Карточки звонков");
    const text = () => lastOf(GROUP).text;
    const before = text();
    expect((await press(member, "Карточки")).answer).toEqual({
      text: "Настройки в группе меняют только её администраторы.",
      isAlert: true,
    });
    expect(text()).toBe(before);
    await press(olga, "Карточки");
    expect((await press(member, "Не приходят")).answer?.isAlert).toBe(true);
    expect(await storedOf(GROUP)).toBeUndefined();
    // Who administers no more changes no more.
    api.setMember(GROUP, ADMINISTRATOR, "left");
    expect((await press(olga, "Не приходят")).answer?.isAlert).toBe(true);
    expect(await storedOf(GROUP)).toBeUndefined();
  });

  it("an anonymous administrator writes as the group; a channel that writes there is none", async () => {
    expect(await say({ ...olga, isAnonymous: true, userId: 502 }, "/settings")).toContain(
      "Карточки звонков",
    );
    await press(olga, "Карточки");
    await press(olga, "Не приходят");
    expect((await storedOf(GROUP))?.cards).toBe("none");
    expect(await say({ ...olga, channel: -100777 }, "/settings cards all")).toContain(
      "только её администраторы",
    );
  });

  it("says what is wrong where Telegram does not tell who administers it", async () => {
    api.hideMembers(GROUP);
    expect(await say(olga, "/settings")).toContain("Сделайте бота администратором");
    api.addFault({ method: "getChatMember", fault: { do: "answer", status: 502, html: true } });
    expect(await say(olga, "/settings")).toContain("Сейчас не получилось");
    expect(logged.join("\n")).toContain("member list is inaccessible");
  });

  it("cards can be led into the topic that it was written in, and back", async () => {
    api.openTopic(GROUP, 7);
    const inTopic = { ...olga, topic: 7 };
    expect(await say(inTopic, "/settings")).toContain("Тема: General");
    expect(lastOf(GROUP).topic).toBe(7);
    await press(inTopic, "Тема");
    await press(inTopic, "Эта тема");
    expect((await storedOf(GROUP))?.topic).toBe(7);
    expect(labelsOf(GROUP)).toContain("✓ Эта тема");
    // From General: another topic, with a way back.
    expect(await say(olga, "/settings")).toContain("Тема: другая тема (7)");
    await press(olga, "Тема");
    await press(olga, "General");
    expect((await storedOf(GROUP))?.topic).toBeNull();
    // A thread of replies is no topic.
    expect(await say({ ...olga, thread: 900 }, "/settings")).not.toContain("Тема");
    api.closeTopic(GROUP, 7);
    expect(await say(inTopic, "/settings")).toContain("Карточки звонков");
    expect(lastOf(GROUP).topic).toBeUndefined();
  });

  it("two administrators change what each pressed, and nothing else", async () => {
    api.setMember(GROUP, 503, "administrator");
    const igor = { ...olga, firstName: "Игорь", userId: 503 };
    await say(olga, "/settings");
    await press(olga, "Карточки");
    await say(igor, "/settings");
    await press(igor, "Итоги дня");
    const one = api.press(igor, "20:00");
    const two = api.press(olga, "Только итог звонка");
    await until(isHandled);
    expect([one.answer?.text, two.answer?.text]).toEqual(["Сохранено", "Сохранено"]);
    expect(await storedOf(GROUP)).toMatchObject({ cards: "final", digest: 1200 });
  });
});

describe("a pressed button", () => {
  it("changes on top of what is stored now, not of what the menu showed", async () => {
    await say(anna, "/settings");
    await press(anna, "Итоги дня");
    await set("101", { cards: "missed", quiet: "20:00-07:00" });
    await press(anna, "09:00");
    expect(await storedOf("101")).toMatchObject({ cards: "missed", digest: 540 });
    await press(anna, "‹ Назад");
    expect(lastOf("101").text).toContain("Карточки: только пропущенные");
  });

  it("that was pressed twice does what it does once, and is answered twice", async () => {
    await say(anna, "/settings");
    await press(anna, "Итоги дня");
    const data = "s:0367:digest=18:00";
    const both = [
      api.pressData(anna, data, lastOf("101").messageId),
      api.pressData(anna, data, lastOf("101").messageId),
    ];
    await until(isHandled);
    expect(both.map(({ answer }) => answer?.text)).toEqual(["Сохранено", "Сохранено"]);
    expect(logged.filter((line) => line.includes("chose in the chat"))).toHaveLength(1);
    expect(logged.filter((line) => line.includes("cannot"))).toEqual([]);
  });

  it("of an enterprise that the chat left, or never was in, changes nothing and says so", async () => {
    await joinIn("101", "0368");
    await say(anna, "/settings 0368");
    await directory.removeUser("101", "0368");
    const gone = {
      text: "Карточки этого предприятия сюда больше не приходят. Отправьте /settings ещё раз.",
      isAlert: true,
    };
    expect((await press(anna, "Карточки")).answer).toEqual(gone);
    for (const data of ["s:0368:cards=none", "s:0113:cards=none", "s:9999", "s:0113:done"]) {
      expect((await pressData(anna, data)).answer).toEqual(gone);
    }
    await directory.removeUser("101", "0367");
    expect((await pressData(anna, "s:0367:cards=none")).answer).toEqual(gone);
    expect((await pressData(anna, "s")).answer).toEqual(gone);
    expect(await directory.chatPreferences()).toEqual([]);
  });

  it("that is not ours, or says what no button says, is answered and does nothing", async () => {
    await say(anna, "/settings");
    const before = lastOf("101").edits;
    for (const data of [
      "vote:1",
      "s:0367:cards=some",
      "s:0367:topic=-1",
      "s:../x",
      "я".repeat(32),
    ]) {
      expect((await pressData(anna, data)).answer?.text).toContain("больше не действует");
    }
    const inline = await handled(api.pressData(anna, "s:0367:cards=none", undefined));
    expect(inline.answer?.text).toContain("больше не действует");
    expect(lastOf("101").edits).toBe(before);
    expect(await directory.chatPreferences()).toEqual([]);
  });

  it("under a message that is gone sets what it says, once, and is answered", async () => {
    await say(anna, "/settings");
    expect((await pressData(anna, "s:0367:cards=final", 5)).answer?.text).toBe("Сохранено");
    expect((await storedOf("101"))?.cards).toBe("final");
    expect(logged.join("\n")).toContain("message to edit not found");
  });

  it("that waited longer than Telegram does still counts, and the menu shows it", async () => {
    await say(anna, "/settings");
    await press(anna, "Карточки");
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    api.addFault({ method: "sendMessage", fault: { do: "hold", until: held } });
    api.updates.say(john, "/start");
    const late = api.press(anna, "Не приходят");
    api.expirePresses();
    letGo();
    await until(isHandled);
    expect(late.answer).toBeUndefined();
    expect((await storedOf("101"))?.cards).toBe("none");
    expect(labelsOf("101")).toContain("✓ Не приходят");
    expect(logged.filter((line) => line.includes("cannot"))).toEqual([]);
  });

  it("is answered where the directory fails, and nothing is said to be saved", async () => {
    await say(anna, "/settings");
    await press(anna, "Карточки");
    const edits = lastOf("101").edits;
    fault = new DirectoryError("unavailable", "cannot set it: the database is away");
    expect((await press(anna, "Не приходят")).answer).toEqual({
      text: "Сейчас не получилось. Попробуйте ещё раз через несколько минут.",
      isAlert: true,
    });
    fault = new DirectoryError("misconfigured", "cannot set it: no table calllog_chats");
    expect((await press(anna, "Не приходят")).answer?.text).toContain("calllog migrate");
    expect(await say(anna, "/settings cards none")).toContain("calllog migrate");
    expect(logged.join("\n")).toContain("calllog_chats");
    // The menu stands as it was, for another try.
    fault = undefined;
    expect(api.chat("101")[0]?.edits).toBe(edits);
    expect((await press(anna, "Не приходят")).answer?.text).toBe("Сохранено");
    expect((await storedOf("101"))?.cards).toBe("none");
  });

  it("waits for Telegram where it says so, and the menu follows", async () => {
    await say(anna, "/settings");
    api.addFault({ method: "editMessageText", fault: { do: "limit", retryAfterS: 3 } });
    const pressed = api.press(anna, "Карточки");
    await until(() => time.nextAt() === T0 + 3000);
    expect(pressed.answer).toBeDefined();
    time.pass(3000);
    await until(isHandled);
    expect(labelsOf("101")).toContain("✓ На каждом шаге звонка");
  });
});

describe("a bot whose settings somebody uses", () => {
  const glancing = async (): Promise<void> => {
    store.addBot("700001");
    store.cancel("0367");
    await reception.look();
    await until(() => time.nextAt() === time.now() + GLANCE_EVERY_MS);
  };
  const look = () => reception.look();

  it("is seen within a minute where it is glanced at, and listened to for five from then on", async () => {
    await glancing();
    api.updates.say(anna, "/settings");
    time.pass(GLANCE_EVERY_MS);
    await until(() => api.texts("101").length === 1);
    const openedAt = time.now();
    await look();
    await until(isHandled);
    time.pass(4 * MINUTE_MS);
    await look();
    expect((await press(anna, "Карточки")).answer).toBeDefined();
    // The press keeps it for five more.
    time.set(openedAt + 8 * MINUTE_MS);
    await look();
    expect(isListening()).toBe(true);
    time.set(openedAt + 9 * MINUTE_MS);
    await look();
    await until(() => !isListening() && time.nextAt() === time.now() + GLANCE_EVERY_MS);
  });

  it("is left alone again where it had let nobody in", async () => {
    await say(anna, "/settings");
    store.cancel("0367");
    await look();
    expect(isListening()).toBe(true);
    time.pass(5 * MINUTE_MS);
    await look();
    await until(() => !isListening() && time.nextAt() === Number.POSITIVE_INFINITY);
    expect(api.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it("is not kept awake by those who may not", async () => {
    await glancing();
    api.updates.say(member, "/settings");
    api.updates.say(john, "/settings");
    time.pass(GLANCE_EVERY_MS);
    await until(() => api.texts("102").length === 1 && api.updates.waiting(BOT) === 0);
    await look();
    await until(() => !isListening() && time.nextAt() === time.now() + GLANCE_EVERY_MS);
  });
});
