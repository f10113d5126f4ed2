// The stand-in for Telegram is strict where Telegram is: what it lets pass, the cards are judged by.

import { describe, expect, it } from "bun:test";
import { Api, GrammyError } from "grammy/web";
import { createBot } from "../../src/channels/telegram/index.ts";
import { systemScheduler } from "../../src/lib/scheduler.ts";
import { parseTelegramHtml } from "../support/bot-api/html.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { BOT_TOKEN } from "../support/notifier-world.ts";

describe("parseTelegramHtml", () => {
  const READ: readonly [html: string, text: string][] = [
    ["a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#x27;", "a <b> & \"c\" 'd'"],
    ["<b>a <i>b</i></b>", "a b"],
    ["<blockquote expandable>151\n152</blockquote>", "151\n152"],
    ['<a href="https://example.org/?a=1&amp;b=2">x</a>', "x"],
  ];
  for (const [html, text] of READ) {
    it(`reads ${html}`, () => expect(parseTelegramHtml(html)).toEqual({ ok: true, text }));
  }
  const REFUSED = [
    "a < b",
    "a & b",
    "a > b",
    "<b>a",
    "a</b>",
    "<b><i>a</b></i>",
    "&nbsp;",
    "<p>a</p>",
  ];
  for (const html of [...REFUSED, '<b class="x">a</b>', "<blockquote folded>a</blockquote>"]) {
    it(`refuses ${html}`, () => expect(parseTelegramHtml(html).ok).toBe(false));
  }
});

const botAt = ({ apiRoot }: { readonly apiRoot: string }) =>
  createBot(BOT_TOKEN, { apiRoot, scheduler: systemScheduler({ now: Date.now }), now: Date.now });

describe("the server", () => {
  it("limits a chat to a message a second and a group to 20 a minute, edits counted", async () => {
    let now = 1_000_000;
    const clock = { now: () => now };
    await using api = await startBotApi({
      tokens: [BOT_TOKEN],
      chats: ["1", "-1"],
      limits: clock,
    });
    const scheduler = systemScheduler({ now: Date.now });
    const bot = createBot(BOT_TOKEN, { apiRoot: api.apiRoot, scheduler, now: Date.now });
    const text = (plain: string) => ({ pieces: [plain], plain });
    const sent = await bot.send("1", text("a"));
    if (!sent.ok) throw new Error("not sent");
    expect(await bot.edit("1", sent.value, text("b"))).toMatchObject({
      error: { kind: "limited", retryAfterMs: 1000 },
    });
    now += 1000;
    expect((await bot.edit("1", sent.value, text("b"))).ok).toBe(true);
    for (let count = 0; count < 20; count++) {
      expect((await bot.send("-1", text(`${count}`))).ok).toBe(true);
      now += 1000;
    }
    expect(await bot.send("-1", text("x"))).toMatchObject({ error: { retryAfterMs: 40_000 } });
    now += 40_000;
    expect((await bot.send("-1", text("x"))).ok).toBe(true);
  });

  it("refuses what Telegram refuses, and says why", async () => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: ["1"] });
    const scheduler = systemScheduler({ now: Date.now });
    const options = { apiRoot: api.apiRoot, scheduler, now: Date.now };
    // What the bot itself would never send, so by the library alone.
    const raw = new Api(BOT_TOKEN, { apiRoot: api.apiRoot });
    const reasonOf = async (html: string, chat = "1", url?: string): Promise<string> => {
      const button =
        url === undefined ? {} : { reply_markup: { inline_keyboard: [[{ text: "x", url }]] } };
      try {
        await raw.sendMessage(chat, html, { parse_mode: "HTML", ...button });
        return "taken";
      } catch (error) {
        return error instanceof GrammyError
          ? `${error.error_code} ${error.description}`
          : String(error);
      }
    };
    expect(await reasonOf("a".repeat(4096))).toBe("taken");
    expect(await reasonOf("&lt;".repeat(4096))).toBe("taken");
    expect(await reasonOf("a".repeat(4097))).toContain("too long");
    expect(await reasonOf(" <b> </b>")).toContain("text is empty");
    expect(await reasonOf("x", "2")).toContain("chat not found");
    expect(await reasonOf("x", "1", "http://localhost:8026/")).toContain("Wrong HTTP URL");
    expect(await reasonOf("x", "1", "ftp://example.org/")).toContain("Wrong HTTP URL");
    expect(await reasonOf("x", "1", "https://calls.example.org/")).toBe("taken");
    api.block("1");
    expect(await reasonOf("x")).toContain("403 Forbidden");
    const stranger = createBot("7654321:another_invented-token", options);
    expect(await stranger.whoAmI()).toMatchObject({
      error: { kind: "refused", reason: "401 Unauthorized (is the bot token right?)" },
    });
  });

  it("takes inline keyboards of 1 to 64 bytes a button, and edits them away", async () => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: ["1"] });
    const bot = botAt(api);
    const menu = (data: string, text = "x") => ({ pieces: ["menu"], rows: [[{ text, data }]] });
    const sent = await bot.sendMenu("1", menu("я".repeat(32)), null);
    if (!sent.ok) throw new Error("not sent");
    expect(await bot.sendMenu("1", menu("я".repeat(33)), null)).toMatchObject({
      error: { kind: "refused", reason: "400 Bad Request: BUTTON_DATA_INVALID" },
    });
    for (const wrong of [menu(""), menu("a", " ")]) {
      expect((await bot.sendMenu("1", wrong, null)).ok).toBe(false);
    }
    expect(await bot.sendMenu("1", menu("a"), 7)).toMatchObject({ error: { why: "topic" } });
    expect(await bot.editMenu("1", sent.value, menu("я".repeat(32)))).toMatchObject({
      error: { why: "not-modified" },
    });
    const bare = { pieces: ["menu"], rows: [] };
    expect((await bot.editMenu("1", sent.value, bare)).ok).toBe(true);
    expect(api.chat("1")).toMatchObject([{ text: "menu", keyboard: [], edits: 1 }]);
    expect(await bot.editMenu("1", 5, bare)).toMatchObject({ error: { why: "no-message" } });
    const raw = new Api(BOT_TOKEN, { apiRoot: api.apiRoot });
    const keyboard = { inline_keyboard: [[{ text: "y", callback_data: "b" }]] };
    await raw.editMessageReplyMarkup("1", sent.value, { reply_markup: keyboard });
    expect(api.chat("1")).toMatchObject([{ keyboard: [[{ text: "y" }]], edits: 2 }]);
  });

  it("tells of pressed buttons whoever asked to be told, and takes one answer each", async () => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: ["1"] });
    const bot = botAt(api);
    const raw = new Api(BOT_TOKEN, { apiRoot: api.apiRoot });
    const anna = { chatId: "1", languageCode: "ru" };
    await bot.sendMenu("1", { pieces: ["menu"], rows: [[{ text: "x", data: "a" }]] }, null);
    await raw.getUpdates({ allowed_updates: ["message"] });
    api.press(anna, "x");
    expect(api.updates.waiting()).toBe(0);
    await bot.incoming({ from: undefined, waitSeconds: 0, signal: AbortSignal.timeout(9000) });
    const press = api.press(anna, "x");
    const told = await bot.incoming({
      from: undefined,
      waitSeconds: 0,
      signal: AbortSignal.timeout(9000),
    });
    expect(told).toMatchObject({
      value: [
        {
          message: undefined,
          press: {
            id: press.id,
            data: "a",
            languageCode: "ru",
            sender: { userId: 1, isAsGroup: false },
            under: { chatId: "1", isGroup: false, messageId: 1000, topic: null },
          },
        },
      ],
    });
    expect(() => api.press(anna, "y")).toThrow("no button says y");
    const tooOld =
      "400 Bad Request: query is too old and response timeout expired or query ID is invalid";
    expect((await bot.answerPress(press.id, { text: "a".repeat(201) })).ok).toBe(false);
    expect((await bot.answerPress(press.id, { text: "Saved", isAlert: true })).ok).toBe(true);
    expect(press.answer).toEqual({ text: "Saved", isAlert: true });
    expect(await bot.answerPress(press.id, {})).toMatchObject({ error: { reason: tooOld } });
    const late = api.press(anna, "x");
    api.expirePresses();
    expect(await bot.answerPress(late.id, {})).toMatchObject({ error: { reason: tooOld } });
  });

  it("tells who administers a group, where it shows its members", async () => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: ["-1", "-2"] });
    const bot = botAt(api);
    const statuses = [
      "creator",
      "administrator",
      "member",
      "restricted",
      "left",
      "kicked",
    ] as const;
    const answers: unknown[] = [];
    for (const [id, status] of statuses.entries()) {
      api.setMember("-1", id, status);
      const asked = await bot.isAdministrator("-1", id);
      answers.push(asked.ok && asked.value);
    }
    expect(answers).toEqual([true, true, false, false, false, false]);
    api.hideMembers("-2");
    expect(await bot.isAdministrator("-2", 1)).toMatchObject({ error: { kind: "refused" } });
  });
});
