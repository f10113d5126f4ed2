// The day in a message, sent: at its minute, once, whatever Telegram and the machine do; over real files and HTTP.

import { describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHistory } from "../../src/call/list/index.ts";
import {
  DigestDesk,
  type DigestDeskOptions,
  digestOf,
  digestText,
  periodDueAt,
  Rounds,
} from "../../src/cards/index.ts";
import { createBot } from "../../src/channels/telegram/index.ts";
import { type ChatPreferences, DEFAULT_PREFERENCES } from "../../src/domain/chat-preferences.ts";
import { silentLog } from "../../src/lib/log.ts";
import { HOUR_MS } from "../../src/lib/time.ts";
import { openTraceStore, recentRecords } from "../../src/store/index.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { CALL_TIMEOUT_MS } from "../support/calls.ts";
import { handTime } from "../support/hand-time.ts";

const TOKEN = "1234567:invented-token_of-a-test";
const ZONE = "Europe/Minsk";
const GROUP = "-1001";
const EVENING = { digest: 18 * 60 };
const moment = (local: string): number => Date.parse(`${local.replace(" ", "T")}+03:00`);

/** Two of the enterprise's processes at most, over one folder; `start` is by the clocks of the zone. */
const openDigests = async (
  wishes: { readonly [chatId: string]: Partial<ChatPreferences> },
  start = "2026-11-24 17:58",
) => {
  const dir = mkdtempSync(join(tmpdir(), "calllog-digest-"));
  const time = handTime(moment(start));
  const api = await startBotApi({ tokens: [TOKEN], chats: Object.keys(wishes), now: time.now });
  const trace = openTraceStore({ dir, clock: time });
  const history = openHistory({
    dir,
    clock: time,
    callTimeoutMs: CALL_TIMEOUT_MS,
    log: silentLog,
    find: trace.find,
  });
  const bot = createBot(TOKEN, { apiRoot: api.apiRoot, scheduler: time, now: time.now });
  const faults = { isUnread: false, isDiskFull: false };
  const begin = (): Rounds => {
    const rounds = new Rounds({
      enterprises: async () => ["0367"],
      clock: time,
      scheduler: time,
      log: silentLog,
    });
    const desk: DigestDeskOptions = {
      recipients: async () => ({
        chats: Object.entries(wishes).map(([chatId, own]) => ({
          chatId,
          account: TOKEN,
          preferences: { ...DEFAULT_PREFERENCES, ...own },
        })),
        account: TOKEN,
      }),
      message: async (enterprise, minute, { lang, isMasked }) => {
        if (faults.isUnread) return undefined;
        const now = time.now();
        const rules = { windowMs: 72 * HOUR_MS, minWaitMs: 0, country: "BY" as const };
        const world = { history, enterprise, rules, timeZone: ZONE, now };
        const digest = await digestOf(world, periodDueAt(minute, now, ZONE));
        const text = digestText(digest, {
          name: "Ромашка",
          lang: lang ?? "ru",
          timeZone: ZONE,
          country: rules.country,
          isMasked,
        });
        return { ...text, button: { text: "Звонки", url: "https://calls.example.by/calls" } };
      },
      told: (enterprise, since) => recentRecords(dir, enterprise, "TG", since),
      append: (enterprise, record) =>
        faults.isDiskFull ? Promise.reject(new Error("no room")) : trace.append(enterprise, record),
      messenger: () => bot,
      clock: time,
      log: silentLog,
      timeZone: ZONE,
    };
    new DigestDesk(desk, rounds);
    rounds.start();
    return rounds;
  };
  let rounds = begin();
  const idle = async (): Promise<void> => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (rounds.underWay > 0);
  };
  const to = async (local: string): Promise<void> => {
    await idle();
    while (time.nextAt() <= moment(local)) {
      time.set(Math.max(time.nextAt(), time.now()));
      await idle();
    }
    time.set(moment(local));
  };
  return {
    api,
    faults,
    to,
    idle,
    /** The process is stopped, and another one takes over. */
    restart: async () => {
      await rounds.stop();
      rounds = begin();
      await idle();
    },
    missed: async (uniqueId: string, phone: string) => {
      const body = { Token: "t", UniqueId: uniqueId, Phone: phone, CallType: 0 };
      await trace.append("0367", { kind: "AST", event: "start", uniqueId, body });
      const end = { ...body, CallStatus: "0" };
      await trace.append("0367", { kind: "AST", event: "hangup", uniqueId, body: end });
    },
    records: async () => {
      const found: string[] = [];
      for await (const record of recentRecords(dir, "0367", "TG", 0))
        if (record.kind === "TG")
          found.unshift(`${record.action} ${record.chatId} ${record.messageType} ${record.text}`);
      return found;
    },
    [Symbol.asyncDispose]: async () => {
      await rounds.stop();
      await api.stop();
      await history.close();
      await trace.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

const sends = ({ api }: { api: { requests: readonly { method: string }[] } }): number =>
  api.requests.filter(({ method }) => method === "sendMessage").length;

describe("the day in a message", () => {
  it("comes at its minute, once a day, to those who asked, in their words, topic and quiet", async () => {
    await using world = await openDigests({
      "1": EVENING,
      "2": { ...EVENING, lang: "en", numbers: "masked", quiet: { from: 17 * 60, to: 60 } },
      [GROUP]: { digest: 18 * 60 + 1, topic: 7 },
      "4": {},
    });
    world.api.openTopic(GROUP, 7);
    await world.missed("1.1", "375291112233");
    await world.to("2026-11-24 17:59");
    expect(sends(world)).toBe(0);
    await world.to("2026-11-24 18:00");
    await world.idle();
    expect(sends(world)).toBe(2);
    const [first] = world.api.chat("1");
    expect(first?.text).toStartWith("📊 Ромашка: вторник, 24 ноября, до 18:00\n📥 Входящих 1");
    expect(first?.text).toContain("+375 29 111 22 33");
    expect(first?.button?.url).toContain("/calls");
    const [second] = world.api.chat("2");
    expect(second?.text).toContain("+375 29 111 •• 33");
    expect([first?.isSilent, second?.isSilent]).toEqual([false, true]);
    await world.to("2026-11-25 17:59");
    expect(world.api.chat(GROUP).map(({ topic }) => topic)).toEqual([7]);
    expect(sends(world)).toBe(3);
    await world.to("2026-11-25 18:02");
    await world.idle();
    expect(sends(world)).toBe(6);
    expect(world.api.chat("4")).toEqual([]);
    expect(await world.records()).toContain(
      `send 1 digest ${(first?.text ?? "").replaceAll("\n", " ")}`,
    );
  });

  it("comes later the same day where nobody was there at its minute, and no more the next", async () => {
    await using world = await openDigests({ "1": EVENING }, "2026-11-24 21:30");
    await world.idle();
    expect(world.api.texts("1")[0]).toContain("24 ноября, до 21:30");
    await using late = await openDigests({ "1": EVENING }, "2026-11-25 00:01");
    await late.to("2026-11-25 17:59");
    expect(sends(late)).toBe(0);
  });

  it("is sent once, however often the process is started anew", async () => {
    await using world = await openDigests({ "1": EVENING, "2": EVENING });
    await world.to("2026-11-24 18:00");
    for (let time = 0; time < 3; time += 1) await world.restart();
    await world.to("2026-11-24 20:00");
    await world.restart();
    expect(sends(world)).toBe(2);
  });

  it("waits for days that are still being read", async () => {
    await using world = await openDigests({ "1": EVENING });
    world.faults.isUnread = true;
    await world.to("2026-11-24 18:05");
    expect(sends(world)).toBe(0);
    world.faults.isUnread = false;
    await world.to("2026-11-24 18:06");
    await world.idle();
    expect(world.api.texts("1")).toHaveLength(1);
  });

  it("waits out a rate limit and an outage, and is not sent twice where an answer was lost", async () => {
    await using world = await openDigests({ "1": EVENING, "2": EVENING, "3": EVENING });
    const method = "sendMessage";
    world.api.addFault({ method, chatId: "1", fault: { do: "limit", retryAfterS: 40 } });
    world.api.addFault({ method, chatId: "2", fault: { do: "answer", status: 502 }, times: 3 });
    world.api.addFault({ method, chatId: "3", fault: { do: "drop", when: "after" } });
    await world.to("2026-11-24 18:10");
    await world.idle();
    expect(["1", "2", "3"].map((chat) => world.api.texts(chat).length)).toEqual([1, 1, 1]);
    const told = (await world.records()).filter((record) => record.includes(" 3 digest"));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^fail 3 digest .*may have been delivered/);
    await world.restart();
    expect(world.api.texts("3")).toHaveLength(1);
  });

  it("goes to the group where its topic is closed, and is given up where the bot is blocked, on record", async () => {
    await using world = await openDigests({ [GROUP]: { ...EVENING, topic: 9 }, "2": EVENING });
    world.api.block("2");
    await world.to("2026-11-24 18:10");
    await world.idle();
    expect(world.api.chat(GROUP).map(({ topic }) => topic)).toEqual([undefined]);
    const told = await world.records();
    expect(told.filter((record) => record.startsWith("fail"))).toEqual([
      expect.stringMatching(/^fail (-1001|2) digest .*(sent to the group itself|blocked)/),
      expect.stringMatching(/^fail (-1001|2) digest .*(sent to the group itself|blocked)/),
    ]);
    const asked = sends(world);
    await world.to("2026-11-24 23:59");
    expect(sends(world)).toBe(asked);
  });

  it("is not sent again for a record that cannot be written", async () => {
    await using world = await openDigests({ "1": EVENING });
    world.faults.isDiskFull = true;
    await world.to("2026-11-24 19:00");
    expect(sends(world)).toBe(1);
  });
});
