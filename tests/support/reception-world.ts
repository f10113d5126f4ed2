// Bots that are heard, Telegram as the strict stand-in over HTTP, a real directory in SQLite, and time that is moved by
// hand: what people write and press is answered as the program would.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBot, createReception, type Reception } from "../../src/channels/telegram/index.ts";
import { type ChatPreferences, readPreferences } from "../../src/domain/chat-preferences.ts";
import type { Log } from "../../src/lib/log.ts";
import { type Directory, openDirectory, overDirectory } from "../../src/people/index.ts";
import { type InvitationStore, openInvitations } from "../../src/people/invitations/index.ts";
import type { Press } from "./bot-api/presses.ts";
import { type BotApiServer, type ChatMessage, startBotApi } from "./bot-api/server.ts";
import type { Person } from "./bot-api/updates.ts";
import { type HandTime, handTime, until } from "./hand-time.ts";

export const BOT = "700001:invented-bot-of-0367";
const OTHER_BOT = "700002:invented-bot-of-0113";
const T0 = 1_764_493_655_000;
export const GROUP = "-1001";
const ADMINISTRATOR = 501;

export const anna = { chatId: "101", firstName: "Анна", languageCode: "ru" };
export const john = { chatId: "102", firstName: "John", languageCode: "en" };
/** Administers the group. */
export const olga = {
  chatId: GROUP,
  firstName: "Ольга",
  languageCode: "ru",
  userId: ADMINISTRATOR,
};
/** Of the same group. */
export const member = { ...olga, firstName: "Пётр", userId: 502 };

export type ReceptionWorld = AsyncDisposable & {
  readonly api: BotApiServer;
  readonly time: HandTime;
  /** Anna and the group get the cards of 0367; 0368 has the same bot, 0113 another one. */
  readonly directory: Directory;
  /** With an open invitation, so that the bot of 0367 is listened to. */
  readonly store: InvitationStore;
  readonly reception: Reception;
  readonly logged: readonly string[];
  /** Thrown by changes of preferences. */
  fault: Error | undefined;
  isListening(): boolean;
  listening(): Promise<void>;
  /** It is listened to, and everything that was told is confirmed. */
  isHandled(): boolean;
  /** Another process takes over. */
  restart(): Promise<void>;
  lastOf(chatId: string): ChatMessage;
  /** Of the buttons that stand under the newest message. */
  labelsOf(chatId: string): string[];
  /** What a person writes is answered: the newest message, as it is seen. */
  say(person: Person, text: string): Promise<string>;
  handled(press: Press): Promise<Press>;
  press(person: Person, label: string): Promise<Press>;
  /** Under the newest message, unless said otherwise. */
  pressData(person: Person, data: string, messageId?: number): Promise<Press>;
  storedOf(chatId: string, number?: string): Promise<ChatPreferences | undefined>;
  set(chatId: string, texts: Parameters<typeof readPreferences>[0]): Promise<void>;
  joinIn(chatId: string, enterpriseNumber: string): Promise<void>;
};

const fill = async (directory: Directory): Promise<void> => {
  const standard = { webhookToken: null, secret: "invented", active: true };
  for (const [number, name, botToken] of [
    ["0367", "Ромашка <и Ко> & сын", BOT],
    ["0368", "B", BOT],
    ["0113", "C", OTHER_BOT],
  ] as const) {
    await directory.addEnterprise({ ...standard, number, name, botToken });
  }
};

/** Close it by leaving its block, or by `[Symbol.asyncDispose]`. */
export const openReceptionWorld = async (): Promise<ReceptionWorld> => {
  const dir = mkdtempSync(join(tmpdir(), "calllog-reception-"));
  const time = handTime(T0);
  const api = await startBotApi({ tokens: [BOT, OTHER_BOT], chats: [], now: time.now });
  const directory = await openDirectory({ sqlitePath: join(dir, "calllog.sqlite") });
  const store = openInvitations(dir, time);
  const logged: string[] = [];
  const write = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    logged.push(`${message} ${JSON.stringify(fields)} ${fields["error"] ?? ""}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const faulty: Directory["setChatPreferences"] = async (chat) => {
    if (world.fault !== undefined) throw world.fault;
    await directory.setChatPreferences(chat);
  };
  const open = (): Reception =>
    createReception({
      store,
      log,
      clock: time,
      scheduler: time,
      lang: "ru",
      directory: overDirectory(directory, { setChatPreferences: faulty }),
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
  let reception = open();

  const isListening = () => api.updates.askers(BOT) === 1;
  const isHandled = () => isListening() && api.updates.waiting(BOT) === 0;
  const listening = async (): Promise<void> => {
    await reception.look();
    await until(isListening);
  };
  const lastOf = (chatId: string): ChatMessage => {
    const message = api.chat(chatId).at(-1);
    if (message === undefined) throw new Error(`nothing stands in ${chatId}`);
    return message;
  };
  const handled = async (press: Press): Promise<Press> => {
    await until(isHandled);
    return press;
  };
  const world: ReceptionWorld = {
    api,
    time,
    directory,
    store,
    get reception() {
      return reception;
    },
    logged,
    fault: undefined,
    isListening,
    listening,
    isHandled,
    restart: async () => {
      await reception.stop();
      reception = open();
      await listening();
    },
    lastOf,
    labelsOf: (chatId) =>
      lastOf(chatId)
        .keyboard.flat()
        .map(({ text }) => text),
    say: async (person, text) => {
      await listening();
      const before = api.everSent(person.chatId).length;
      api.updates.say(person, text);
      await until(() => api.everSent(person.chatId).length > before);
      await until(isHandled);
      return lastOf(person.chatId).text;
    },
    handled,
    press: (person, label) => handled(api.press(person, label)),
    pressData: (person, data, messageId) =>
      handled(api.pressData(person, data, messageId ?? lastOf(person.chatId).messageId)),
    storedOf: async (chatId, number = "0367") =>
      (await directory.chatPreferences(number)).find((chat) => chat.chatId === chatId)?.preferences,
    set: (chatId, texts) =>
      directory.setChatPreferences({
        chatId,
        enterpriseNumber: "0367",
        preferences: readPreferences(texts),
      }),
    joinIn: (chatId, enterpriseNumber) => {
      const names = { firstName: null, lastName: null, email: null };
      return directory.addUser({ chatId, enterpriseNumber, ...names, botToken: null });
    },
    [Symbol.asyncDispose]: async () => {
      await reception.stop();
      await api.stop();
      await directory.close();
      rmSync(dir, { recursive: true });
    },
  };
  await fill(directory);
  for (const chatId of ["101", GROUP]) await world.joinIn(chatId, "0367");
  api.setMember(GROUP, ADMINISTRATOR, "administrator");
  const expiresAt = T0 + 86_400_000;
  store.create({ enterprise: "0367", isGroup: false, name: null, createdAt: T0, expiresAt });
  return world;
};
