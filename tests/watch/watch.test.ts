// What an operator is told, from the files to the chat: the real record files, a strict Bot API server, and time that is
// moved by hand.

import { afterEach, beforeEach, describe, expect, it, setDefaultTimeout } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBot } from "../../src/channels/telegram/index.ts";
import type { Enterprise } from "../../src/domain/enterprise.ts";
import type { Log } from "../../src/lib/log.ts";
import { createActivityReader } from "../../src/store/index.ts";
import {
  LOOK_EVERY_MS,
  type Operator,
  SLOT_MS,
  startOperator,
} from "../../src/watch/operator/index.ts";
import { type BotApiServer, startBotApi } from "../support/bot-api/server.ts";
import { type HandTime, handTime } from "../support/hand-time.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GIB = 1024 ** 3;
/** A Wednesday, 11:00 in UTC. */
const NOW = Date.parse("2026-03-18T11:00:00Z");
const OPERATOR = "374573193";
const OWN = "700001:made-up-token-of-the-operator";
const BOT = "700002:made-up-token-of-a-bot";

const enterprise = (number: string, botToken: string | null): Enterprise => ({
  number,
  name: `Test ${number}`,
  webhookToken: null,
  secret: "made-up-secret",
  botToken,
  active: true,
});

let dir: string;
let api: BotApiServer;
let tokens: string[];
let time: HandTime;
let enterprises: Enterprise[];
let freeBytes: number;
let overdue: number | undefined;
let logged: string[];
let operator: Operator | undefined;
let gone: readonly { kind: "hook"; enterprise: string; hook: string; target: string }[] = [];

const memoryPath = (): string => join(dir, ".operator-told");
const start = (lang: "ru" | "en" = "en"): void => {
  const write = (message: string, fields?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  operator = startOperator({
    clock: time,
    scheduler: time,
    log,
    lang,
    timeZone: "Europe/Minsk",
    memoryPath: memoryPath(),
    chat: { enterprise: "ops", chatId: OPERATOR },
    directory: {
      enterprises: async () => enterprises,
      enterpriseByNumber: async (number) => enterprises.find((each) => each.number === number),
    },
    bot: (token) => createBot(token, { apiRoot: api.apiRoot, scheduler: time, now: time.now }),
    heard: createActivityReader(dir, SLOT_MS).of,
    freeBytes: async () => freeBytes,
    ...(overdue === undefined ? {} : { archiveOverdue: async () => overdue ?? 0 }),
    goneHooks: () => gone,
  });
};
/** Lets time pass, look by look. */
const pass = async (ms: number): Promise<void> => {
  for (const end = time.now() + ms; time.now() < end; ) {
    time.set(Math.min(end, time.now() + LOOK_EVERY_MS));
    await operator?.idle();
  }
};
const told = (): string[] => [...api.everSent(OPERATOR)];

const line = (at: number): string =>
  `${new Date(at).toISOString().replace("T", " ").replace(".", ",").slice(0, 23)}|AST|start|1764493655.61|{}\n`;
/** Calls every five minutes from 7 to 16 o'clock UTC, on working days, until then. */
const busyUntil = (number: string, until: number): void => {
  const days = new Map<string, string>();
  for (let at = NOW - 15 * DAY; at < until; at += 300_000) {
    const date = new Date(at);
    const isOpen = date.getUTCDay() % 6 !== 0 && date.getUTCHours() >= 7 && date.getUTCHours() < 16;
    const day = date.toISOString().slice(0, 10);
    if (isOpen) days.set(day, (days.get(day) ?? "") + line(at));
  }
  const today = new Date(until).toISOString().slice(0, 10);
  mkdirSync(join(dir, number), { recursive: true });
  for (const [day, text] of days) {
    writeFileSync(join(dir, number, day === today ? "events.log" : `events.log.${day}`), text);
  }
};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "calllog-operator-"));
  tokens = [OWN, BOT];
  time = handTime(NOW);
  api = await startBotApi({ tokens, chats: [OPERATOR], now: () => time.now() });
  enterprises = [enterprise("0367", BOT), enterprise("ops", OWN)];
  freeBytes = 100 * GIB;
  overdue = undefined;
  logged = [];
});
afterEach(async () => {
  await operator?.stop();
  await api.stop();
  rmSync(dir, { recursive: true });
});

setDefaultTimeout(30_000);

describe("the operator", () => {
  it("is told once of a silence, over restarts and a night, and once of its end", async () => {
    busyUntil("0367", NOW);
    start();
    await pass(50 * 60_000);
    expect(told()).toEqual([]);
    await pass(2 * HOUR);
    expect(told()).toEqual([
      "calllog\n🔇 No events from enterprise 0367 (Test 0367) since 2026-03-18 13:55, though there usually are some at this time. Check its PBX and the network to it.",
    ]);
    await operator?.stop();
    expect((statSync(memoryPath()).mode & 0o777).toString(8)).toBe("600");
    expect(readFileSync(memoryPath(), "utf8")).not.toContain("made-up");
    start();
    await pass(2 * HOUR);
    await operator?.stop();
    // Away for the evening, and not asked in the night.
    time.set(time.now() + 8 * HOUR);
    start();
    await pass(2 * HOUR);
    expect(told()).toHaveLength(1);
    writeFileSync(join(dir, "0367", "events.log"), line(time.now()));
    await pass(HOUR);
    expect(told().slice(1)).toEqual([
      "calllog\n✅ Events come from enterprise 0367 (Test 0367) again (there were none since 2026-03-18 13:55).",
    ]);
  });

  it("is told in Russian, of several at once, and of none that is closed for good", async () => {
    for (const number of ["0367", "0368", "0369"]) busyUntil(number, NOW);
    enterprises.push(enterprise("0368", null), { ...enterprise("0369", null), active: false });
    start("ru");
    await pass(3 * HOUR);
    expect(told()).toHaveLength(1);
    expect(told()[0]).toMatch(
      /^calllog\n🔇 От предприятия 0367 \(Test 0367\) нет событий с 18\.03 13:55, .*\n🔇 От предприятия 0368/,
    );
    enterprises = enterprises.filter(({ number }) => number !== "0368");
    await pass(HOUR);
    expect(told()).toHaveLength(1);
  });

  it("leaves the night and the weekend alone", async () => {
    const friday = Date.parse("2026-03-20T16:00:00Z");
    time.set(friday);
    busyUntil("0367", friday);
    start();
    // As far apart as they may be.
    for (let looks = 0; looks < 44 * 4; looks += 1) {
      time.set(time.now() + 3 * LOOK_EVERY_MS);
      await operator?.idle();
    }
    expect(told()).toEqual([]);
  });

  it("is told of a bot that is refused twice, and when it works again", async () => {
    start();
    await pass(HOUR);
    expect(told()).toEqual([]);
    tokens.splice(tokens.indexOf(BOT), 1);
    await pass(HOUR);
    expect(told()).toEqual([
      expect.stringMatching(/🔑 Telegram no longer takes the token of bot 700002 \(0367\)/),
    ]);
    expect(told()[0]).not.toContain("made-up");
    await operator?.stop();
    start();
    await pass(HOUR);
    expect(told()).toHaveLength(1);
    tokens.push(BOT);
    await pass(HOUR);
    expect(told()[1]).toMatch(/✅ Bot 700002 \(0367\) works again/);
  });

  it("goes without a message where its own bot was revoked, says so in the log, and tries again", async () => {
    tokens.splice(tokens.indexOf(OWN), 1);
    freeBytes = 1024;
    start();
    await pass(2 * HOUR);
    expect(told()).toEqual([]);
    const of = (part: string): string[] => logged.filter((text) => text.includes(part));
    expect(of("for the operator")).toHaveLength(1);
    expect(of("of --operator-chat is revoked")).toHaveLength(1);
    expect(of("cannot tell the operator")).toEqual([expect.stringMatching(/401/)]);
    expect(logged.join()).not.toContain("made-up");
    tokens.push(OWN);
    await pass(HOUR);
    expect(told()).toEqual([expect.stringContaining("💽 The disk with the records is full")]);
  });

  it("is told of a disk that fills, and of room made; not twice where it swings", async () => {
    start();
    for (let hour = 0; hour < 4; hour += 1) {
      for (let look = 0; look < 12; look += 1) {
        freeBytes -= (6 * GIB) / 12;
        await pass(LOOK_EVERY_MS);
      }
    }
    expect(told()).toEqual([
      expect.stringMatching(/💽 The disk with the records will be full in about 1\d h: \d+\.\d GB/),
    ]);
    for (const room of [200 * GIB, 1024, 200 * GIB]) {
      freeBytes = room;
      await pass(HOUR / 2);
    }
    expect(told().slice(1)).toEqual([expect.stringContaining("✅ There is room")]);
  });

  it("is told of days that the archive does not take, not while they become fewer", async () => {
    overdue = 40;
    start("ru");
    for (; overdue > 0; overdue -= 10) await pass(LOOK_EVERY_MS);
    await pass(LOOK_EVERY_MS);
    expect(told()).toEqual([]);
    overdue = 3;
    await pass(2 * LOOK_EVERY_MS);
    expect(told().join()).toContain("Архив не принимает завершённые дни, на диске их ждёт: 3");
    await pass(HOUR);
    expect(told().length).toBe(1);
    overdue = 0;
    await pass(LOOK_EVERY_MS);
    expect(told().join()).toContain("Все завершённые дни снова в архиве");
  });

  it("keeps what it could not tell until Telegram takes it", async () => {
    busyUntil("0367", NOW);
    api.addFault({
      fault: { do: "answer", status: 502, html: true },
      method: "sendMessage",
      times: 3,
    });
    start();
    await pass(4 * HOUR);
    expect(told()).toHaveLength(1);
    expect(api.requests.filter(({ method }) => method === "sendMessage")).toHaveLength(4);
  });

  it("looks by itself, and writes nothing that is torn", async () => {
    writeFileSync(memoryPath(), '{"version":1,"told"');
    start();
    await pass(LOOK_EVERY_MS);
    expect(JSON.parse(readFileSync(memoryPath(), "utf8"))).toMatchObject({ version: 1, told: {} });
    expect(existsSync(`${memoryPath()}.tmp`)).toBe(false);
    expect(time.nextAt()).toBe(time.now() + LOOK_EVERY_MS);
  });
});

describe("a webhook whose target is gone", () => {
  afterEach(() => {
    gone = [];
  });

  it("is told once, and once when it is on again", async () => {
    start();
    await pass(HOUR);
    gone = [{ kind: "hook", enterprise: "0367", hook: "h1f0c9a2b", target: "crm.example" }];
    await pass(6 * HOUR);
    expect(told()).toEqual([expect.stringContaining("crm.example takes no more events")]);
    gone = [];
    await pass(6 * HOUR);
    expect(told().slice(1)).toEqual([expect.stringContaining("is on again or removed")]);
  });
});
