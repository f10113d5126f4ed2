// Looks every few minutes at what an operator wants to hear of without asking, and tells it in one chat: an enterprise
// that fell silent, a disk that fills, a bot that was revoked; and the end of each. One process of a data folder does
// it, the one that brings the cards. What is told is remembered only once Telegram has it.

import type { Bot } from "../../channels/telegram/index.ts";
import type { Enterprise } from "../../domain/enterprise.ts";
import type { Lang } from "../../domain/lang.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import type { Directory } from "../../people/index.ts";
import { decideDisk, withSample } from "./disk.ts";
import { newsText } from "./message.ts";
import { decideNews, keyOf, type News, type Trouble } from "./news.ts";
import { type Calendar, createCalendar, decideSilence, type Heard, HISTORY_MS } from "./silence.ts";
import { type OperatorState, readState, writeState } from "./state.ts";

export type OperatorOptions = {
  /** The chat, and the enterprise whose bot writes there. */
  readonly chat: { readonly enterprise: string; readonly chatId: string };
  readonly directory: Pick<Directory, "enterprises" | "enterpriseByNumber">;
  readonly bot: (token: string) => Bot;
  /** When an enterprise had records since a moment, in slots of `SLOT_MS`. */
  readonly heard: (enterprise: string, since: number) => Promise<Heard>;
  /** Free bytes of the disk with the records. */
  readonly freeBytes: () => Promise<number>;
  /** Days that should be in the archive by now; without it there is no archive. */
  readonly archiveOverdue?: () => Promise<number>;
  /** Outgoing webhooks whose targets are gone. @throws the system's error */
  readonly goneHooks?: () => readonly Extract<Trouble, { kind: "hook" }>[];
  /** Where what was told is remembered. */
  readonly memoryPath: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly lang: Lang;
  readonly timeZone: string;
};

export type Operator = {
  /** Looks now. Never rejects. */
  look(): Promise<void>;
  /** Resolves when no look is under way. */
  idle(): Promise<void>;
  /** Resolves when the look under way is over. */
  stop(): Promise<void>;
};

/** From one look to the next, in milliseconds. */
export const LOOK_EVERY_MS = 300_000;
/** Bots are asked at every so many looks. */
const BOTS_EVERY = 3;
/** A longer time without a look is a gap in which no events could come. In milliseconds. */
const GAP_MS = 3 * LOOK_EVERY_MS;

/** Digits before the colon: the bot's public id. */
const botIdOf = (token: string): string => token.split(":", 1)[0] ?? "";

class OperatorWatch implements Operator {
  readonly #options: OperatorOptions;
  readonly #chat: { readonly enterprise: string; readonly chatId: string };
  readonly #directory: Pick<Directory, "enterprises" | "enterpriseByNumber">;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #log: Log;
  readonly #lang: Lang;
  readonly #timeZone: string;
  readonly #memoryPath: string;
  readonly #calendar: Calendar;
  readonly #logged = new Map<string, string>();
  /** Bots whose token was refused the last time they were asked. */
  #refused = new Map<string, Trouble>();
  #suspected = new Set<string>();
  /** Days that were overdue for the archive at the last look. */
  #overdue: number | undefined;
  /** News that Telegram has not taken yet. */
  #pending = "";
  #looks = 0;
  #isStopped = false;
  #underWay: Promise<void> = Promise.resolve();
  #memory: OperatorState;
  #callOff: () => void = () => undefined;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { chat, directory, clock, scheduler, log, lang, timeZone, memoryPath } = this.#options;
    this.#chat = chat;
    this.#directory = directory;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#log = log;
    this.#lang = lang;
    this.#timeZone = timeZone;
    this.#memoryPath = memoryPath;
    this.#calendar = createCalendar(this.#timeZone);
    const now = this.#clock.now();
    const kept = readState(this.#memoryPath);
    const isGapless = kept !== undefined && now >= kept.lookedAt && now - kept.lookedAt <= GAP_MS;
    this.#memory = {
      told: kept?.told ?? {},
      room: kept?.room ?? [],
      watchedSince: isGapless ? kept.watchedSince : now,
      lookedAt: now,
    };
    this.#plan();
  }

  look(): Promise<void> {
    this.#underWay = this.#underWay
      .then(() => this.#lookNow())
      .catch((error: unknown) => {
        this.#logOnce("cannot look for the operator", String(error));
      });
    return this.#underWay;
  }

  idle(): Promise<void> {
    return this.#underWay;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    await this.#underWay;
  }

  /** A fault that stays is logged once. */
  #logOnce(what: string, reason: string): void {
    if (this.#logged.get(what) !== reason) this.#log.error(what, { reason });
    this.#logged.set(what, reason);
  }

  async #silences(enterprises: readonly Enterprise[], at: number): Promise<Trouble[]> {
    const moment = { now: at, watchedSince: this.#memory.watchedSince, calendar: this.#calendar };
    const found: Trouble[] = [];
    for (const { number, name } of enterprises) {
      const heard = await this.#options.heard(number, at - HISTORY_MS);
      const since = decideSilence(heard, moment);
      // Once told, a silence lasts until an event comes: the night after it weighs nothing.
      const told = this.#memory.told[`silent ${number}`];
      if (since !== undefined) found.push({ kind: "silent", enterprise: number, name, since });
      else if (told?.trouble.kind === "silent" && !told.isOver) {
        if ((heard.lastEventAt ?? 0) <= told.trouble.since) found.push(told.trouble);
      }
    }
    return found;
  }

  /** A token counts as refused when it was so twice: a proxy on the way may say 404 once. */
  async #askBots(enterprises: readonly Enterprise[]): Promise<void> {
    const uses = new Map<string, string[]>();
    for (const { number, botToken } of enterprises) {
      if (botToken !== null) uses.set(botToken, [...(uses.get(botToken) ?? []), number]);
    }
    const own = enterprises.find(({ number }) => number === this.#chat.enterprise)?.botToken;
    const next = new Map<string, Trouble>();
    const nowSuspected = new Set<string>();
    for (const [token, numbers] of uses) {
      if (this.#isStopped) return;
      const answer = await this.#options.bot(token).whoAmI();
      const botId = botIdOf(token);
      const isRefused =
        !answer.ok && answer.error.kind === "refused" && answer.error.why === "bot-token";
      const isUnsure = !answer.ok && !isRefused;
      const trouble: Trouble = { kind: "bot", botId, enterprises: numbers };
      const isTold = this.#memory.told[keyOf(trouble)]?.isOver === false;
      if (token === own) {
        // The bot that brings the news is revoked itself: there is no chat to tell it to.
        const what = "the bot of --operator-chat is revoked: nobody is told";
        if (isRefused)
          this.#logOnce(what, `give enterprise ${this.#chat.enterprise} another --bot-token`);
        else if (answer.ok) this.#logged.delete(what);
        continue;
      }
      if (isRefused) nowSuspected.add(token);
      if (isRefused && (this.#suspected.has(token) || isTold)) next.set(token, trouble);
      // Telegram cannot be reached: what was known before still holds.
      if (isUnsure && (this.#refused.has(token) || isTold)) next.set(token, trouble);
    }
    this.#refused = next;
    this.#suspected = nowSuspected;
  }

  async #diskTrouble(at: number): Promise<Trouble | undefined> {
    const room = { at, freeBytes: await this.#options.freeBytes() };
    const isTold = this.#memory.told["disk"]?.isOver === false;
    const outlook = decideDisk(this.#memory.room, room, isTold);
    this.#memory = { ...this.#memory, room: withSample(this.#memory.room, room) };
    return outlook === undefined ? undefined : { kind: "disk", ...outlook };
  }

  /** Days that become fewer are on their way: an archive that was just set has much to take. */
  async #archiveTrouble(): Promise<Trouble | undefined> {
    const days = (await this.#options.archiveOverdue?.()) ?? 0;
    const before = this.#overdue;
    this.#overdue = days;
    const isTold = this.#memory.told["archive"]?.isOver === false;
    const isStuck = isTold || (before !== undefined && days >= before);
    return days > 0 && isStuck ? { kind: "archive", days } : undefined;
  }

  async #tell(news: News): Promise<boolean> {
    const text = newsText(news, { lang: this.#lang, timeZone: this.#timeZone });
    // The log has it in any case, also where the chat cannot be written to.
    if (text.plain !== this.#pending) this.#log.warn("for the operator", { news: text.plain });
    this.#pending = text.plain;
    const what = "cannot tell the operator; tried again";
    const enterprise = await this.#directory.enterpriseByNumber(this.#chat.enterprise);
    const token = enterprise?.botToken;
    if (token === undefined || token === null) {
      this.#logOnce(
        what,
        `enterprise ${this.#chat.enterprise} of --operator-chat is not there or has no bot`,
      );
      return false;
    }
    const bot = this.#options.bot(token);
    let sent = await bot.send(this.#chat.chatId, text);
    if (!sent.ok && sent.error.kind === "migrated") sent = await bot.send(sent.error.chatId, text);
    if (sent.ok) {
      this.#pending = "";
      this.#logged.delete(what);
      return true;
    }
    const { error } = sent;
    this.#logOnce(what, "reason" in error ? error.reason : "Telegram asks to wait");
    return false;
  }

  #keep(): void {
    const what = "cannot keep what the operator was told; after a restart it may be told again";
    try {
      writeState(this.#memoryPath, this.#memory);
      this.#logged.delete(what);
    } catch (error) {
      this.#logOnce(what, String(error));
    }
  }

  async #lookNow(): Promise<void> {
    const at = this.#clock.now();
    if (at < this.#memory.lookedAt || at - this.#memory.lookedAt > GAP_MS) {
      this.#memory = { ...this.#memory, watchedSince: at };
    }
    const current: Trouble[] = [];
    const unknown = new Set<Trouble["kind"]>();
    /** A look that fails leaves its trouble unknown; the other looks go on. */
    const part = async (kind: Trouble["kind"], work: () => Promise<readonly Trouble[]>) => {
      try {
        current.push(...(await work()));
      } catch (error) {
        unknown.add(kind);
        this.#logOnce(`cannot look for the operator: ${kind}`, String(error));
      }
    };
    let enterprises: readonly Enterprise[] = [];
    const all = async (): Promise<readonly Enterprise[]> => {
      enterprises = (await this.#directory.enterprises()).filter(({ active }) => active);
      return enterprises;
    };
    await part("silent", async () => this.#silences(await all(), at));
    await part("bot", async () => {
      if (unknown.has("silent")) await all();
      if (this.#looks % BOTS_EVERY === 0 || this.#suspected.size > this.#refused.size)
        await this.#askBots(enterprises);
      return [...this.#refused.values()];
    });
    await part("disk", async () => {
      const trouble = await this.#diskTrouble(at);
      return trouble === undefined ? [] : [trouble];
    });
    await part("archive", async () => {
      const trouble = await this.#archiveTrouble();
      return trouble === undefined ? [] : [trouble];
    });
    await part("hook", async () => this.#options.goneHooks?.() ?? []);
    this.#looks += 1;
    if (this.#isStopped) return;
    const numbers = new Set(enterprises.map(({ number }) => number));
    // An enterprise or bot that is no more has neither trouble nor an end of it.
    const stands = ({ trouble }: { readonly trouble: Trouble }): boolean =>
      unknown.size > 0 ||
      trouble.kind === "disk" ||
      trouble.kind === "archive" ||
      trouble.kind === "hook" ||
      (trouble.kind === "silent" && numbers.has(trouble.enterprise)) ||
      (trouble.kind === "bot" &&
        enterprises.some(({ botToken }) => botIdOf(botToken ?? "") === trouble.botId));
    const before = Object.fromEntries(
      Object.entries(this.#memory.told).filter(([, e]) => stands(e)),
    );
    const news = decideNews(before, current, at, ({ kind }) => unknown.has(kind));
    const isNews = news.begun.length + news.ended.length > 0;
    const isTold = !isNews || (await this.#tell(news));
    this.#memory = { ...this.#memory, lookedAt: at, told: isTold ? news.told : before };
    this.#keep();
  }

  #plan(): void {
    this.#callOff = this.#scheduler.at(this.#clock.now() + LOOK_EVERY_MS, () => {
      void this.look().then(() => {
        if (!this.#isStopped) this.#plan();
      });
    });
  }
}

/** Begins to look. Stop it with `stop()`. */
export const startOperator = (options: OperatorOptions): Operator => new OperatorWatch(options);
