// A Bot API server for tests, over real HTTP on a free port: as strict as Telegram where we know it, slow, limited or
// broken where a test says so. Remembers what stands in every chat, so that tests look at what people would see.

import { createServer } from "node:http";
import { createWatchers } from "../watchers.ts";
import { type Answer, fine, no } from "./answer.ts";
import { parseTelegramHtml } from "./html.ts";
import { type Button, type Keyboard, keyboardOf } from "./keyboard.ts";
import { createPresses, type Press } from "./presses.ts";
import { createUpdates, type Person, type Updates } from "./updates.ts";

export type ChatMessage = {
  readonly messageId: number;
  text: string;
  /** The first button. */
  button: Button | undefined;
  keyboard: Keyboard;
  readonly sentAt: number;
  edits: number;
  /** The forum topic it was sent to. */
  readonly topic: number | undefined;
  /** It came without a sound. */
  readonly isSilent: boolean;
  /** The message of the chat that it answers. */
  readonly replyTo: number | undefined;
};

export type ApiRequest = {
  readonly method: string;
  readonly token: string;
  readonly chatId: string;
  readonly text: string;
  /** Of getUpdates. */
  readonly offset?: number;
  readonly timeoutSeconds?: number;
  /** What was answered: 200, 400, 429…; 0 where the connection was dropped. */
  status: number;
};

export type Fault =
  /** The connection ends without an answer; `after`: the request was carried out. */
  | { readonly do: "drop"; readonly when: "before" | "after" }
  | { readonly do: "answer"; readonly status: number; readonly html?: boolean }
  /** No answer until the test lets go; the request is carried out at once. */
  | { readonly do: "hold"; readonly until: Promise<void> }
  | { readonly do: "limit"; readonly retryAfterS: number };

export type MemberStatus =
  | "creator"
  | "administrator"
  | "member"
  | "restricted"
  | "left"
  | "kicked";

export type FaultOn = {
  readonly fault: Fault;
  readonly method?: string;
  readonly chatId?: string;
  /** Part of the text. */
  readonly text?: string;
  /** How many requests it hits; default 1. */
  times?: number;
};

export type BotApiOptions = {
  readonly tokens: readonly string[];
  /** Chats that know the bot; others are "chat not found". */
  readonly chats: readonly string[];
  /** For the limits; default: no limits. */
  readonly limits?: { readonly now: () => number };
  /** Time as far as ages of messages are concerned; default: the clock of the limits, else the machine's. */
  readonly now?: () => number;
};

export type BotApiServer = AsyncDisposable & {
  readonly apiRoot: string;
  /** What people write to the bots. */
  readonly updates: Updates;
  /** Somebody presses the button of that text in the chat's newest message that has it, which must be there. */
  press(person: Person, text: string, token?: string): Press;
  /** A press that no button stands for any more, or never did; under a message of the chat, or under none. */
  pressData(person: Person, data: string, messageId: number | undefined, token?: string): Press;
  /** Telegram waits no longer for answers to what was pressed before now. */
  expirePresses(): void;
  /** What a person is in a group; who was never said is a member. */
  setMember(chatId: string, userId: number, status: MemberStatus): void;
  /** The group shows its members to its administrators alone, and the bot is none. */
  hideMembers(chatId: string): void;
  /** What stands in a chat, oldest first. */
  chat(chatId: string): readonly ChatMessage[];
  /** The texts that stand in a chat. */
  texts(chatId: string): string[];
  /** Everything that was ever sent into a chat, the deleted too. */
  everSent(chatId: string): readonly string[];
  readonly requests: readonly ApiRequest[];
  addFault(fault: FaultOn): void;
  block(chatId: string): void;
  unblock(chatId: string): void;
  /** The group takes the right to send messages. */
  mute(chatId: string): void;
  /** The group has a topic of that id; others are "message thread not found". */
  openTopic(chatId: string, topic: number): void;
  closeTopic(chatId: string, topic: number): void;
  migrate(from: string, to: string): void;
  /** Resolves when the condition holds; looked at after every request. */
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
};

const DELETABLE_MS = 48 * 3600 * 1000;

/** Starts a server on a free port of this machine. */
export const startBotApi = async (options: BotApiOptions): Promise<BotApiServer> => {
  const now = options.now ?? options.limits?.now ?? Date.now;
  const chats = new Map<string, ChatMessage[]>(options.chats.map((id) => [id, []]));
  const ever = new Map<string, string[]>();
  const sentTimes = new Map<string, number[]>();
  const blocked = new Set<string>();
  const mute = new Set<string>();
  /** By chat and topic: whether it is open. */
  const topics = new Map<string, boolean>();
  /** By chat and person. */
  const members = new Map<string, MemberStatus>();
  const hidden = new Set<string>();
  const presses = createPresses();
  const moved = new Map<string, string>();
  const requests: ApiRequest[] = [];
  const faults: FaultOn[] = [];
  const watchers = createWatchers();
  const updates = createUpdates({
    tokens: options.tokens,
    nowS: () => Math.floor(now() / 1000),
    // Whoever writes to a bot lets it write back.
    onChat: (chatId) => void chats.set(chatId, chats.get(chatId) ?? []),
    onAsked: watchers.changed,
  });
  let nextId = 1000;

  /** Seconds until the chat may get another message; 0: now. */
  const limitedFor = (chatId: string): number => {
    if (options.limits === undefined) return 0;
    const at = now();
    const times = (sentTimes.get(chatId) ?? []).filter((time) => at - time < 60_000);
    sentTimes.set(chatId, times);
    const perMinute = chatId.startsWith("-") ? 20 : Number.POSITIVE_INFINITY;
    const last = times.at(-1);
    if (times.length >= perMinute)
      return Math.ceil(((times.at(-perMinute) ?? at) + 60_000 - at) / 1000);
    if (last !== undefined && at - last < 1000) return 1;
    times.push(at);
    return 0;
  };

  const check = (body: Record<string, unknown>): Answer | { text: string; keyboard: Keyboard } => {
    const { text: html, parse_mode: mode } = body;
    const parsed = parseTelegramHtml(typeof html === "string" ? html : "");
    if (mode !== "HTML") return no(400, "Bad Request: the tests send HTML only");
    if (!parsed.ok) return no(400, parsed.reason);
    const text = parsed.text.trim();
    if (text === "") return no(400, "Bad Request: message text is empty");
    if (text.length > 4096) return no(400, "Bad Request: message is too long");
    const keyboard = keyboardOf(body);
    return "status" in keyboard ? keyboard : { text, keyboard };
  };

  const memberOf = (chatId: string, userId: unknown): Answer => {
    if (!Number.isSafeInteger(userId)) return no(400, "Bad Request: invalid user_id specified");
    if (hidden.has(chatId)) return no(400, "Bad Request: member list is inaccessible");
    const status = members.get(`${chatId} ${userId}`) ?? "member";
    return fine({ status, user: { id: userId, is_bot: false, first_name: "Anna" } });
  };

  /** Puts `text` (or what stands, where undefined) and a keyboard in the place of a message's. */
  const edit = (message: ChatMessage, text: string | undefined, keyboard: Keyboard): Answer => {
    const next = text ?? message.text;
    if (message.text === next && JSON.stringify(message.keyboard) === JSON.stringify(keyboard)) {
      const reason = "specified new message content and reply markup are exactly the same";
      return no(400, `Bad Request: message is not modified: ${reason}`);
    }
    const change = { text: next, keyboard, button: keyboard[0]?.[0], edits: message.edits + 1 };
    return fine({ message_id: Object.assign(message, change).messageId });
  };

  const carryOut = (method: string, token: string, body: Record<string, unknown>): Answer => {
    if (method === "getMe") return fine(updates.me(token));
    if (method === "getWebhookInfo") {
      return fine({ url: updates.hasWebhook(token) ? "https://other.example.org/" : "" });
    }
    if (method === "answerCallbackQuery") return presses.answer(token, body);
    const chatId = String(body["chat_id"] ?? "");
    const to = moved.get(chatId);
    if (to !== undefined) {
      const reason = "Bad Request: group chat was upgraded to a supergroup chat";
      return no(400, reason, { migrate_to_chat_id: Number(to) });
    }
    const messages = chats.get(chatId);
    if (messages === undefined) return no(400, "Bad Request: chat not found");
    // As the real one: a chat that blocked the bot is still known to it.
    if (method === "getChat")
      return fine({ id: Number(chatId), type: "private", first_name: "Anna" });
    if (method === "getChatMember") return memberOf(chatId, body["user_id"]);
    if (blocked.has(chatId)) return no(403, "Forbidden: bot was blocked by the user");
    if (mute.has(chatId)) {
      return no(400, "Bad Request: not enough rights to send text messages to the chat");
    }
    if (method === "sendChatAction") return fine(true);
    const at = messages.findIndex(({ messageId }) => messageId === body["message_id"]);
    const message = messages[at];
    if (method === "deleteMessage") {
      if (message === undefined) return no(400, "Bad Request: message to delete not found");
      if (now() - message.sentAt >= DELETABLE_MS)
        return no(400, "Bad Request: message can't be deleted");
      messages.splice(at, 1);
      return fine(true);
    }
    if (method === "editMessageReplyMarkup") {
      if (message === undefined) return no(400, "Bad Request: message to edit not found");
      const keyboard = keyboardOf(body);
      return "status" in keyboard ? keyboard : edit(message, undefined, keyboard);
    }
    if (method !== "sendMessage" && method !== "editMessageText") return no(404, "Not Found");
    const checked = check(body);
    if ("status" in checked) return checked;
    if (method === "editMessageText" && message === undefined) {
      return no(400, "Bad Request: message to edit not found");
    }
    const topic = body["message_thread_id"];
    if (topic !== undefined) {
      const isOpen = topics.get(`${chatId} ${topic}`);
      if (isOpen === undefined) return no(400, "Bad Request: message thread not found");
      if (!isOpen) return no(400, "Bad Request: TOPIC_CLOSED");
    }
    const seconds = limitedFor(chatId);
    if (seconds > 0) {
      return no(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
    }
    const { text, keyboard } = checked;
    if (method === "sendMessage") {
      const reply = body["reply_parameters"] as
        | { message_id: number; allow_sending_without_reply?: boolean }
        | undefined;
      const isThere = messages.some((one) => one.messageId === reply?.message_id);
      if (reply !== undefined && !isThere && reply.allow_sending_without_reply !== true) {
        return no(400, "Bad Request: message to be replied not found");
      }
      const messageId = nextId++;
      messages.push({
        messageId,
        text,
        button: keyboard[0]?.[0],
        keyboard,
        sentAt: now(),
        edits: 0,
        topic: typeof topic === "number" ? topic : undefined,
        isSilent: body["disable_notification"] === true,
        replyTo: isThere ? reply?.message_id : undefined,
      });
      ever.set(chatId, [...(ever.get(chatId) ?? []), text]);
      return fine({
        message_id: messageId,
        date: Math.floor(now() / 1000),
        chat: { id: Number(chatId) },
      });
    }
    if (message === undefined) return no(500, "Internal Server Error");
    return edit(message, text, keyboard);
  };

  const faultFor = (request: ApiRequest): Fault | undefined => {
    const at = faults.findIndex(
      ({ method, chatId, text }) =>
        (method === undefined || method === request.method) &&
        (chatId === undefined || chatId === request.chatId) &&
        (text === undefined || request.text.includes(text)),
    );
    const found = faults[at];
    if (found === undefined) return undefined;
    found.times = (found.times ?? 1) - 1;
    if (found.times <= 0) faults.splice(at, 1);
    return found.fault;
  };

  /** Undefined: the connection is to be dropped. */
  const answer = async (
    path: string,
    text: string,
    signal: AbortSignal,
  ): Promise<Answer | string | undefined> => {
    const [, token = "", method = ""] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
    const body = JSON.parse(text || "{}") as Record<string, unknown>;
    const seen: ApiRequest = {
      method,
      token,
      status: 0,
      chatId: String(body["chat_id"] ?? ""),
      text: String(body["text"] ?? ""),
      ...(typeof body["offset"] === "number" ? { offset: body["offset"] } : {}),
      ...(typeof body["timeout"] === "number" ? { timeoutSeconds: body["timeout"] } : {}),
    };
    requests.push(seen);
    const said = (given: Answer): Answer => {
      seen.status = given.status;
      return given;
    };
    if (!options.tokens.includes(token)) return said(no(401, "Unauthorized"));
    const fault = faultFor(seen);
    if (fault?.do === "answer") {
      const given = said(no(fault.status, "Internal Server Error"));
      return fault.html ? "<html>Bad Gateway</html>" : given;
    }
    if (fault?.do === "limit") {
      return said(no(429, "Too Many Requests", { retry_after: fault.retryAfterS }));
    }
    if (fault?.do === "drop" && fault.when === "before") return undefined;
    const done =
      method === "getUpdates"
        ? await updates.get(token, body, signal)
        : carryOut(method, token, body);
    if (fault?.do === "drop") return undefined;
    if (fault?.do === "hold") {
      watchers.changed();
      await fault.until;
    }
    return said(done);
  };

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    request.on("end", async () => {
      const body = Buffer.concat(parts).toString("utf8");
      const given = await answer(request.url ?? "", body, gone.signal);
      if (given === undefined) {
        request.socket.destroy();
      } else if (typeof given === "string") {
        response.writeHead(502, { "content-type": "text/html" }).end(given);
      } else {
        response.writeHead(given.status, { "content-type": "application/json" });
        response.end(JSON.stringify(given.body));
      }
      watchers.changed();
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const pressData: BotApiServer["pressData"] = (person, data, messageId, token) => {
    const press = presses.add(token ?? options.tokens[0] ?? "", data);
    const message = chats.get(person.chatId)?.find((one) => one.messageId === messageId);
    const under =
      messageId === undefined
        ? undefined
        : {
            messageId,
            topic: message?.topic,
            // Of a message that the bot can see no more, Telegram tells no more than its place.
            date: message === undefined ? 0 : Math.floor(message.sentAt / 1000),
          };
    updates.press(person, press, under, token);
    return press;
  };

  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    apiRoot: `http://127.0.0.1:${port}`,
    updates,
    press: (person, text, token) => {
      const message = chats
        .get(person.chatId)
        ?.findLast(({ keyboard }) => keyboard.flat().some((button) => button.text === text));
      const data = message?.keyboard.flat().find((one) => one.text === text)?.callback_data;
      if (message === undefined || data === undefined) throw new Error(`no button says ${text}`);
      return pressData(person, data, message.messageId, token);
    },
    pressData,
    expirePresses: presses.expire,
    setMember: (chatId, userId, status) => void members.set(`${chatId} ${userId}`, status),
    hideMembers: (chatId) => void hidden.add(chatId),
    chat: (chatId) => chats.get(chatId) ?? [],
    texts: (chatId) => (chats.get(chatId) ?? []).map(({ text }) => text),
    everSent: (chatId) => ever.get(chatId) ?? [],
    requests,
    addFault: (fault) => void faults.push({ ...fault }),
    block: (chatId) => void blocked.add(chatId),
    unblock: (chatId) => void blocked.delete(chatId),
    openTopic: (chatId, topic) => void topics.set(`${chatId} ${topic}`, true),
    closeTopic: (chatId, topic) => void topics.set(`${chatId} ${topic}`, false),
    mute: (chatId) => void mute.add(chatId),
    migrate: (from, to) => {
      moved.set(from, to);
      chats.set(to, chats.get(from) ?? []);
      chats.delete(from);
    },
    until: watchers.until,
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
