// The queue of requests into one chat: one request at a time, for any number of calls. The goal of a call is read when
// its turn comes and again after every step, so that superseded cards are never sent. A call whose request failed
// waits without blocking the others; after a rate limit (429) the whole chat waits as long as it says. Every step is
// recorded before the next begins.

import type { TgRecord } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Result } from "../lib/result.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import type { CardText, Messenger, MessengerFailure, SendingManner } from "./messenger.ts";
import { type Action, type ChatView, planChat, type Standing } from "./plan.ts";
import { nextTryAt } from "./retry.ts";
import type { CardMode, DesiredCard } from "./types.ts";

/** What a call wants in a chat at this moment. */
export type ChatGoal = {
  readonly view: ChatView;
  readonly desired: DesiredCard | undefined;
  /** The text of the desired card. */
  readonly text: CardText | undefined;
  /** The id that the records of the card bear. */
  readonly uniqueId: string;
  /** How a new card arrives. */
  readonly how?: SendingManner | undefined;
};

/** What happened in a chat, on its way into the file. */
export type TgEntry = Pick<
  TgRecord,
  "action" | "messageType" | "messageId" | "text" | "uniqueId"
> & {
  /** The key of the card that stands there now. */
  readonly key?: string;
};

/** A call, as far as a queue is concerned. */
export type QueuedCall = {
  /** Undefined: nothing is to be done for it any more. */
  goal(chatId: string): ChatGoal | undefined;
  /** Puts on record what happened; resolves when it is written, or cannot be for now. Never rejects. */
  record(chatId: string, entry: TgEntry): Promise<void>;
  /** The messenger said that this message cannot be changed. */
  fix(chatId: string, messageId: number): void;
  /** The queue has nothing more to do for it. */
  settled(chatId: string): void;
};

export type ChatQueueOptions = {
  readonly chatId: string;
  readonly messenger: Messenger;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly mode: CardMode;
  /** Shared by all queues: the messenger did not take the button's address, so cards go without. */
  readonly buttons: { areRefused: boolean };
  /** Where the chat has gone to, as the messenger once said. */
  readonly movedTo: () => string | undefined;
  readonly onMoved: (chatId: string) => void;
  /** It has nothing to do and nothing to wait for. */
  readonly onIdle: () => void;
};

/** What came of the tries for one call's card so far. */
type Retry = {
  /** For which card: another one begins anew. */
  goalKey: string;
  tries: number;
  firstAt: number;
  notBefore: number;
  /** A send got no answer: the message may be there. `kind` is that of its card. */
  unsure: { readonly kind: string; readonly goalKey: string; readonly reason: string } | undefined;
  /** Why the card does not go to its topic: it goes to the group itself. */
  noTopic: string | undefined;
};

/** One step for one call. */
type Attempt = {
  readonly action: Action;
  readonly call: QueuedCall;
  readonly goal: ChatGoal;
  readonly retry: Retry;
};

type Refused = Extract<MessengerFailure, { kind: "refused" }>;
type Unavailable = Extract<MessengerFailure, { kind: "unavailable" }>;

const newRetry = (): Retry => ({
  goalKey: "",
  tries: 0,
  firstAt: 0,
  notBefore: 0,
  unsure: undefined,
  noTopic: undefined,
});

const goalKeyOf = ({ desired }: ChatGoal): string =>
  desired === undefined ? "" : `${desired.kind} ${desired.key}`;

const kindOf = ({ desired }: ChatGoal): string => desired?.kind ?? "start";

/** Cards that should not stand are deleted at last this often, when all else was given up. In milliseconds. */
const LATE_DELETION_MS = 5 * 60_000;
/** How often a chat may move in a row before it is taken for a fault. */
const MAX_MOVES = 3;

/** The queue of one account into one chat. */
export class ChatQueue {
  readonly #options: ChatQueueOptions;
  /** In the order in which they came. */
  readonly #calls = new Map<QueuedCall, Retry>();
  /** A rate limit holds until then, in milliseconds since the epoch. */
  #limitedUntil = 0;
  #moves = 0;
  #isRunning = false;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  #callOffWake: () => void = () => undefined;

  constructor(options: ChatQueueOptions) {
    this.#options = options;
  }

  /** A request is under way. */
  get isBusy(): boolean {
    return this.#isRunning;
  }

  /** The call may want something else than before. */
  add(call: QueuedCall): void {
    if (!this.#calls.has(call)) this.#calls.set(call, newRetry());
    this.#kick();
  }

  /** Takes no more steps; resolves when the one under way is on record. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOffWake();
    await this.#running;
  }

  #kick(): void {
    if (this.#isRunning || this.#isStopped) return;
    this.#callOffWake();
    this.#isRunning = true;
    this.#running = this.#run().finally(() => {
      this.#isRunning = false;
      this.#rest();
    });
  }

  async #run(): Promise<void> {
    while (!this.#isStopped && this.#limitedUntil <= this.#options.clock.now()) {
      const next = this.#firstReady();
      if (next === undefined) break;
      const [call, retry] = next;
      try {
        await this.#step(call, retry);
      } catch (error) {
        const { log, chatId } = this.#options;
        log.error("cannot bring a card into a chat: this is a fault of the program", {
          chatId,
          error,
        });
        this.#drop(call);
      }
    }
  }

  /** Sets the time of the next step, where there is one. */
  #rest(): void {
    if (this.#isStopped) return;
    const { clock, scheduler, onIdle } = this.#options;
    const now = clock.now();
    const isLimited = this.#limitedUntil > now;
    if (this.#calls.size === 0 && !isLimited) {
      onIdle();
      return;
    }
    const earliest = Math.min(...[...this.#calls.values()].map(({ notBefore }) => notBefore));
    const at = isLimited ? this.#limitedUntil : earliest;
    this.#callOffWake = scheduler.at(Math.max(at, now), () => this.#kick());
  }

  #firstReady(): [QueuedCall, Retry] | undefined {
    for (const entry of this.#calls) if (this.#isReady(...entry)) return entry;
    return undefined;
  }

  /** A call that waits for another try is ready at once when it wants something else meanwhile. */
  #isReady(call: QueuedCall, retry: Retry): boolean {
    if (retry.notBefore <= this.#options.clock.now()) return true;
    const goal = call.goal(this.#options.chatId);
    return goal === undefined || goalKeyOf(goal) !== retry.goalKey;
  }

  async #step(call: QueuedCall, retry: Retry): Promise<void> {
    const { chatId, messenger, clock, mode } = this.#options;
    const goal = call.goal(chatId);
    const { deletableMs } = messenger.capabilities;
    const plan = { mode, now: clock.now(), deletableMs };
    const [action] = goal === undefined ? [] : planChat(goal.view, goal.desired, plan);
    if (goal === undefined || action === undefined) {
      await this.#noteUnsure(call, retry, "not sent again, for the call has gone on");
      this.#drop(call);
      return;
    }
    const key = goalKeyOf(goal);
    if (retry.goalKey !== key) Object.assign(retry, { goalKey: key, tries: 0 });
    if (retry.unsure !== undefined && retry.unsure.kind !== goal.desired?.kind) {
      await this.#noteUnsure(call, retry, "not sent again, for the call has gone on");
      return;
    }
    const attempt = { action, call, goal, retry };
    const result = await this.#request(attempt);
    if (result.ok) {
      this.#moves = 0;
      await this.#done(attempt, result.value);
    } else {
      await this.#failed(attempt, result.error);
    }
  }

  /** Takes the step; answers the id of the message it was about. */
  async #request({ action, goal, retry }: Attempt): Promise<Result<number, MessengerFailure>> {
    const { messenger, chatId, buttons, movedTo } = this.#options;
    const target = movedTo() ?? chatId;
    if (action.do === "delete") {
      const done = await messenger.remove(target, action.card.messageId);
      return done.ok ? { ok: true, value: action.card.messageId } : done;
    }
    const { text } = goal;
    if (text === undefined) throw new Error("cannot send a card: it has no text");
    const shown = buttons.areRefused ? { ...text, button: undefined } : text;
    if (action.do === "edit") {
      const done = await messenger.edit(target, action.card.messageId, shown);
      return done.ok ? { ok: true, value: action.card.messageId } : done;
    }
    if (retry.unsure !== undefined) {
      // Sent once more only, so not into a network that is still away.
      const reached = await messenger.whoAmI();
      if (!reached.ok && reached.error.kind === "unavailable") {
        return { ok: false, error: { ...reached.error, unsure: false } };
      }
    }
    const { how } = goal;
    const isToGroup = how !== undefined && retry.noTopic !== undefined;
    return messenger.send(target, shown, isToGroup ? { ...how, topic: null } : how);
  }

  async #done({ action, call, goal, retry }: Attempt, messageId: number): Promise<void> {
    const { desired, uniqueId } = goal;
    const then = action.do === "send" ? "sent again" : "the call has gone on";
    await this.#noteUnsure(call, retry, then);
    retry.tries = 0;
    if (action.do === "send" && retry.noTopic !== undefined) {
      const text = `${retry.noTopic}: sent to the group itself`;
      retry.noTopic = undefined;
      await this.#recordFailure(call, { messageType: kindOf(goal), text, uniqueId });
    }
    if (action.do === "delete" || desired === undefined) {
      const card = action.do === "delete" ? action.card : undefined;
      await this.#recordGone(call, { card, messageId, uniqueId });
      return;
    }
    const { kind: messageType, text, key } = desired;
    await this.#record(call, {
      action: action.do,
      messageType,
      messageId,
      text,
      uniqueId,
      key,
    });
  }

  async #failed(attempt: Attempt, failure: MessengerFailure): Promise<void> {
    const { clock, log, chatId, onMoved } = this.#options;
    if (failure.kind === "limited") {
      this.#limitedUntil = clock.now() + failure.retryAfterMs;
    } else if (failure.kind === "unavailable") {
      await this.#unavailable(attempt, failure);
    } else if (failure.kind === "refused") {
      await this.#refused(attempt, failure);
    } else if (this.#moves++ < MAX_MOVES) {
      log.warn("a group has become another chat; change it in the directory", {
        chatId,
        newChatId: failure.chatId,
      });
      onMoved(failure.chatId);
    } else {
      await this.#giveUp(attempt, kindOf(attempt.goal), "the group moves on and on");
    }
  }

  async #unavailable(attempt: Attempt, failure: Unavailable): Promise<void> {
    const { action, call, goal, retry } = attempt;
    const now = this.#options.clock.now();
    const kind = kindOf(goal);
    if (retry.tries === 0) retry.firstAt = now;
    retry.tries += 1;
    if (action.do === "send" && failure.unsure) {
      if (retry.unsure?.goalKey === retry.goalKey) {
        retry.unsure = undefined;
        const reason = `${failure.reason}, twice: the card may have been delivered`;
        await this.#giveUp(attempt, kind, reason);
        return;
      }
      retry.unsure = { kind, goalKey: retry.goalKey, reason: failure.reason };
    }
    const isFinal = goal.desired?.final === true;
    if (goal.desired !== undefined && goal.view.refused.has(kind)) {
      // Given up already, but an outdated card still stands: it goes when the messenger is back.
      retry.notBefore = now + LATE_DELETION_MS;
      return;
    }
    const again = nextTryAt(retry, { isFinal, now });
    if (again !== undefined) {
      retry.notBefore = again;
      return;
    }
    const told = retry.unsure === undefined ? "" : "; an earlier try may have been delivered";
    retry.unsure = undefined;
    const { name } = this.#options.messenger.capabilities;
    const reason = `${name} cannot be reached (${failure.reason}), given up after ${retry.tries} tries${told}`;
    await this.#giveUp(attempt, kind, reason);
    // What stands is left standing until the call changes.
    if (!isFinal) this.#drop(call);
  }

  async #refused(attempt: Attempt, failure: Refused): Promise<void> {
    const { action, call, goal, retry } = attempt;
    const { buttons, log, chatId, messenger } = this.#options;
    const { uniqueId } = goal;
    if (action.do === "delete") {
      const { card } = action;
      if (failure.why === "no-message") {
        await this.#recordGone(call, { card, messageId: card.messageId, uniqueId });
      } else await this.#giveUp(attempt, card.kind, `cannot delete: ${failure.reason}`);
      return;
    }
    if (failure.why === "button" && goal.text?.button !== undefined && !buttons.areRefused) {
      const { name } = messenger.capabilities;
      log.warn(`${name} does not take the address of the details button; cards go without it`, {
        reason: failure.reason,
      });
      buttons.areRefused = true;
      return;
    }
    if (failure.why === "topic" && goal.how?.topic && retry.noTopic === undefined) {
      log.warn("a topic takes no cards; they go to the group itself", {
        chatId,
        topic: goal.how.topic,
        reason: failure.reason,
      });
      retry.noTopic = failure.reason;
      return;
    }
    if (action.do === "edit") {
      const { card } = action;
      if (failure.why === "not-modified") return this.#done(attempt, card.messageId);
      if (failure.why === "no-message") {
        return this.#recordGone(call, { card, messageId: card.messageId, uniqueId });
      }
      if (failure.why === "not-editable") return call.fix(chatId, card.messageId);
    }
    await this.#noteUnsure(call, retry, "the next try was refused");
    await this.#giveUp(attempt, kindOf(goal), failure.reason);
  }

  #drop(call: QueuedCall): void {
    this.#calls.delete(call);
    call.settled(this.#options.chatId);
  }

  /** Says in the file that a message may be in the chat that we know nothing of. */
  async #noteUnsure(call: QueuedCall, retry: Retry, then: string): Promise<void> {
    const { unsure } = retry;
    if (unsure === undefined) return;
    retry.unsure = undefined;
    const uniqueId = call.goal(this.#options.chatId)?.uniqueId;
    if (uniqueId === undefined) return;
    const text = `${unsure.reason}: the card may have been delivered; ${then}`;
    await this.#recordFailure(call, { messageType: unsure.kind, text, uniqueId });
  }

  /** Says in the log and in the file that a card was not delivered. */
  async #giveUp({ call, goal }: Attempt, kind: string, reason: string): Promise<void> {
    const { log, chatId, messenger } = this.#options;
    const { uniqueId } = goal;
    log.warn(`a ${messenger.capabilities.name} card was not delivered`, {
      chatId,
      card: kind,
      uniqueId,
      reason,
    });
    await this.#recordFailure(call, { messageType: kind, text: reason, uniqueId });
  }

  #recordFailure(
    call: QueuedCall,
    entry: Pick<TgEntry, "messageType" | "text" | "uniqueId">,
  ): Promise<void> {
    return this.#record(call, { action: "fail", messageId: 0, ...entry });
  }

  #recordGone(
    call: QueuedCall,
    gone: { readonly card: Standing | undefined } & Pick<TgEntry, "messageId" | "uniqueId">,
  ): Promise<void> {
    const { card, messageId, uniqueId } = gone;
    const messageType = card?.kind ?? "start";
    return this.#record(call, { action: "delete", messageType, messageId, text: "", uniqueId });
  }

  #record(call: QueuedCall, entry: TgEntry): Promise<void> {
    return call.record(this.#options.chatId, entry);
  }
}
