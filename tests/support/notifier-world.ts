// A notifier as the service has it, in a world of its own: the real log engine in a fresh folder, a strict Bot API
// server over HTTP, and time that is moved by hand. Time moves only when nothing is under way, so a test sees every
// wait without waiting for it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCall, type ListFollowRules } from "../../src/call/index.ts";
import { openHistory } from "../../src/call/list/index.ts";
import {
  type CardMode,
  createNotifier,
  decideCard,
  MissedCalls,
  type Notifier,
  type NotifierOptions,
  ReminderDesk,
  type ReminderRules,
  Rounds,
  reminderText,
} from "../../src/cards/index.ts";
import { type Bot, createBot } from "../../src/channels/telegram/index.ts";
import { type ChatPreferences, DEFAULT_PREFERENCES } from "../../src/domain/chat-preferences.ts";
import { idKey, type StoredRecord } from "../../src/domain/record.ts";
import type { Log } from "../../src/lib/log.ts";
import { type OpenTraceStore, openTraceStore } from "../../src/store/index.ts";
import { type BotApiServer, startBotApi } from "./bot-api/server.ts";
import { CALL_TIMEOUT_MS, T0 } from "./calls.ts";
import { type HandTime, handTime } from "./hand-time.ts";

export const BOT_TOKEN = "1234567:invented-token_of-a-test";

export type WorldOptions = {
  readonly chats?: readonly string[];
  readonly mode?: CardMode;
  /** Telegram's limits are on. */
  readonly isLimited?: boolean;
  readonly catchUpMs?: number;
  readonly enterprises?: readonly string[];
  readonly start?: number;
  readonly cardText?: NotifierOptions["cardText"];
  /** What chats want, by their id. */
  readonly preferences?: { readonly [chatId: string]: Partial<ChatPreferences> };
  /** Cards tell what becomes of missed calls, by these rules. */
  readonly follow?: ListFollowRules;
  /** Chats are reminded of missed calls, by these rules; `follow` has to be there too. */
  readonly remind?: ReminderRules;
};

export type World = AsyncDisposable & {
  readonly api: BotApiServer;
  readonly trace: OpenTraceStore;
  readonly dir: string;
  readonly time: HandTime;
  readonly chats: string[];
  /** Everything that was logged, as text. */
  readonly log: string[];
  readonly notifier: () => Notifier;
  /** Waits until nothing is under way; time stands still. */
  idle(): Promise<void>;
  /** Moves time to a moment, letting everything happen that becomes due on the way. */
  moveTo(at: number): Promise<void>;
  /** Moves time by a span. */
  pass(ms: number): Promise<void>;
  /** Puts an event into the file and tells the notifier. */
  event(record: StoredRecord, enterprise?: string): Promise<void>;
  /** Plays events at their times, each to its end before the next. */
  play(records: readonly StoredRecord[], enterprise?: string): Promise<void>;
  /** The texts that the chats should show of a call, by its records in the files. */
  expected(uniqueId: string, enterprise?: string): Promise<string[]>;
  /** The TG records of a call, each as `action chat kind`, in the order of the file. */
  told(uniqueId: string, enterprise?: string): Promise<string[]>;
  /** Records of cards cannot be written while this is true. */
  isDiskFull: boolean;
  /** Nobody can tell who gets cards and reminders while this is true. */
  isDirectoryDown: boolean;
  /** What a starting process does: takes up the missed calls of before and puts their cards in order. */
  takeUp(enterprise?: string): Promise<void>;
  /** The process dies: whatever it remembered is gone; another one takes over. */
  restart(): void;
};

const testText: NotifierOptions["cardText"] = async ({ call }, card) => {
  const plain = `${card.kind} of ${call.phone ?? "?"} <${call.status}> ${card.key}`;
  return { pieces: [plain], plain };
};

export const openWorld = async (options: WorldOptions = {}): Promise<World> => {
  const chats = [...(options.chats ?? ["101", "102"])];
  const mode = options.mode ?? "replace";
  const cardText = options.cardText ?? testText;
  const dir = mkdtempSync(join(tmpdir(), "calllog-notifier-"));
  const time = handTime(options.start ?? T0);
  const trace = openTraceStore({ dir, clock: time });
  const api = await startBotApi({
    tokens: [BOT_TOKEN],
    chats,
    now: time.now,
    ...(options.isLimited === true ? { limits: time } : {}),
  });
  const logged: string[] = [];
  const write = (message: string, fields: unknown = {}): void => {
    logged.push(
      `${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value) : value))}`,
    );
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const bots = new Map<string, Bot>();
  const botOf = (token: string): Bot => {
    const bot =
      bots.get(token) ?? createBot(token, { apiRoot: api.apiRoot, scheduler: time, now: time.now });
    bots.set(token, bot);
    return bot;
  };
  const callTimeoutMs = CALL_TIMEOUT_MS;
  const history = openHistory({ dir, clock: time, callTimeoutMs, log, find: trace.find });
  const find = (enterprise: string, uniqueId: string) =>
    findCall((...asked) => trace.find(enterprise, ...asked), uniqueId, {
      enterprise,
      now: time.now(),
      callTimeoutMs,
    });
  const recipients = async () => {
    if (world.isDirectoryDown) throw new Error("the database cannot be reached");
    return {
      chats: chats.map((chatId) => {
        const own = options.preferences?.[chatId];
        return {
          chatId,
          account: BOT_TOKEN,
          ...(own === undefined ? {} : { preferences: { ...DEFAULT_PREFERENCES, ...own } }),
        };
      }),
      account: BOT_TOKEN,
    };
  };
  type Process = {
    readonly notifier: Notifier;
    readonly missed: MissedCalls | undefined;
    readonly rounds: Rounds;
    readonly die: () => void;
  };
  const start = (): Process => {
    let isDead = false;
    const append: NotifierOptions["append"] = (enterprise, record) =>
      isDead || world.isDiskFull
        ? Promise.reject(new Error("no room"))
        : trace.append(enterprise, record);
    const { follow: rules } = options;
    const missed =
      rules === undefined
        ? undefined
        : new MissedCalls({ history, rulesOf: async () => rules, clock: time, log });
    const notifier = createNotifier({
      ...(missed === undefined ? {} : { follow: missed }),
      callTimeoutMs,
      cardText,
      clock: time,
      scheduler: time,
      log,
      mode,
      findCall: find,
      recipients,
      append,
      messenger: botOf,
      catchUpMs: options.catchUpMs ?? 3600_000,
    });
    const rounds = new Rounds({
      enterprises: async () => options.enterprises ?? ["0367"],
      clock: time,
      scheduler: time,
      log,
    });
    const { remind, follow: followRules } = options;
    if (missed !== undefined && remind !== undefined && followRules !== undefined) {
      const { windowMs, country } = followRules;
      new ReminderDesk(
        {
          recipients,
          append,
          messenger: botOf,
          clock: time,
          log,
          findCall: find,
          missedCalls: missed,
          rulesOf: async () => remind,
          missed: (enterprise) =>
            history.missedSince(enterprise, time.now() - windowMs, followRules),
          text: async (_, forgotten, { lang, isMasked }) =>
            reminderText(forgotten, { lang: lang ?? "ru", country, isMasked }, time.now()),
        },
        rounds,
      );
      rounds.start();
    }
    return {
      notifier,
      missed,
      rounds,
      die: () => {
        isDead = true;
        void notifier.stop();
        void rounds.stop();
      },
    };
  };
  const idle = async (): Promise<void> => {
    do {
      await new Promise((resolve) => setImmediate(resolve));
    } while (current.notifier.state().underWay > 0 || current.rounds.underWay > 0);
  };
  const moveTo = async (at: number): Promise<void> => {
    await idle();
    while (time.nextAt() <= at) {
      time.set(Math.max(time.nextAt(), time.now()));
      await idle();
    }
    time.set(at);
  };
  const event: World["event"] = async (record, enterprise = "0367") => {
    if (record.kind !== "AST") throw new Error("only events are posted");
    const { raw: _, at: __, ...line } = record;
    await trace.append(enterprise, line);
    current.notifier.changed(enterprise, line);
  };

  const world: World = {
    isDiskFull: false,
    isDirectoryDown: false,
    api,
    trace,
    dir,
    time,
    chats,
    log: logged,
    idle,
    moveTo,
    event,
    notifier: () => current.notifier,
    pass: (ms) => moveTo(time.now() + ms),
    play: async (records, enterprise) => {
      const shift = time.now() - (records[0]?.at ?? 0);
      for (const record of records) {
        await moveTo(record.at + shift);
        await event(record, enterprise);
      }
      await idle();
    },
    expected: async (uniqueId, enterprise = "0367") => {
      const found = await find(enterprise, uniqueId);
      const card = found && decideCard(found, { now: time.now(), callTimeoutMs }).card;
      return found === undefined || card === undefined ? [] : [(await cardText(found, card)).plain];
    },
    told: async (uniqueId, enterprise = "0367") =>
      (await trace.find(enterprise, [idKey(uniqueId)])).records.flatMap((record) =>
        record.kind === "TG" ? [`${record.action} ${record.chatId} ${record.messageType}`] : [],
      ),
    takeUp: async (enterprise = "0367") => {
      for (const uniqueId of (await current.missed?.takeUp(enterprise)) ?? [])
        await current.notifier.recover(enterprise, uniqueId);
      await idle();
    },
    restart: () => {
      current.die();
      current = start();
    },
    [Symbol.asyncDispose]: async () => {
      await current.notifier.stop();
      await current.rounds.stop();
      await api.stop();
      await history.close();
      await trace.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  let current = start();
  return world;
};
