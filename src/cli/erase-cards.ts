// The cards of an erased subscriber's calls: deleted while Telegram does that, and replaced by a line where it does not.

import { existsSync } from "node:fs";
import { createBot } from "../channels/telegram/index.ts";
import { type Config, sqlitePathOf } from "../config/index.ts";
import { ANSWER_TIMEOUT_MS } from "../doctor/index.ts";
import { errorText } from "../lib/errors.ts";
import { pause } from "../lib/pause.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { HOUR_MS } from "../lib/time.ts";
import type { StandingCard } from "../store/index.ts";
import { actTextsOf } from "../texts/index.ts";
import type { CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { withDirectory } from "./with-directory.ts";

/** Telegram deletes a bot's message no later (Bot API, `deleteMessage`). */
const DELETABLE_MS = 48 * HOUR_MS;
/** Requests to Telegram follow each other so, in milliseconds: it takes 30 a second. */
const CARD_PAUSE_MS = 50;

export type Cards = { deleted: number; edited: number; failed: number };

/** The bot's token; undefined where there is none, or the directory does not answer, which is said. */
const tokenOf = async (
  { stderr }: CliContext,
  args: CommandArgs,
  config: Config,
): Promise<string | undefined> => {
  if (config.databaseUrl === null && !existsSync(sqlitePathOf(config))) return undefined;
  try {
    return await withDirectory(args, async (directory) => {
      const enterprise = await directory.enterpriseByNumber(args.operand("ENT"));
      return enterprise?.botToken ?? undefined;
    });
  } catch (error) {
    stderr.write(`calllog: cards in chats stay, the bot is not known: ${errorText(error)}\n`);
    return undefined;
  }
};

/** Deletes cards that Telegram still deletes, and puts a line in the place of older ones. */
export const clearCards = async (
  context: CliContext,
  args: CommandArgs,
  config: Config,
  cards: readonly StandingCard[],
): Promise<Cards> => {
  const { clock } = context;
  const done = { deleted: 0, edited: 0, failed: 0 };
  const token = cards.length === 0 ? undefined : await tokenOf(context, args, config);
  if (token === undefined) return { ...done, failed: cards.length };
  const bot = createBot(token, {
    apiRoot: config.telegramApiRoot,
    scheduler: systemScheduler(clock),
    now: clock.now,
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  const text = actTextsOf(config.lang).card;
  for (const { chatId, messageId, at } of cards) {
    const isYoung = clock.now() - at < DELETABLE_MS;
    const removed = isYoung ? await bot.remove(chatId, messageId) : undefined;
    if (removed?.ok) done.deleted += 1;
    else {
      const edited = await bot.edit(chatId, messageId, { pieces: [text], plain: text });
      if (edited.ok) done.edited += 1;
      else done.failed += 1;
    }
    await pause(CARD_PAUSE_MS);
  }
  return done;
};
