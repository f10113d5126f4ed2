// The way into one chat: one request at a time, whatever number of calls have something to show there. It asks each call
// what to do only when its turn comes, so that cards which the call has outrun are skipped by themselves; and asks again
// after every step. A call that cannot get through waits without holding up the others; a chat that asks for patience
// (429) gets it. Every step is on record before the next is taken.

import type { Bot, TelegramFailure } from "../channels/telegram/index.ts";
import type { TgRecord } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Result } from "../lib/result.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { type Action, type ChatView, planChat, type Standing } from "./plan.ts";
import { nextTryAt } from "./retry.ts";
import type { CardText, DesiredCard, TelegramMode } from "./types.ts";

/** What a call wants in a chat at this moment. */
export type ChatGoal = {
  readonly view: ChatView;
  readonly desired: DesiredCard | undefined;
  /** The text of the desired card. */
  readonly text: CardText | undefined;
  /** The id that the records of the card bear. */
  readonly uniqueId: string;
};

/** What happened in a chat, on its way into the file. */
export type TgEntry = Pick<
  TgRecord,
  "action" | "messageType" | "messageId" | "text" | "uniqueId"
> & {
  /** The key of the card that stands there now. */
  readonly key?: string;
};

/** A call, as far as a lane is concerned. */
export type LaneCall = {
  /** Undefined: nothing is to be done for it any more. */
  goal(chatId: string): ChatGoal | undefined;
  /** Puts on record what happened; resolves when it is written, or cannot be for now. Never rejects. */
  record(chatId: string, entry: TgEntry): Promise<void>;
  /** Telegram said that this message cannot be changed. */
  fix(chatId: string, messageId: number): void;
  /** The lane has nothing more to do for it. */
  settled(chatId: string): void;
};

export type LaneOptions = {
  readonly chatId: string;
  readonly bot: Bot;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly mode: TelegramMode;
  /** Shared by all lanes: Telegram did not take the button's address, so cards go without. */
  readonly buttons: { areRefused: boolean };
  /** Where the chat has gone to, as Telegram once said. */
  readonly movedTo: () => string | undefined;
  readonly onMoved: (chatId: string) => void;
  /** It has nothing to do and nothing to wait for. */
  readonly onIdle: () => void;
};

export type Lane = {
  /** The call may want something else than before. */
  add(call: LaneCall): void;
  /** Takes no more steps; resolves when the one under way is on record. */
  stop(): Promise<void>;
  /** A request is under way. */
  isBusy(): boolean;
};

type Retry = {
  /** For which card: another one begins anew. */
  goalKey: string;
  tries: number;
  firstAt: number;
  notBefore: number;
  /** A send got no answer: the message may be there. `kind` is that of its card. */
  unsure: { readonly kind: string; readonly goalKey: string; readonly reason: string } | undefined;
};

const goalKeyOf = ({ desired }: ChatGoal): string =>
  desired === undefined ? "" : `${desired.kind} ${desired.key}`;

/** Cards that should not stand are deleted at last this often, when all else was given up. In milliseconds. */
const LATE_DELETION_MS = 5 * 60_000;
/** How often a chat may move in a row before it is taken for a fault. */
const MAX_MOVES = 3;

/** The lane of one bot into one chat. */
export const createLane = (options: LaneOptions): Lane => {
  const { chatId, bot, clock, scheduler, log, mode, buttons } = options;
  /** In the order in which they came. */
  const calls = new Map<LaneCall, Retry>();
  let silentUntil = 0;
  let moves = 0;
  let isRunning = false;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();
  let callOffWake: () => void = () => undefined;

  const leave = async (call: LaneCall, retry: Retry): Promise<void> => {
    await noteUnsure(call, retry, "not sent again, for the call has gone on");
    calls.delete(call);
    call.settled(chatId);
  };

  /** Says in the file that a message may be in the chat that we know nothing of. */
  const noteUnsure = async (call: LaneCall, retry: Retry, then: string): Promise<void> => {
    const { unsure } = retry;
    if (unsure === undefined) return;
    retry.unsure = undefined;
    const uniqueId = call.goal(chatId)?.uniqueId;
    if (uniqueId === undefined) return;
    const text = `${unsure.reason}: the card may have been delivered; ${then}`;
    await call.record(chatId, {
      action: "fail",
      messageType: unsure.kind,
      messageId: 0,
      text,
      uniqueId,
    });
  };

  const fail = (call: LaneCall, goal: ChatGoal, kind: string, reason: string): Promise<void> => {
    log.warn("a Telegram card was not delivered", {
      chatId,
      card: kind,
      uniqueId: goal.uniqueId,
      reason,
    });
    const { uniqueId } = goal;
    return call.record(chatId, {
      action: "fail",
      messageType: kind,
      messageId: 0,
      text: reason,
      uniqueId,
    });
  };

  const request = async (
    action: Action,
    { text }: ChatGoal,
    retry: Retry,
  ): Promise<Result<number, TelegramFailure>> => {
    const target = options.movedTo() ?? chatId;
    if (action.do === "delete") {
      const done = await bot.remove(target, action.card.messageId);
      return done.ok ? { ok: true, value: action.card.messageId } : done;
    }
    if (text === undefined) throw new Error("cannot send a card: it has no text");
    const shown = buttons.areRefused ? { html: text.html, plain: text.plain } : text;
    if (action.do === "edit") {
      const done = await bot.edit(target, action.card.messageId, shown);
      return done.ok ? { ok: true, value: action.card.messageId } : done;
    }
    if (retry.unsure !== undefined) {
      // Sent once more only, so not into a network that is still away.
      const reached = await bot.whoAmI();
      if (!reached.ok && reached.error.kind === "unavailable") {
        return { ok: false, error: { ...reached.error, unsure: false } };
      }
    }
    return bot.send(target, shown);
  };

  const done = async (
    action: Action,
    messageId: number,
    call: LaneCall,
    goal: ChatGoal,
    retry: Retry,
  ): Promise<void> => {
    const { desired, uniqueId } = goal;
    await noteUnsure(call, retry, action.do === "send" ? "sent again" : "the call has gone on");
    retry.tries = 0;
    if (action.do === "delete" || desired === undefined) {
      await call.record(
        chatId,
        gone(action.do === "delete" ? action.card : undefined, messageId, uniqueId),
      );
      return;
    }
    const { kind: messageType, text, key } = desired;
    await call.record(chatId, { action: action.do, messageType, messageId, text, uniqueId, key });
  };

  const gone = (card: Standing | undefined, messageId: number, uniqueId: string): TgEntry => ({
    action: "delete",
    messageType: card?.kind ?? "start",
    messageId,
    text: "",
    uniqueId,
  });

  const unavailable = async (
    failure: Extract<TelegramFailure, { kind: "unavailable" }>,
    action: Action,
    call: LaneCall,
    goal: ChatGoal,
    retry: Retry,
  ): Promise<void> => {
    const now = clock.now();
    const kind = goal.desired?.kind ?? "start";
    if (retry.tries === 0) retry.firstAt = now;
    retry.tries += 1;
    if (action.do === "send" && failure.unsure) {
      if (retry.unsure?.goalKey === retry.goalKey) {
        retry.unsure = undefined;
        await fail(call, goal, kind, `${failure.reason}, twice: the card may have been delivered`);
        return;
      }
      retry.unsure = { kind, goalKey: retry.goalKey, reason: failure.reason };
    }
    const isFinal = goal.desired?.final === true;
    if (goal.desired !== undefined && goal.view.refused.has(kind)) {
      // Given up already, but an outrun card still stands: it goes when Telegram is back.
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
    const reason = `Telegram cannot be reached (${failure.reason}), given up after ${retry.tries} tries${told}`;
    await fail(call, goal, kind, reason);
    if (isFinal) return;
    // What stands is left standing until the call changes.
    calls.delete(call);
    call.settled(chatId);
  };

  const refused = async (
    failure: Extract<TelegramFailure, { kind: "refused" }>,
    action: Action,
    call: LaneCall,
    goal: ChatGoal,
    retry: Retry,
  ): Promise<void> => {
    const { uniqueId, desired, text } = goal;
    if (action.do === "delete") {
      if (failure.why === "no-message") {
        await call.record(chatId, gone(action.card, action.card.messageId, uniqueId));
      } else await fail(call, goal, action.card.kind, `cannot delete: ${failure.reason}`);
      return;
    }
    if (failure.why === "button" && text?.button !== undefined && !buttons.areRefused) {
      log.warn("Telegram does not take the address of the details button; cards go without it", {
        reason: failure.reason,
      });
      buttons.areRefused = true;
      return;
    }
    if (action.do === "edit") {
      if (failure.why === "not-modified") {
        await done(action, action.card.messageId, call, goal, retry);
        return;
      }
      if (failure.why === "no-message") {
        await call.record(chatId, gone(action.card, action.card.messageId, uniqueId));
        return;
      }
      if (failure.why === "not-editable") {
        call.fix(chatId, action.card.messageId);
        return;
      }
    }
    await noteUnsure(call, retry, "the next try was refused");
    await fail(call, goal, desired?.kind ?? "start", failure.reason);
  };

  const step = async (call: LaneCall, retry: Retry): Promise<void> => {
    const goal = call.goal(chatId);
    const [action] =
      goal === undefined ? [] : planChat(goal.view, goal.desired, { mode, now: clock.now() });
    if (goal === undefined || action === undefined) {
      await leave(call, retry);
      return;
    }
    const key = goalKeyOf(goal);
    if (retry.goalKey !== key) Object.assign(retry, { goalKey: key, tries: 0 });
    if (retry.unsure !== undefined && retry.unsure.kind !== goal.desired?.kind) {
      await noteUnsure(call, retry, "not sent again, for the call has gone on");
      return;
    }
    const result = await request(action, goal, retry);
    if (result.ok) {
      moves = 0;
      await done(action, result.value, call, goal, retry);
      return;
    }
    const failure = result.error;
    if (failure.kind === "limited") {
      silentUntil = clock.now() + failure.retryAfterMs;
    } else if (failure.kind === "unavailable") {
      await unavailable(failure, action, call, goal, retry);
    } else if (failure.kind === "refused") {
      await refused(failure, action, call, goal, retry);
    } else if (moves++ < MAX_MOVES) {
      log.warn("a group has become another chat; change it in the directory", {
        chatId,
        newChatId: failure.chatId,
      });
      options.onMoved(failure.chatId);
    } else {
      await fail(call, goal, goal.desired?.kind ?? "start", "the group moves on and on");
    }
  };

  /** A call that waits for another try is ready at once when it wants something else meanwhile. */
  const isReady = (call: LaneCall, retry: Retry): boolean => {
    if (retry.notBefore <= clock.now()) return true;
    const goal = call.goal(chatId);
    return goal === undefined || goalKeyOf(goal) !== retry.goalKey;
  };

  const firstReady = (): [LaneCall, Retry] | undefined => {
    for (const entry of calls) if (isReady(...entry)) return entry;
    return undefined;
  };

  const run = async (): Promise<void> => {
    while (!isStopped && silentUntil <= clock.now()) {
      const next = firstReady();
      if (next === undefined) break;
      const [call, retry] = next;
      try {
        await step(call, retry);
      } catch (error) {
        log.error("cannot bring a card into a chat: this is a fault of the program", {
          chatId,
          error,
        });
        calls.delete(call);
        call.settled(chatId);
      }
    }
  };

  const kick = (): void => {
    if (isRunning || isStopped) return;
    callOffWake();
    isRunning = true;
    running = run().finally(() => {
      isRunning = false;
      if (isStopped) return;
      const now = clock.now();
      if (calls.size === 0 && silentUntil <= now) {
        options.onIdle();
        return;
      }
      const earliest = Math.min(...[...calls.values()].map(({ notBefore }) => notBefore));
      callOffWake = scheduler.at(Math.max(silentUntil > now ? silentUntil : earliest, now), kick);
    });
  };

  return {
    add: (call) => {
      if (!calls.has(call)) {
        calls.set(call, {
          goalKey: "",
          tries: 0,
          firstAt: 0,
          notBefore: 0,
          unsure: undefined,
        });
      }
      kick();
    },
    stop: async () => {
      isStopped = true;
      callOffWake();
      await running;
    },
    isBusy: () => isRunning,
  };
};
