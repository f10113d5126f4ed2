// Brings the chats up to date when a call changes. Tracks the calls under way; the files are the only durable memory,
// so that a call that was forgotten can always be found again. Injected: how calls are found, the recipients, the text
// of cards, the append of records, the messenger, time.

import type { AssembledCall } from "../call/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import { isQuiet } from "../domain/chat-preferences.ts";
import { type AstRecord, isIdKey, type RecordToWrite, recordKeys } from "../domain/record.ts";
import { type Backoff, createBackoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { CallRegistry } from "./call-registry.ts";
import { ChatQueue, type QueuedCall, type TgEntry } from "./chat-queue.ts";
import { decideCard } from "./decide.ts";
import { type CardFollow, NO_FOLLOW } from "./follow.ts";
import type { Messenger, SendingManner } from "./messenger.ts";
import { planChat } from "./plan.ts";
import { type CardTextOf, readCall } from "./reading.ts";
import {
  chatsOf,
  fixMessage,
  goalOf,
  remember,
  type TrackedCall,
  wholeOf,
} from "./tracked-call.ts";
import type { CardMode, Recipient, Recipients } from "./types.ts";

export type NotifierOptions = {
  readonly findCall: (enterprise: string, uniqueId: string) => Promise<AssembledCall | undefined>;
  /** A call from which nothing was heard for this long is over, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly recipients: (enterprise: string) => Promise<Recipients>;
  readonly cardText: CardTextOf;
  /** Knows the other calls of a subscriber; without it cards say nothing of call-backs. */
  readonly follow?: CardFollow;
  readonly append: (enterprise: string, record: RecordToWrite) => Promise<unknown>;
  /** The account of the messenger that writes to a chat. */
  readonly messenger: (account: string) => Messenger;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly mode: CardMode;
  /** Of quiet hours; default UTC. */
  readonly timeZone?: string;
  /** Calls that were found again are announced only where their last event is not older than this. */
  readonly catchUpMs: number;
};

export type Notifier = {
  /** An event is in the file. Seeing it twice changes nothing. */
  changed(enterprise: string, event: Omit<AstRecord, "at">): void;
  /**
   * Looks at a call that an earlier process may have left unfinished.
   *
   * @param again looks at it though it is known: events may have been missed.
   */
  recover(enterprise: string, uniqueId: string, again?: boolean): Promise<void>;
  /** Takes no new steps; resolves when those under way are on record. */
  stop(): Promise<void>;
  state(): NotifierState;
};

export type NotifierState = {
  /** Calls kept in memory. */
  readonly calls: number;
  /** Chats with something to do or to wait for. */
  readonly waitingChats: number;
  /** Files being read or requests under way at this moment. */
  readonly underWay: number;
};

/** A call over and done stays this long, for the events that still trickle in. In milliseconds. */
const KEEP_DONE_MS = 60_000;
/** Events of enterprises whose cards nobody gets are passed over this long at a time, in milliseconds. */
const NOBODY_MS = 2000;
/** Pauses after a call could not be read. */
const REFRESH_PAUSES = { firstMs: 1000, longestMs: 60_000 };
/**
 * How long the chat waits for a record that cannot be written, in milliseconds. Then it goes on, memory has the record,
 * and it is tried again with the call's next one.
 */
const APPEND_RETRY_MS = [200, 1000, 5000] as const;

class CardNotifier implements Notifier {
  readonly #options: NotifierOptions;
  readonly #calls = new CallRegistry();
  readonly #follow: CardFollow;
  readonly #buttons = { areRefused: false };
  /** By account and chat. */
  readonly #queues = new Map<string, ChatQueue>();
  readonly #queued = new Map<TrackedCall, QueuedCall>();
  readonly #refreshBackoffs = new Map<TrackedCall, Backoff>();
  /** Chats that have become others, by account and chat. */
  readonly #movedChats = new Map<string, string>();
  /** Until when enterprises without anybody to tell are not asked about again. */
  readonly #nobodyUntil = new Map<string, number>();
  readonly #recipientsOf = new Map<string, ReadonlyMap<string, Recipient>>();
  #refreshing = 0;
  #isStopped = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#follow = options.follow ?? NO_FOLLOW;
  }

  changed(enterprise: string, event: Omit<AstRecord, "at">): void {
    if (this.#isStopped) return;
    const keys = recordKeys({ ...event, at: 0 });
    const concerned = new Set<TrackedCall>();
    let hasOwn = false;
    for (const key of keys) {
      const known = this.#calls.with(enterprise, key);
      if (known === undefined) continue;
      concerned.add(known);
      hasOwn ||= isIdKey(key);
    }
    const isForNobody = (this.#nobodyUntil.get(enterprise) ?? 0) > this.#options.clock.now();
    const id = keys.find(isIdKey);
    if (!hasOwn && id !== undefined && !isForNobody) {
      concerned.add(this.#calls.track(enterprise, id.slice(3)));
    }
    for (const call of concerned) {
      call.isLive = true;
      void this.#refresh(call);
    }
  }

  async recover(enterprise: string, uniqueId: string, again = false): Promise<void> {
    const known = this.#calls.withId(enterprise, uniqueId);
    if (this.#isStopped || (known?.lastReading !== undefined && !again)) return;
    await this.#refresh(this.#calls.track(enterprise, uniqueId));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const call of this.#calls.all()) call.callOffTimer();
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
  }

  state(): NotifierState {
    const busy = [...this.#queues.values()].filter((queue) => queue.isBusy).length;
    return {
      calls: this.#calls.size,
      waitingChats: this.#queues.size,
      underWay: this.#refreshing + busy,
    };
  }

  #refresh(given: TrackedCall): Promise<void> {
    const call = wholeOf(given);
    call.isDirty = true;
    if (call.isRefreshing || this.#isStopped) return Promise.resolve();
    call.isRefreshing = true;
    this.#refreshing += 1;
    return this.#refreshUntilClean(call).finally(() => {
      call.isRefreshing = false;
      this.#refreshing -= 1;
      // What it was found to be a part of may have been read before the event that brought us here.
      if (call.mergedInto !== undefined) void this.#refresh(call);
      else this.#retire(call);
    });
  }

  async #refreshUntilClean(call: TrackedCall): Promise<void> {
    while (call.isDirty && this.#isWanted(call)) {
      call.isDirty = false;
      try {
        await this.#refreshOnce(call);
        this.#refreshBackoffs.delete(call);
      } catch (error) {
        const { enterprise, anchor: uniqueId } = call;
        const { log, clock } = this.#options;
        log.error("cannot bring a call's cards up to date", { enterprise, uniqueId, error });
        const backoff = this.#refreshBackoffs.get(call) ?? createBackoff(REFRESH_PAUSES);
        this.#refreshBackoffs.set(call, backoff);
        this.#wakeAt(call, clock.now() + backoff.nextMs(), () => this.#refresh(call));
      }
    }
  }

  /** Whether the call is still one of its own. */
  #isWanted(call: TrackedCall): boolean {
    return call.mergedInto === undefined && !call.isDropped && !this.#isStopped;
  }

  async #refreshOnce(call: TrackedCall): Promise<void> {
    const { findCall, callTimeoutMs, clock } = this.#options;
    const recipients = await this.#options.recipients(call.enterprise);
    const chats = new Map(recipients.chats.map((chat) => [chat.chatId, chat]));
    this.#recipientsOf.set(call.enterprise, chats);
    if (chats.size === 0 && call.lastReading === undefined) {
      this.#nobodyUntil.set(call.enterprise, clock.now() + NOBODY_MS);
      this.#drop(call);
      return;
    }
    const written = new Set(call.sentActions.filter(({ isWritten }) => isWritten));
    const found = await findCall(call.enterprise, call.anchor);
    if (!this.#isWanted(call)) return;
    if (found === undefined) {
      this.#drop(call);
      return;
    }
    this.#calls.claim(call, found);
    const uniqueId = cardIdOf(found) || call.anchor;
    const followUp = await this.#follow.followUpOf(found, uniqueId);
    const decision = decideCard(found, {
      now: clock.now(),
      callTimeoutMs,
      followUp: followUp === undefined ? call.followUp : followUp,
    });
    if (followUp !== undefined) call.followUp = followUp;
    const reading = await readCall(call, found, { decision, recipients, uniqueId }, this.#options);
    if (!this.#isWanted(call)) return;
    call.lastReading = reading;
    call.sentActions = call.sentActions.filter((deed) => !written.has(deed));
    const { card, decideAgainAt } = decision;
    if (decideAgainAt !== undefined) this.#wakeAt(call, decideAgainAt, () => this.#refresh(call));
    else if (card === undefined) this.#drop(call);
    this.#spread(call, recipients);
    this.#tellOthers(call, found, uniqueId);
  }

  /** What this call has come to may stand on the cards of missed ones. */
  #tellOthers(call: TrackedCall, found: AssembledCall, uniqueId: string): void {
    const { status, endedAt } = found.call;
    const state = `${status} ${endedAt}`;
    if (call.toldOthers === state) return;
    call.toldOthers = state;
    for (const id of this.#follow.concernedBy(found, uniqueId))
      void this.recover(call.enterprise, id, true);
  }

  /** Puts the call into the queues of the chats where something is to be done. */
  #spread(call: TrackedCall, recipients: Recipients): void {
    const { mode, clock } = this.#options;
    const accounts = new Map(recipients.chats.map(({ chatId, account }) => [chatId, account]));
    const queued = this.#queuedCallOf(call);
    for (const chatId of new Set([...accounts.keys(), ...chatsOf(call).keys()])) {
      const account = accounts.get(chatId) ?? recipients.account;
      const goal = queued.goal(chatId);
      if (goal === undefined || account === null) continue;
      const queue = this.#queueTo(account, chatId);
      const { deletableMs } = this.#options.messenger(account).capabilities;
      const plan = { mode, now: clock.now(), deletableMs };
      const isDone = planChat(goal.view, goal.desired, plan).length === 0;
      if (isDone && !call.queues.has(chatId)) continue;
      call.queues.add(chatId);
      queue().add(queued);
    }
    this.#retire(call);
  }

  #queuedCallOf(call: TrackedCall): QueuedCall {
    const known = this.#queued.get(call);
    if (known !== undefined) return known;
    const made: QueuedCall = {
      goal: (chatId) => {
        const recipient = this.#recipientsOf.get(call.enterprise)?.get(chatId);
        const goal = call === wholeOf(call) ? goalOf(call, chatId, recipient) : undefined;
        return goal && { ...goal, how: this.#mannerFor(recipient) };
      },
      record: (chatId, entry) => this.#append(call, chatId, entry),
      fix: (chatId, messageId) => fixMessage(wholeOf(call), chatId, messageId),
      settled: (chatId) => {
        call.queues.delete(chatId);
        this.#retire(call);
      },
    };
    this.#queued.set(call, made);
    return made;
  }

  #mannerFor(recipient: Recipient | undefined): SendingManner | undefined {
    const { preferences } = recipient ?? {};
    if (preferences === undefined) return undefined;
    const { clock, timeZone = "UTC" } = this.#options;
    const isSilent = isQuiet(preferences.quiet, clock.now(), timeZone);
    return { isSilent, topic: preferences.topic };
  }

  /** The queue into a chat, made when it is needed. */
  #queueTo(account: string, chatId: string): () => ChatQueue {
    const key = `${account} ${chatId}`;
    return () => {
      const known = this.#queues.get(key);
      if (known !== undefined) return known;
      const { clock, scheduler, log, mode, messenger } = this.#options;
      const queue = new ChatQueue({
        chatId,
        clock,
        scheduler,
        log,
        mode,
        buttons: this.#buttons,
        messenger: messenger(account),
        movedTo: () => this.#movedChats.get(key),
        onMoved: (to) => this.#movedChats.set(key, to),
        onIdle: () => {
          if (this.#queues.get(key) === queue) this.#queues.delete(key);
        },
      });
      this.#queues.set(key, queue);
      return queue;
    };
  }

  async #append(given: TrackedCall, chatId: string, entry: TgEntry): Promise<void> {
    const { clock, scheduler, log } = this.#options;
    remember(wholeOf(given), { chatId, entry, at: clock.now() });
    for (let attempt = 0; ; attempt += 1) {
      const error = await this.#writeInTurn(wholeOf(given));
      if (error === undefined) return;
      const waitMs = APPEND_RETRY_MS[attempt];
      if (waitMs === undefined || this.#isStopped) {
        const { enterprise } = given;
        const message = "a Telegram record cannot be written; memory keeps it until it can";
        log.error(message, { enterprise, uniqueId: entry.uniqueId, error });
        return;
      }
      await new Promise<void>((resolve) => scheduler.at(clock.now() + waitMs, resolve));
    }
  }

  /** One writer a call, so that its records keep their order and none is written twice. @returns what kept it from it */
  #writeInTurn(call: TrackedCall): Promise<unknown> {
    const written = call.writing.then(() => this.#writeDeeds(call));
    call.writing = written;
    return written;
  }

  /** Writes what is not in the file yet, in the order in which it happened. */
  async #writeDeeds(call: TrackedCall): Promise<unknown> {
    for (const deed of call.sentActions) {
      if (deed.isWritten) continue;
      try {
        const { at: _, raw: __, ...record } = deed.record;
        await this.#options.append(call.enterprise, record);
        deed.isWritten = true;
      } catch (error) {
        return error;
      }
    }
    return undefined;
  }

  /** Nothing more is expected of the call: it is forgotten soon. */
  #retire(call: TrackedCall): void {
    const isOver = call.lastReading?.desired?.final === true;
    const isIdle = call.queues.size === 0 && !call.isRefreshing;
    if (!isOver || !isIdle || this.#refreshBackoffs.has(call)) return;
    this.#wakeAt(call, this.#options.clock.now() + KEEP_DONE_MS, async () => {
      await this.#writeInTurn(call);
      if (call.sentActions.every(({ isWritten }) => isWritten)) {
        if (call.queues.size === 0 && !call.isRefreshing) this.#drop(call);
      } else this.#retire(call);
    });
  }

  #wakeAt(call: TrackedCall, at: number, work: () => void): void {
    call.callOffTimer();
    call.callOffTimer = this.#options.scheduler.at(at, () => {
      if (!call.isDropped && call.mergedInto === undefined) work();
    });
  }

  #drop(call: TrackedCall): void {
    call.isDropped = true;
    call.callOffTimer();
    this.#calls.forget(call);
    this.#queued.delete(call);
    this.#refreshBackoffs.delete(call);
  }
}

/** A notifier that knows nothing yet; what happened before is told to it by `recover`. */
export const createNotifier = (options: NotifierOptions): Notifier => new CardNotifier(options);
