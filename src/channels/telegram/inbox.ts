// Receives what people write to one bot, message by message (long polling). An update is confirmed to Telegram after
// it was handled and before the next one, so that a crash handles at most one of them twice. When to listen, and what
// a message means, is decided by the caller.

import type { MessengerFailure } from "../../cards/index.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { createSleeper, type Scheduler } from "../../lib/scheduler.ts";
import type { Bot } from "./bot.ts";
import type { Incoming } from "./incoming.ts";

/** `listening`: told at once (long polling). `glancing`: asked now and then. `closing`: what is there, then no more. */
export type Pace = "listening" | "glancing" | "closing";

export type InboxOptions = {
  readonly bot: Pick<Bot, "incoming">;
  /** Digits of its token; for the log. */
  readonly botId: string;
  /** Does what a message asks for, and answers whether it asked for anything. Never throws. */
  readonly handle: (incoming: Incoming) => Promise<boolean>;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
};

export type Inbox = {
  /** Takes effect at once. */
  setPace(pace: Pace): void;
  /** Ends at once: finishes the message under way and confirms it; later ones stay with Telegram, for a day. */
  stop(): Promise<void>;
  /** Resolves when it has ended, by `stop` or after `closing`. */
  readonly ended: Promise<void>;
};

/** How long Telegram holds a request until something comes. In seconds. */
const LISTEN_SECONDS = 30;
/** Somebody who wants to leave is heard within this time where nobody listens. In milliseconds. */
export const GLANCE_EVERY_MS = 60_000;
/** A server that does not hold requests is asked no more often than this. In milliseconds. */
const LEAST_EVERY_MS = 1000;
/** Waits after failures in a row; two programs that take turns must not do so in step. In milliseconds. */
const RETRY_DELAYS_MS = [2000, 5000, 15_000, 60_000] as const;
/** A bot whose token is wrong is asked again this late. In milliseconds. */
const WRONG_TOKEN_DELAY_MS = 600_000;
/** The same trouble is told again after this long. In milliseconds. */
const TELL_EVERY_MS = 3600_000;
/** What the last confirmation of a program that is told to stop may take. In milliseconds. */
const LAST_WORD_MS = 2000;

const delayOf = (failure: MessengerFailure, failures: number): number => {
  if (failure.kind === "limited") return failure.retryAfterMs;
  if (failure.kind === "refused" && failure.why === "bot-token") return WRONG_TOKEN_DELAY_MS;
  return RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length) - 1] ?? 0;
};

/** What an operator should know, and do. */
const complaintOf = (failure: MessengerFailure): string => {
  if (failure.kind === "refused" && failure.why === "conflict") {
    return /webhook/i.test(failure.reason)
      ? "cannot hear who opens an invitation: the bot has a webhook, so its messages go to another program; use a bot of its own, or take the webhook away (deleteWebhook)"
      : "cannot hear who opens an invitation: another program asks for this bot's messages too; stop it, or use a bot of its own";
  }
  if (failure.kind === "refused" && failure.why === "bot-token") {
    return "cannot hear who opens an invitation: Telegram does not know the bot's token; take the right one from @BotFather: calllog enterprise set NUMBER --bot-token TOKEN";
  }
  return "cannot hear who opens an invitation, trying again: Telegram does not answer as it should";
};

/** Starts to ask for the bot's messages. */
export const createInbox = (options: InboxOptions): Inbox => {
  const { bot, botId, handle, clock, scheduler, log } = options;
  let { pace } = options;
  let isStopping = false;
  /** Telegram is told, by the next request, to forget what lies before. */
  let from: number | undefined;
  let confirmed: number | undefined;
  let failures = 0;
  let told = { complaint: "", at: 0 };
  let interrupt = (): void => undefined;
  const sleeper = createSleeper(clock, scheduler);

  const pause = (ms: number): Promise<void> => {
    interrupt = sleeper.wakeAll;
    return sleeper.sleep(ms);
  };

  const ask = async (): Promise<readonly Incoming[] | MessengerFailure | "interrupted"> => {
    const controller = new AbortController();
    interrupt = () => controller.abort();
    const asked = from;
    const waitSeconds = pace === "listening" ? LISTEN_SECONDS : 0;
    const answer = await bot.incoming({ from: asked, waitSeconds, signal: controller.signal });
    if (!answer.ok) return controller.signal.aborted ? "interrupted" : answer.error;
    confirmed = asked;
    return answer.value;
  };

  const failed = (failure: MessengerFailure): void => {
    failures += 1;
    const isConflict = failure.kind === "refused" && failure.why === "conflict";
    // Where one process follows another, Telegram may still hold the last request of the first.
    if (failure.kind === "limited" || (isConflict && failures === 1)) return;
    const complaint = complaintOf(failure);
    if (complaint === told.complaint && clock.now() - told.at < TELL_EVERY_MS) return;
    told = { complaint, at: clock.now() };
    const reason = "reason" in failure ? failure.reason : failure.kind;
    log.warn(complaint, { bot: botId, reason });
  };

  const handleAll = async (messages: readonly Incoming[]): Promise<void> => {
    for (const message of messages) {
      if (isStopping) return;
      const wasActedOn = await handle(message);
      from = message.updateId + 1;
      // Confirmed before the next one is touched.
      if (wasActedOn) return;
    }
  };

  const run = async (): Promise<void> => {
    while (!isStopping) {
      const askedAt = clock.now();
      const answer = await ask();
      if (answer === "interrupted" || isStopping) continue;
      if (!("length" in answer)) {
        if (pace === "closing") return;
        failed(answer);
        await pause(delayOf(answer, failures));
        continue;
      }
      if (failures > 0 && told.complaint !== "") {
        log.info("the bot's messages can be heard again", { bot: botId });
        told = { complaint: "", at: 0 };
      }
      failures = 0;
      await handleAll(answer);
      if (answer.length > 0) continue;
      if (pace === "closing") return;
      if (pace === "glancing") await pause(GLANCE_EVERY_MS);
      else if (clock.now() - askedAt < LEAST_EVERY_MS) await pause(LEAST_EVERY_MS);
    }
  };

  const confirmLast = async (): Promise<void> => {
    if (from === confirmed) return;
    const controller = new AbortController();
    const callOff = scheduler.at(clock.now() + LAST_WORD_MS, () => controller.abort());
    await bot.incoming({ from, waitSeconds: 0, signal: controller.signal });
    callOff();
  };

  const ended = run().then(confirmLast);
  return {
    ended,
    setPace: (next) => {
      if (next === pace) return;
      pace = next;
      interrupt();
    },
    stop: () => {
      isStopping = true;
      interrupt();
      return ended;
    },
  };
};
