// What people write to the bots of the stand-in server, kept and handed out as Telegram does (Bot API, "Getting
// updates"): until an offset above them confirms them, to one asker at a time, held back while there is nothing.

import { type Answer, fine, no } from "./answer.ts";

export type Person = {
  readonly chatId: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly languageCode?: string;
  /** For a group (negative chat id). */
  readonly title?: string;
  /** Who writes or presses in a group. */
  readonly userId?: number;
  /** An administrator who writes as the group. */
  readonly isAnonymous?: boolean;
  /** Writes as a channel of that id, as anybody may in a group. */
  readonly channel?: number;
  /** The forum topic that it is written in. */
  readonly topic?: number;
  /** The thread of replies in a group without topics. */
  readonly thread?: number;
};

/** The account that stands for all anonymous administrators (Bot API, `Message.sender_chat`). */
const ANONYMOUS = {
  id: 1_087_968_824,
  is_bot: true,
  first_name: "Group",
  username: "GroupAnonymousBot",
};
/** The account that stands for those who write as a channel. */
const AS_CHANNEL = {
  id: 136_817_688,
  is_bot: true,
  first_name: "Channel",
  username: "Channel_Bot",
};
const SOMEBODY = 424_242;

/** The message with the button. */
export type PressedMessage = {
  readonly messageId: number;
  readonly topic: number | undefined;
  readonly date: number;
};

export type Updates = {
  /** Somebody writes to the bot with that token; the first one unless said otherwise. */
  say(person: Person, text: string, token?: string): void;
  /** Something that is no message of text: a photograph. */
  sendPhoto(person: Person, token?: string): void;
  /** A pressed button is told, unless the bot did not ask to be told; undefined: of another chat's inline message. */
  press(
    person: Person,
    query: { readonly id: string; readonly data: string },
    under: PressedMessage | undefined,
    token?: string,
  ): void;
  /** The link's code is sent as Telegram's apps send it. */
  openLink(person: Person, link: string): void;
  /** What was not confirmed yet. */
  waiting(token?: string): number;
  /** How many ask for the bot's updates at this moment, and wait. */
  askers(token?: string): number;
  setWebhook(isSet: boolean, token?: string): void;
  hasWebhook(token: string): boolean;
  me(token: string): { readonly id: number; readonly username: string };
  get(token: string, body: Record<string, unknown>, signal: AbortSignal): Promise<Answer>;
};

type BotState = {
  readonly username: string;
  hasWebhook: boolean;
  nextId: number;
  updates: { readonly update_id: number; readonly [kind: string]: unknown }[];
  /** The kinds that it asked for last; undefined: all that are told unasked. */
  allowed: readonly string[] | undefined;
  /** Ends the request that waits, with this answer; undefined: with what there is. */
  asker: ((answer?: Answer) => void) | undefined;
};

const conflict = (why: string): Answer => no(409, `Conflict: ${why}`);
const MAX_TIMEOUT_S = 50;

export const createUpdates = (options: {
  readonly tokens: readonly string[];
  readonly nowS: () => number;
  readonly onChat: (chatId: string) => void;
  /** Somebody waits for updates, or does no more. */
  readonly onAsked: () => void;
}): Updates => {
  const [firstToken = ""] = options.tokens;
  const bots = new Map<string, BotState>(
    options.tokens.map((token, i) => [
      token,
      {
        username: i === 0 ? "calls_bot" : `calls${i + 1}_bot`,
        hasWebhook: false,
        nextId: 800_000 + i,
        updates: [],
        allowed: undefined,
        asker: undefined,
      },
    ]),
  );
  const botOf = (token: string): BotState => {
    const bot = bots.get(token);
    if (bot === undefined) throw new Error(`there is no bot ${token}`);
    return bot;
  };

  const addUpdate = (token: string, kind: string, content: object): void => {
    const bot = botOf(token);
    if (bot.allowed?.includes(kind) === false) return;
    bot.updates.push({ update_id: bot.nextId++, [kind]: content });
    bot.asker?.();
  };

  const isGroup = ({ chatId }: Person): boolean => chatId.startsWith("-");
  const namesOf = ({ firstName = "Anna", lastName }: Person) => ({
    first_name: firstName,
    ...(lastName === undefined ? {} : { last_name: lastName }),
  });
  const chatOf = (person: Person) =>
    isGroup(person)
      ? { id: Number(person.chatId), type: "supergroup", title: person.title ?? "Managers" }
      : { id: Number(person.chatId), type: "private", ...namesOf(person) };
  const userOf = (person: Person) => ({
    id: isGroup(person) ? (person.userId ?? SOMEBODY) : Number(person.chatId),
    is_bot: false,
    ...namesOf(person),
    ...(person.languageCode === undefined ? {} : { language_code: person.languageCode }),
  });
  const senderOf = (person: Person) => {
    if (person.isAnonymous) return { from: ANONYMOUS, sender_chat: chatOf(person) };
    if (person.channel === undefined) return { from: userOf(person) };
    return {
      from: AS_CHANNEL,
      sender_chat: { id: person.channel, type: "channel", title: "News" },
    };
  };
  const threadOf = ({ topic, thread }: Pick<Person, "topic" | "thread">) => {
    if (topic !== undefined) return { message_thread_id: topic, is_topic_message: true };
    return thread === undefined ? {} : { message_thread_id: thread };
  };

  const add = (person: Person, content: object, token: string): void => {
    options.onChat(person.chatId);
    addUpdate(token, "message", {
      message_id: botOf(token).nextId + 1,
      date: options.nowS(),
      chat: chatOf(person),
      ...senderOf(person),
      ...threadOf(person),
      ...content,
    });
  };

  const say: Updates["say"] = (person, text, token = firstToken) => add(person, { text }, token);

  return {
    say,
    sendPhoto: (person, token = firstToken) => add(person, { photo: [{ file_id: "1" }] }, token),
    press: (person, { id, data }, under, token = firstToken) =>
      addUpdate(token, "callback_query", {
        id,
        data,
        from: userOf(person),
        chat_instance: "-600000000000",
        ...(under === undefined
          ? { inline_message_id: "AAAA" }
          : {
              message: {
                message_id: under.messageId,
                date: under.date,
                chat: chatOf(person),
                ...(under.topic === undefined ? {} : threadOf({ topic: under.topic })),
              },
            }),
      }),
    openLink: (person, link) => {
      const { hostname, pathname, searchParams } = new URL(link);
      const [kind, code = ""] = [...searchParams][0] ?? [];
      const username = pathname.slice(1);
      const token = [...bots].find(([, bot]) => bot.username === username)?.[0];
      const isRight =
        hostname === "t.me" &&
        kind === (isGroup(person) ? "startgroup" : "start") &&
        /^[\w-]{1,64}$/.test(code);
      if (!isRight || token === undefined) throw new Error(`Telegram does not open ${link}`);
      say(person, isGroup(person) ? `/start@${username} ${code}` : `/start ${code}`, token);
    },
    waiting: (token = firstToken) => botOf(token).updates.length,
    askers: (token = firstToken) => (botOf(token).asker === undefined ? 0 : 1),
    setWebhook: (isSet, token = firstToken) => {
      const bot = botOf(token);
      bot.hasWebhook = isSet;
      if (isSet) bot.asker?.(conflict("terminated by setWebhook request"));
    },
    hasWebhook: (token) => botOf(token).hasWebhook,
    me: (token) => ({
      id: Number(token.split(":", 1)[0]),
      is_bot: true,
      first_name: "Bot",
      username: botOf(token).username,
    }),
    get: async (token, body, signal) => {
      const bot = botOf(token);
      const { offset = 0, timeout = 0, limit = 100, allowed_updates: allowed } = body;
      const isRight =
        Number.isInteger(offset) &&
        Number(offset) >= 0 &&
        Number.isInteger(timeout) &&
        Number(timeout) <= MAX_TIMEOUT_S &&
        Array.isArray(allowed) &&
        allowed.includes("message");
      if (!isRight) return no(400, "Bad Request: the tests ask for messages, by rising offsets");
      if (bot.hasWebhook) {
        return conflict(
          "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        );
      }
      bot.asker?.(
        conflict(
          "terminated by other getUpdates request; make sure that only one bot instance is running",
        ),
      );
      bot.allowed = allowed as readonly string[];
      bot.updates = bot.updates.filter(({ update_id: id }) => id >= Number(offset));
      const there = (): Answer => fine(bot.updates.slice(0, Number(limit)));
      if (bot.updates.length > 0 || timeout === 0) return there();
      return new Promise((resolve) => {
        const asker = (answer?: Answer): void => {
          if (bot.asker === asker) bot.asker = undefined;
          options.onAsked();
          clearTimeout(timer);
          resolve(answer ?? there());
        };
        const timer = setTimeout(asker, Number(timeout) * 1000);
        bot.asker = asker;
        options.onAsked();
        signal.addEventListener("abort", () => asker());
      });
    },
  };
};
