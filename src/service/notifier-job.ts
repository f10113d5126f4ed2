// The notifier at work: follows the files of its enterprises, brings the cards, and finishes what an earlier process left of
// them. Of an enterprise's cards one process sees to (notifier.ts).

import { findCall } from "../call/index.ts";
import {
  createNotifier,
  DigestDesk,
  type DigestDeskOptions,
  type MissedCalls,
  type Notifier,
  type NotifierOptions,
  type Recipients,
  ReminderDesk,
  type ReminderDeskOptions,
  Rounds,
} from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import type { AstRecord, RecordToWrite, TgRecord } from "../domain/record.ts";
import type { HookDesk } from "../hooks/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { DAY_MS } from "../lib/time.ts";
import { within } from "../lib/within.ts";
import type { Directory } from "../people/index.ts";
import {
  astHeadOf,
  enterprisesIn,
  type FollowedLine,
  type FollowedLines,
  type Follower,
  isTgLine,
  recentRecords,
  type TraceStore,
} from "../store/index.ts";
import type { Bots, BotsOptions } from "./bots.ts";
import type { operatorOf } from "./operator.ts";
import { SeenLately } from "./seen-lately.ts";
import type { Job } from "./single-holder.ts";
import { callsWithOpenCards, forEachCall, recentCalls } from "./unfinished-calls.ts";

export type NotifyOptions = {
  readonly config: Pick<
    Config,
    | "dataDir"
    | "callTimeoutMs"
    | "catchUpMs"
    | "telegramApiRoot"
    | "telegramMode"
    | "shutdownTimeoutMs"
    | "lang"
    | "timeZone"
  >;
  readonly directory: Directory;
  /** The same without a cache: invitations and `/stop` need what is stored now. */
  readonly directoryNow: Directory;
  readonly trace: Pick<TraceStore, "append" | "find">;
  readonly clock: Clock;
  readonly log: Log;
  readonly cardText: NotifierOptions["cardText"];
  readonly digestText: DigestDeskOptions["message"];
  readonly reminders: Pick<ReminderDeskOptions, "rulesOf" | "missed" | "text">;
  /** Knows the missed calls that may still change; made anew whenever this process becomes the one that notifies. */
  readonly missedCalls: () => MissedCalls;
  /** Of the data folder; open pages follow it too, so that one watcher a file serves everybody. */
  readonly follower: Pick<Follower, "followAll">;
  /** Tells the operator what is wrong; undefined where no chat is set. */
  readonly operator?: ReturnType<typeof operatorOf>;
  /** Put around each bot, to count what it does. */
  readonly measured?: BotsOptions["measured"];
  /** Tells programs of the enterprises' own of calls; undefined where that is not wanted. */
  readonly hooks?: (tools: HookTools) => HookDesk;
};

export type HookTools = {
  readonly missedCalls: MissedCalls;
  readonly scheduler: Scheduler;
  /** Whether an enterprise's webhooks are this one's to bring. */
  readonly isMine: (enterprise: string) => boolean;
};

/** What a job needs beside its options. */
export type NotifierTools = {
  readonly bots: Bots;
  readonly scheduler: Scheduler;
  /** Events of this process, which it has told the notifier of already. */
  readonly own: SeenLately;
  /** Which enterprises are its own: all, or those of a part of a cluster. */
  readonly isMine: (enterprise: string) => boolean;
  /** Whether records of cards may come from elsewhere: from a node that had them before, and had no time to say so. */
  readonly isShared: boolean;
};

/** What the holder of the folder's lock does: the cards, by one job or by one for each part, and what is done beside them. */
export type CardsJob = Job & { readonly parts: readonly NotifierJob[] };

/** Cards further back than this cannot be deleted any more and are left alone. In milliseconds. */
const STANDING_SINCE_MS = 3 * DAY_MS;
/** Where lines may have been missed, calls of this time are looked at again. In milliseconds. */
const GAP_MS = 10 * 60_000;
/** How often the missed calls of before are asked for again while their days are read, and the pause between. */
const MAX_TAKE_UPS = 100;
const TAKE_UP_MS = 10_000;

/** How long it is remembered what was written, in milliseconds: a stream that is away gives it back late. */
const WRITTEN_MS = 10 * 60_000;

const cardOf = (
  enterprise: string,
  { action, chatId, messageId }: Pick<TgRecord, "action" | "chatId" | "messageId">,
): string => `${enterprise} ${action} ${chatId} ${messageId}`;

export class NotifierJob implements Job {
  readonly notifier: Notifier;
  readonly missedCalls: MissedCalls;
  readonly #options: NotifyOptions;
  readonly #tools: NotifierTools;
  readonly #rounds: Rounds;
  readonly #hooks: HookDesk | undefined;
  /** Resolves with how to stop following. */
  readonly #following: Promise<() => void>;
  /** Records of cards that this job has written itself. */
  readonly #written: SeenLately;
  #isStopping = false;

  /** Begins at once; what an earlier process left is looked for in the background. */
  constructor(options: NotifyOptions, tools: NotifierTools) {
    const { log } = options;
    this.#options = options;
    this.#tools = tools;
    this.#written = new SeenLately(options.clock, WRITTEN_MS);
    this.missedCalls = options.missedCalls();
    this.notifier = this.#openNotifier();
    this.#following = options.follower.followAll((lines) => this.#onLines(lines));
    this.#rounds = this.#openRounds();
    const { missedCalls } = this;
    const { scheduler, isMine } = tools;
    this.#hooks = options.hooks?.({ missedCalls, scheduler, isMine });
    void this.#startHooks();
    void this.#recover()
      .catch((error: unknown) => {
        log.error("cannot recover unfinished cards; new events are still delivered", { error });
      })
      // What is due is told by what the missed calls of before have come to.
      .then(() => this.#rounds.start());
  }

  /** Outgoing webhooks that wait. */
  get waitingHooks(): number {
    return this.#hooks?.state().waiting ?? 0;
  }

  /** An event is in the file. Seeing it twice changes nothing. */
  changed(enterprise: string, event: Omit<AstRecord, "at">): void {
    this.notifier.changed(enterprise, event);
    this.#hooks?.changed(enterprise, event);
  }

  /** Lets the steps under way finish, within the shutdown time. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#following.then(
      (stopFollowing) => stopFollowing(),
      () => undefined,
    );
    const all = Promise.all([this.notifier.stop(), this.#rounds.stop(), this.#hooks?.stop()]);
    await within<unknown, void>(all, this.#options.config.shutdownTimeoutMs, () => undefined);
  }

  #openNotifier(): Notifier {
    const { config, trace, clock, log, cardText } = this.#options;
    const { callTimeoutMs, catchUpMs } = config;
    const { isShared } = this.#tools;
    return createNotifier({
      recipients: (number) => this.#recipients(number),
      cardText,
      follow: this.missedCalls,
      clock,
      scheduler: this.#tools.scheduler,
      log,
      catchUpMs,
      findCall: (enterprise, uniqueId) => this.#findCall(enterprise, uniqueId),
      callTimeoutMs,
      append: (enterprise: string, record: RecordToWrite) => {
        if (isShared && record.kind === "TG") this.#written.add(cardOf(enterprise, record));
        return trace.append(enterprise, record);
      },
      messenger: (token) => this.#tools.bots.of(token),
      mode: config.telegramMode,
      timeZone: config.timeZone,
    });
  }

  /** Followed before the files are read, so that no event falls between the two. */
  async #startHooks(): Promise<void> {
    await this.#following.catch(() => undefined);
    if (!this.#isStopping) this.#hooks?.start();
  }

  #findCall(enterprise: string, uniqueId: string) {
    const { trace, config, clock } = this.#options;
    const { callTimeoutMs } = config;
    const options = { enterprise, now: clock.now(), callTimeoutMs };
    return findCall((...asked) => trace.find(enterprise, ...asked), uniqueId, options);
  }

  #openRounds(): Rounds {
    const { config, directory, trace, clock, log, digestText, reminders } = this.#options;
    const rounds = new Rounds({
      enterprises: async () =>
        (await directory.enterprises())
          .map(({ number }) => number)
          .filter((number) => this.#tools.isMine(number)),
      clock,
      scheduler: this.#tools.scheduler,
      log,
    });
    const desk = {
      recipients: (number: string) => this.#recipients(number),
      append: (enterprise: string, record: RecordToWrite) => trace.append(enterprise, record),
      messenger: (token: string) => this.#tools.bots.of(token),
      clock,
      log,
      timeZone: config.timeZone,
    };
    const told = (enterprise: string, since: number) =>
      recentRecords(config.dataDir, enterprise, "TG", since);
    new DigestDesk({ ...desk, message: digestText, told }, rounds);
    new ReminderDesk(
      {
        ...desk,
        ...reminders,
        missedCalls: this.missedCalls,
        findCall: (enterprise, uniqueId) => this.#findCall(enterprise, uniqueId),
      },
      rounds,
    );
    return rounds;
  }

  async #recipients(number: string): Promise<Recipients> {
    const { directory } = this.#options;
    const enterprise = await directory.enterpriseByNumber(number);
    if (enterprise?.active !== true) return { chats: [], account: null };
    const chats = new Map<string, string>();
    const [users, stated] = await Promise.all([
      directory.usersOf(enterprise),
      directory.chatPreferences(number),
    ]);
    for (const user of users) {
      const botToken = user.botToken ?? enterprise.botToken;
      if (botToken !== null && !chats.has(user.chatId)) chats.set(user.chatId, botToken);
    }
    const preferences = new Map(stated.map((chat) => [chat.chatId, chat.preferences]));
    return {
      chats: [...chats].map(([chatId, account]) => {
        const own = preferences.get(chatId);
        return { chatId, account, ...(own === undefined ? {} : { preferences: own }) };
      }),
      account: enterprise.botToken,
    };
  }

  #onLines({ enterprise, lines, isGap }: FollowedLines): void {
    if (!this.#tools.isMine(enterprise)) return;
    for (const line of lines) this.#onLine(enterprise, line);
    if (!isGap) return;
    this.#lookAgain(enterprise).catch((error: unknown) => {
      this.#options.log.error("cannot look again at recent calls", { enterprise, error });
    });
  }

  #onLine(enterprise: string, line: FollowedLine): void {
    const { own, isShared } = this.#tools;
    const head = astHeadOf(line.raw);
    if (head === undefined ? !isShared && isTgLine(line.raw) : own.take(enterprise + head)) return;
    const record = line.record();
    if (
      record?.kind === "TG" &&
      record.uniqueId !== "" &&
      !this.#written.take(cardOf(enterprise, record))
    ) {
      // Of a call that was finished without it: what is too many in a chat is taken away.
      void this.notifier.recover(enterprise, record.uniqueId, true);
    }
    if (record?.kind !== "AST") return;
    const { event, uniqueId, body } = record;
    this.changed(enterprise, { kind: "AST", event, uniqueId, body });
  }

  /** Where events may have been missed. */
  async #lookAgain(enterprise: string): Promise<void> {
    const { config, clock } = this.#options;
    const since = clock.now() - GAP_MS;
    this.#hooks?.lookAgain(enterprise, since);
    const ids = recentCalls(config.dataDir, enterprise, since);
    await forEachCall(ids, (uniqueId) => this.notifier.recover(enterprise, uniqueId, true));
  }

  /** What earlier processes left: calls whose end was not announced, then cards that stand and are not final. */
  async #recover(): Promise<void> {
    const { config, clock, log } = this.#options;
    const { dataDir, catchUpMs } = config;
    // Followed before the files are read, so that no event falls between the two.
    await this.#following;
    const now = clock.now();
    const enterprises = (await enterprisesIn(dataDir)).filter((number) =>
      this.#tools.isMine(number),
    );
    const rounds = [
      (enterprise: string) => recentCalls(dataDir, enterprise, now - catchUpMs),
      (enterprise: string) => callsWithOpenCards(dataDir, enterprise, now - STANDING_SINCE_MS),
    ];
    const hasChats = new Map<string, boolean>();
    for (const callsOf of rounds) {
      for (const enterprise of enterprises) {
        if (this.#isStopping) return;
        const isTold = hasChats.get(enterprise) ?? (await this.#hasChats(enterprise));
        hasChats.set(enterprise, isTold);
        if (!isTold) continue;
        const recover = (uniqueId: string) => this.notifier.recover(enterprise, uniqueId);
        await forEachCall(callsOf(enterprise), recover).catch((error: unknown) => {
          log.error("cannot recover unfinished cards of an enterprise", { enterprise, error });
        });
      }
    }
    for (const enterprise of enterprises) {
      if (this.#isStopping) return;
      await this.#takeUpMissed(enterprise, 1);
    }
  }

  /** Whether somebody gets cards of it, else its files need not be read for them. True where the directory does not tell. */
  async #hasChats(enterprise: string): Promise<boolean> {
    try {
      return (await this.#recipients(enterprise)).chats.length > 0;
    } catch {
      return true;
    }
  }

  /** Missed calls that were settled meanwhile, or may be: their cards are put in order, and followed from now on. */
  async #takeUpMissed(enterprise: string, attempt: number): Promise<void> {
    const { clock, log } = this.#options;
    try {
      const { chats } = await this.#recipients(enterprise);
      const isForNobody = chats.length === 0 && this.#hooks?.concerns(enterprise) !== true;
      if (isForNobody || this.#isStopping) return;
      const missed = await this.missedCalls.takeUp(enterprise);
      if (missed === undefined && attempt < MAX_TAKE_UPS) {
        // Days are being read for the first time.
        this.#tools.scheduler.at(
          clock.now() + TAKE_UP_MS,
          () => void this.#takeUpMissed(enterprise, attempt + 1),
        );
        return;
      }
      for (const uniqueId of missed ?? []) {
        if (this.#isStopping) return;
        await this.notifier.recover(enterprise, uniqueId);
        this.#hooks?.recover(enterprise, uniqueId);
      }
    } catch (error) {
      log.error("cannot follow the missed calls of before; those to come are followed", {
        enterprise,
        error,
      });
    }
  }
}
