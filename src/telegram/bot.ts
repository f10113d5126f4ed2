// One bot's requests to Telegram, through grammY's Api. Never throws and never retries: each request ends in its result
// or in a failure in our own words. The bot's token leaves this file in the address of the request alone.

import { Api } from "grammy/web";
import { err, ok, type Result } from "../lib/result.ts";
import { failureOf, NotTheBotApi, type TelegramFailure } from "./failure.ts";
import type { CardText, Scheduler } from "./types.ts";

export type Bot = {
  /** Sends a card; answers the message's id. */
  send(chatId: string, text: CardText): Promise<Result<number, TelegramFailure>>;
  edit(chatId: string, messageId: number, text: CardText): Promise<Result<true, TelegramFailure>>;
  remove(chatId: string, messageId: number): Promise<Result<true, TelegramFailure>>;
  /** Asks who the bot is: tells whether Telegram can be reached, and changes nothing. Answers its user name. */
  whoAmI(): Promise<Result<string, TelegramFailure>>;
  /** Asks whether the bot knows the chat, as it must to write there, and changes nothing. Answers the chat's name. */
  knows(chatId: string): Promise<Result<string, TelegramFailure>>;
};

export type BotOptions = {
  /** Such as `https://api.telegram.org`, without a slash at its end. */
  readonly apiRoot: string;
  readonly scheduler: Scheduler;
  readonly now: () => number;
  /** A request without an answer is given up after this long, in milliseconds; default 10 s. */
  readonly timeoutMs?: number;
};

/** The library's types name another AbortSignal than the platform's; what it takes is the platform's. */
type ApiSignal = NonNullable<Parameters<Api["getMe"]>[0]>;

const DEFAULT_TIMEOUT_MS = 10_000;

/** grammY takes whatever parses as JSON for an answer; a gateway's error page must be told from a broken one. */
const fetchApi: typeof fetch = Object.assign(
  async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const response = await fetch(...request);
    const type = response.headers.get("content-type") ?? "";
    if (type.includes("json")) return response;
    await response.body?.cancel();
    throw new NotTheBotApi(response.status);
  },
  { preconnect: () => undefined },
);

/** The bot with that token. Holds nothing that needs closing. */
export const createBot = (token: string, options: BotOptions): Bot => {
  const { apiRoot, scheduler, now, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const api = new Api(token, { apiRoot, fetch: fetchApi });

  const request = async <T>(
    work: (signal: ApiSignal) => Promise<T>,
  ): Promise<Result<T, TelegramFailure>> => {
    const controller = new AbortController();
    const callOff = scheduler.at(now() + timeoutMs, () => controller.abort());
    try {
      return ok(await work(controller.signal as unknown as ApiSignal));
    } catch (cause) {
      return err(failureOf(cause, controller.signal.aborted ? timeoutMs : undefined));
    } finally {
      callOff();
    }
  };

  const shown = ({ button }: CardText) => ({
    parse_mode: "HTML" as const,
    link_preview_options: { is_disabled: true },
    ...(button === undefined ? {} : { reply_markup: { inline_keyboard: [[button]] } }),
  });

  return {
    send: (chatId, text) =>
      request(async (signal) => {
        const { message_id: messageId } = await api.sendMessage(
          chatId,
          text.html,
          shown(text),
          signal,
        );
        return messageId;
      }),
    edit: (chatId, messageId, text) =>
      request(async (signal) => {
        await api.editMessageText(chatId, messageId, text.html, shown(text), signal);
        return true as const;
      }),
    remove: (chatId, messageId) =>
      request(async (signal) => {
        await api.deleteMessage(chatId, messageId, signal);
        return true as const;
      }),
    whoAmI: () => request(async (signal) => (await api.getMe(signal)).username),
    knows: (chatId) =>
      request(async (signal) => {
        const { title, first_name: name, username } = await api.getChat(chatId, signal);
        return title ?? name ?? username ?? chatId;
      }),
  };
};
