// Bots and chats: does Telegram know them, does everybody who should be told have a bot that may write to them, and did the
// cards of the last day arrive. Asks and sends nothing.

import type { MessengerFailure } from "../cards/index.ts";
import type { Bot } from "../channels/telegram/index.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { mapAtMost } from "../lib/at-most.ts";
import { printable } from "../lib/printable.ts";
import { DAY_MS } from "../lib/time.ts";
import type { Directory } from "../people/index.ts";
import { recentRecords } from "../store/index.ts";
import { type Check, type Finding, note, ok, wrong } from "./finding.ts";

const reasonOf = (failure: MessengerFailure): string => {
  if (failure.kind === "limited") return "Telegram asks to wait: too many requests";
  if (failure.kind === "migrated") return `the group has become chat ${failure.chatId}`;
  return failure.reason;
};

/** Digits before the colon: the bot's public id. */
const botId = (token: string): string => token.split(":", 1)[0] ?? "";

type BotUse = {
  readonly token: string;
  readonly enterprises: Set<string>;
  readonly chats: Map<string, string>;
};

/** Which bots there are, and whom each writes to; and the enterprises whose cards reach nobody. */
const botUses = async (
  directory: Directory,
  enterprises: readonly Enterprise[],
): Promise<{ readonly uses: readonly BotUse[]; readonly findings: readonly Finding[] }> => {
  const uses = new Map<string, BotUse>();
  const findings: Finding[] = [];
  const useOf = (token: string, number: string): BotUse => {
    const use = uses.get(token) ?? { token, enterprises: new Set(), chats: new Map() };
    uses.set(token, use);
    use.enterprises.add(number);
    return use;
  };
  for (const enterprise of enterprises) {
    const { number, botToken } = enterprise;
    const what = `enterprise ${number}`;
    if (botToken !== null) useOf(botToken, number);
    const users: readonly TelegramUser[] = await directory.usersOf(enterprise);
    for (const user of users) {
      const token = user.botToken ?? botToken;
      if (token !== null) useOf(token, number).chats.set(user.chatId, number);
    }
    if (users.length === 0) {
      const todo = `calllog user invite ${number}`;
      findings.push(note(what, "nobody gets its cards", todo));
    } else if (botToken === null && users.some((user) => user.botToken === null)) {
      const todo = `calllog enterprise set ${number} --bot-token TOKEN`;
      findings.push(wrong(what, "has people to tell but no bot", todo));
    }
  }
  return { uses: [...uses.values()], findings };
};

/** Cards that a chat did not take within the last day, by chat: how many, and why the last one. */
type FailedCards = ReadonlyMap<string, { readonly count: number; readonly reason: string }>;

const failedCards = async (
  dataDir: string,
  enterprises: readonly Enterprise[],
  now: number,
): Promise<FailedCards> => {
  const failed = new Map<string, { count: number; reason: string }>();
  for (const { number } of enterprises) {
    for await (const record of recentRecords(dataDir, number, "TG", now - DAY_MS)) {
      if (record.kind !== "TG" || record.action !== "fail") continue;
      const key = `${record.chatId} ${number}`;
      const known = failed.get(key);
      // Newest first: the first one that is seen is the last that happened.
      if (known === undefined) failed.set(key, { count: 1, reason: record.text });
      else known.count += 1;
    }
  }
  return failed;
};

const REASON_LENGTH = 160;

/** What became of a chat's cards, where it may be written to now. */
const failureOfCards = (chat: string, failed: FailedCards, key: string): Finding[] => {
  const known = failed.get(key);
  if (known === undefined) return [];
  const times = known.count === 1 ? "a card" : `${known.count} cards`;
  const finding = `${times} of the last day did not arrive: ${printable(known.reason, REASON_LENGTH)}`;
  return [note(chat, finding, "see the pages of those calls; calllog tail tells of new ones")];
};

const checkBot = async (bot: Bot, use: BotUse, failed: FailedCards): Promise<Finding[]> => {
  const numbers = [...use.enterprises];
  const what = `bot ${botId(use.token)} of ${numbers.join(", ")}`;
  const name = await bot.whoAmI();
  if (!name.ok) {
    const todo =
      name.error.kind === "refused"
        ? `take the token from @BotFather: calllog enterprise set ${numbers[0]} --bot-token TOKEN`
        : "see that this machine reaches --telegram-api-root, then try again";
    return [wrong(what, reasonOf(name.error), todo)];
  }
  const findings = [ok(what, `is @${name.value}`)];
  for (const [chatId, number] of use.chats) {
    const chat = `chat ${chatId} of ${number}`;
    const known = await bot.mayWrite(chatId);
    const todo = `press Start in the chat with @${name.value} (a group must let the bot in, and let it send messages), or: calllog user remove ${chatId} --enterprise ${number}`;
    findings.push(
      known.ok
        ? ok(chat, "may be written to")
        : wrong(
            chat,
            reasonOf(known.error),
            known.error.kind === "refused" || known.error.kind === "migrated"
              ? todo
              : "try again later",
          ),
    );
    if (known.ok) findings.push(...failureOfCards(chat, failed, `${chatId} ${number}`));
    // The other chats of this bot would wait as long, so they are not asked.
    if (!known.ok && known.error.kind === "unavailable") break;
  }
  return findings;
};

/** Bots asked at the same time; the chats of one bot are asked about one after the other. */
const BOTS_AT_ONCE = 8;

/** Every bot of an active enterprise, and every chat it writes to. */
export const bots: Check = async ({ directory, bot, config, clock }) => {
  if (directory === undefined) return [];
  const enterprises = (await directory.enterprises()).filter(({ active }) => active);
  if (enterprises.length === 0) {
    const todo = "calllog enterprise add NUMBER --name NAME";
    return [note("enterprises", "there are none that are active", todo)];
  }
  const { uses, findings } = await botUses(directory, enterprises);
  const failed = await failedCards(config.dataDir, enterprises, clock.now());
  const found = await mapAtMost(BOTS_AT_ONCE, uses, (use) => checkBot(bot(use.token), use, failed));
  return [...findings, ...found.flat()];
};

/** Whether the operator's chat can be written to. */
export const operatorChat: Check = async ({ config: { operatorChat: chat }, directory, bot }) => {
  if (chat === null || directory === undefined) return [];
  const { enterprise: number, chatId } = chat;
  const what = `operator chat ${chatId}`;
  const enterprise = await directory.enterpriseByNumber(number);
  if (enterprise === undefined || enterprise.botToken === null) {
    const finding =
      enterprise === undefined
        ? `there is no enterprise ${number}`
        : `enterprise ${number} has no bot`;
    return [wrong(what, finding, `calllog enterprise add or set ${number} with --bot-token TOKEN`)];
  }
  const known = await bot(enterprise.botToken).mayWrite(chatId);
  if (known.ok) return [ok(what, `may be written to by the bot of ${number}`)];
  return [
    wrong(
      what,
      reasonOf(known.error),
      "press Start in the chat with that bot, or see the bot above",
    ),
  ];
};
