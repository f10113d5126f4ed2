// What those who answer people in a chat have in common: whose messages they are, which enterprises a chat belongs to by
// this bot, and how an answer gets there.

import type { MessengerFailure } from "../../cards/index.ts";
import type { Enterprise, TelegramUser } from "../../domain/enterprise.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Result } from "../../lib/result.ts";
import { createSleeper, type Scheduler } from "../../lib/scheduler.ts";
import type { Directory } from "../../people/index.ts";
import type { DoorTexts } from "../../texts/index.ts";
import type { Bot } from "./bot.ts";

/** The bot's public id: the digits of its token before the colon. It stays when the token is changed. */
export const botIdOf = (token: string): string => token.split(":", 1)[0] ?? "";

/** One bot whose messages are heard. */
export type Door = { readonly botId: string; readonly bot: Bot };

/** Enterprises as people call them. */
export const nameOf = ({ name, number }: Pick<Enterprise, "name" | "number">): string =>
  name ?? number;

/** Whether an error says so of itself (`DirectoryError`). */
export const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/** A row by which a chat gets cards from a bot. */
export type Tie = {
  readonly row: TelegramUser;
  /** Of its number, or of its bot; none where the number's enterprise is gone. */
  readonly enterprises: readonly Enterprise[];
};

/** By which rows the cards of which enterprises come to a chat through this bot. */
export const tiesOf = async (
  directory: Pick<Directory, "enterprises" | "users">,
  botId: string,
  chatId: string,
): Promise<readonly Tie[]> => {
  const enterprises = await directory.enterprises();
  const isDoors = (token: string | null | undefined): boolean => botIdOf(token ?? "") === botId;
  const rows = (await directory.users()).filter((user) => user.chatId === chatId);
  return rows.flatMap((row): Tie[] => {
    const { botToken, enterpriseNumber: number } = row;
    if (number !== null && number !== "") {
      const found = enterprises.filter((one) => one.number === number);
      return isDoors(botToken ?? found[0]?.botToken) ? [{ row, enterprises: found }] : [];
    }
    if (botToken === null || !isDoors(botToken)) return [];
    return [{ row, enterprises: enterprises.filter((one) => one.botToken === botToken) }];
  });
};

/** The names of the enterprises, each once. */
export const namesOf = (ties: readonly Tie[]): string => {
  const names = ties.flatMap(({ row, enterprises }) =>
    enterprises.length === 0 ? [row.enterpriseNumber ?? ""] : enterprises.map(nameOf),
  );
  return [...new Set(names)].filter((name) => name !== "").join(", ");
};

/** What /start is answered: whose cards come here already, or how to be let in. */
export const greetingOf = (ties: readonly Tie[], chatId: string, texts: DoorTexts): string =>
  ties.length === 0 ? texts.stranger(chatId) : texts.already(namesOf(ties));

const MAX_TRIES = 3;
/** An answer that Telegram wants later than this is not given: cards come first. In milliseconds. */
const LATEST_ANSWER_MS = 30_000;

export type Answering = {
  /** Asks Telegram for something, again where that helps; what does not help is logged. Never throws. */
  deliver<T>(
    { botId }: Door,
    chatId: string,
    request: () => Promise<Result<T, MessengerFailure>>,
  ): Promise<Result<T, MessengerFailure>>;
  tell(door: Door, chatId: string, text: string): Promise<void>;
  /** In a group, `/stop@other_bot` is another one's. */
  isMeant(door: Door, userName: string | undefined): Promise<boolean>;
  /** Nothing is tried again from now on. */
  stop(): void;
};

export const createAnswering = (options: {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
}): Answering => {
  const { clock, scheduler, log } = options;
  const sleeper = createSleeper(clock, scheduler);
  const userNames = new Map<string, string>();
  let isStopped = false;

  const deliver: Answering["deliver"] = async ({ botId }, chatId, request) => {
    for (let tries = 1; ; tries++) {
      const done = await request();
      if (done.ok) return done;
      const { error } = done;
      // A menu that says so already.
      if (error.kind === "refused" && error.why === "not-modified") return done;
      const waitMs = error.kind === "limited" ? error.retryAfterMs : tries * 1000;
      const mayTry = error.kind === "limited" || (error.kind === "unavailable" && !error.unsure);
      if (!mayTry || tries === MAX_TRIES || waitMs > LATEST_ANSWER_MS || isStopped) {
        const reason = "reason" in error ? error.reason : error.kind;
        log.warn("cannot answer in a chat", { bot: botId, chat: chatId, reason });
        return done;
      }
      await sleeper.sleep(waitMs);
    }
  };

  return {
    deliver,
    tell: async (door, chatId, text) => {
      await deliver(door, chatId, () => door.bot.send(chatId, { pieces: [text], plain: text }));
    },
    isMeant: async ({ bot, botId }, userName) => {
      if (userName === undefined) return true;
      let own = userNames.get(botId);
      if (own === undefined) {
        const asked = await bot.whoAmI();
        // Rather one answer too many than a person who is not let in.
        if (!asked.ok) return true;
        own = asked.value;
        userNames.set(botId, own);
      }
      return own.toLowerCase() === userName.toLowerCase();
    },
    stop: () => {
      isStopped = true;
      sleeper.wakeAll();
    },
  };
};
