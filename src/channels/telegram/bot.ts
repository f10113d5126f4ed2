// One bot, through the Api class of grammY. Methods never throw and never retry: each resolves to a result or to a
// failure in our own terms. The token appears in the request URL and nowhere else.

import { Api } from "grammy/web";
import type {
  Capabilities,
  CardText,
  Messenger,
  MessengerFailure,
  Piece,
} from "../../cards/index.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import { HOUR_MS } from "../../lib/time.ts";
import { failureOf, NotTheBotApi } from "./failure.ts";
import { render } from "./html.ts";
import { type Incoming, incomingOf } from "./incoming.ts";

/** A bot as a messenger's account, and what only Telegram has. */
export type Bot = Messenger & {
  /**
   * Asks whether the bot may write to the chat, without writing: it knows the chat, was not blocked there, and was left the right
   * to send messages (Bot API, `getChat`, `sendChatAction`). Whoever looks at the chat sees for a moment that it "types".
   */
  mayWrite(chatId: string): Promise<Result<true, MessengerFailure>>;
  /** Whether another program is told of the bot's messages (a webhook): then nobody else can ask for them. */
  hasWebhook(): Promise<Result<boolean, MessengerFailure>>;
  /** Sends a menu; answers the message's id. @param topic of a forum; null: General, or no forum */
  sendMenu(
    chatId: string,
    menu: Menu,
    topic: number | null,
  ): Promise<Result<number, MessengerFailure>>;
  /** Puts a menu in the place of another. */
  editMenu(chatId: string, messageId: number, menu: Menu): Promise<Result<true, MessengerFailure>>;
  /** Ends the waiting of whoever pressed a button (Bot API, `answerCallbackQuery`). */
  answerPress(pressId: string, answer: PressAnswer): Promise<Result<true, MessengerFailure>>;
  /**
   * Whether a person administers the group. Telegram promises an answer only where the bot is an administrator too (Bot API,
   * `getChatMember`); in groups that show their members it gives one everywhere.
   */
  isAdministrator(chatId: string, userId: number): Promise<Result<boolean, MessengerFailure>>;
  /** The bot's oldest messages and presses that were not confirmed yet. */
  incoming(ask: IncomingAsk): Promise<Result<readonly Incoming[], MessengerFailure>>;
};

export type IncomingAsk = {
  /** Confirms all updates before this one: Telegram forgets them. Undefined confirms none. */
  readonly from: number | undefined;
  /** How long Telegram may hold the request until something comes; 0: answers at once. In seconds. */
  readonly waitSeconds: number;
  /** Ends the request at once. */
  readonly signal: AbortSignal;
};

/** A message with buttons that tell the bot when they are pressed. */
export type Menu = {
  readonly pieces: readonly Piece[];
  /** None: a message without buttons. */
  readonly rows: readonly (readonly MenuButton[])[];
};

export type MenuButton = {
  readonly text: string;
  /** 1 to 64 bytes (Bot API, `InlineKeyboardButton`); comes back when it is pressed. */
  readonly data: string;
};

export type PressAnswer = {
  /** Shown for a moment, at most 200 characters; undefined: nothing is. */
  readonly text?: string;
  /** It stays until the reader closes it. */
  readonly isAlert?: boolean;
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

const CAPABILITIES: Capabilities = {
  name: "Telegram",
  // Bot API, deleteMessage: "A message can only be deleted if it was sent less than 48 hours ago."
  deletableMs: 48 * HOUR_MS,
};

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

/** Bot API, ReplyParameters: without the message it answers it is sent all the same. */
const replyTo = (messageId: number) => ({
  message_id: messageId,
  allow_sending_without_reply: true,
});

/** The bot with that token. Holds nothing that needs closing. */
export const createBot = (token: string, options: BotOptions): Bot => {
  const { apiRoot, scheduler, now, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const api = new Api(token, { apiRoot, fetch: fetchApi });

  const request = async <T>(
    work: (signal: ApiSignal) => Promise<T>,
    limitMs = timeoutMs,
    stop?: AbortSignal,
  ): Promise<Result<T, MessengerFailure>> => {
    const controller = new AbortController();
    const callOff = scheduler.at(now() + limitMs, () => controller.abort());
    const end = (): void => controller.abort();
    stop?.addEventListener("abort", end);
    if (stop?.aborted) end();
    try {
      return ok(await work(controller.signal as unknown as ApiSignal));
    } catch (cause) {
      return err(failureOf(cause, controller.signal.aborted ? limitMs : undefined));
    } finally {
      callOff();
      stop?.removeEventListener("abort", end);
    }
  };

  const shown = ({ button }: CardText) => ({
    parse_mode: "HTML" as const,
    link_preview_options: { is_disabled: true },
    ...(button === undefined ? {} : { reply_markup: { inline_keyboard: [[button]] } }),
  });

  const shownMenu = ({ rows }: Menu) => ({
    parse_mode: "HTML" as const,
    link_preview_options: { is_disabled: true },
    reply_markup: {
      inline_keyboard: rows.map((row) =>
        row.map(({ text, data }) => ({ text, callback_data: data })),
      ),
    },
  });

  return {
    capabilities: CAPABILITIES,
    send: (chatId, text, how) =>
      request(async (signal) => {
        const { message_id: messageId } = await api.sendMessage(
          chatId,
          render(text.pieces).html,
          {
            ...shown(text),
            ...(how?.isSilent ? { disable_notification: true } : {}),
            ...(how?.topic ? { message_thread_id: how.topic } : {}),
            ...(how?.replyTo === undefined ? {} : { reply_parameters: replyTo(how.replyTo) }),
          },
          signal,
        );
        return messageId;
      }),
    edit: (chatId, messageId, text) =>
      request(async (signal) => {
        await api.editMessageText(chatId, messageId, render(text.pieces).html, shown(text), signal);
        return true as const;
      }),
    remove: (chatId, messageId) =>
      request(async (signal) => {
        await api.deleteMessage(chatId, messageId, signal);
        return true as const;
      }),
    whoAmI: () => request(async (signal) => (await api.getMe(signal)).username),
    mayWrite: (chatId) =>
      request(async (signal) => {
        // Of a chat that nobody let the bot into, this one says so best.
        await api.getChat(chatId, signal);
        await api.sendChatAction(chatId, "typing", {}, signal);
        return true as const;
      }),
    sendMenu: (chatId, menu, topic) =>
      request(async (signal) => {
        const thread = topic === null ? {} : { message_thread_id: topic };
        const how = { ...shownMenu(menu), ...thread };
        return (await api.sendMessage(chatId, render(menu.pieces).html, how, signal)).message_id;
      }),
    editMenu: (chatId, messageId, menu) =>
      request(async (signal) => {
        const { html } = render(menu.pieces);
        await api.editMessageText(chatId, messageId, html, shownMenu(menu), signal);
        return true as const;
      }),
    answerPress: (pressId, { text, isAlert }) =>
      request(async (signal) => {
        const said = { ...(text === undefined ? {} : { text }), show_alert: isAlert === true };
        await api.answerCallbackQuery(pressId, said, signal);
        return true as const;
      }),
    isAdministrator: (chatId, userId) =>
      request(async (signal) => {
        const { status } = await api.getChatMember(chatId, userId, signal);
        return status === "creator" || status === "administrator";
      }),
    hasWebhook: () => request(async (signal) => (await api.getWebhookInfo(signal)).url !== ""),
    incoming: ({ from, waitSeconds, signal: stop }) =>
      request(
        async (signal) => {
          const asked = {
            timeout: waitSeconds,
            allowed_updates: ["message" as const, "callback_query" as const],
            ...(from === undefined ? {} : { offset: from }),
          };
          return (await api.getUpdates(asked, signal)).map(incomingOf);
        },
        timeoutMs + waitSeconds * 1000,
        stop,
      ),
  };
};
