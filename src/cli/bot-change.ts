// What a new bot does to an enterprise's people. A bot cannot write first, and a row of telegram_users may name a bot
// itself: so a changed token can leave people without cards, and nobody would notice. Pure; the command prints it.

import { botIdOf } from "../channels/telegram/index.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { Directory } from "../people/index.ts";

export type AffectedPeople = {
  /** Known by the old bot's token alone: theirs are no longer the enterprise's cards. */
  readonly lost: readonly TelegramUser[];
  /** Their own row names the old token: it goes on being used, for as long as Telegram takes it. */
  readonly onOldToken: readonly TelegramUser[];
  /** Written to by the enterprise's bot: the new one must be started by each of them. Empty where it is the same bot. */
  readonly mustStart: readonly TelegramUser[];
};

/** A bot keeps its id, its chats and its user name when @BotFather gives it a new token. */
export const isSameBot = (old: string | null, next: string | null): boolean =>
  old !== null && next !== null && botIdOf(old) === botIdOf(next);

/**
 * @param users all rows, of all enterprises and of none
 * @param next the new token; null: none
 */
export const affectedPeople = (
  enterprise: Enterprise,
  users: readonly TelegramUser[],
  next: string | null,
): AffectedPeople => {
  const { number, botToken: old } = enterprise;
  const hasNumber = (user: TelegramUser): boolean => (user.enterpriseNumber ?? "") !== "";
  const own = users.filter((user) => user.enterpriseNumber === number);
  const ownChats = new Set(own.map(({ chatId }) => chatId));
  const isOld = ({ botToken }: TelegramUser): boolean => botToken !== null && botToken === old;
  return {
    lost: users.filter((user) => !hasNumber(user) && isOld(user) && !ownChats.has(user.chatId)),
    onOldToken: own.filter(isOld),
    mustStart: isSameBot(old, next) ? [] : own.filter(({ botToken }) => botToken === null),
  };
};

/** As many are named; the rest is a number. */
const MAX_NAMED = 20;

const lineOf = ({ chatId, firstName, lastName }: TelegramUser): string =>
  `  ${[chatId, firstName, lastName].filter((part) => part !== null && part !== "").join("  ")}`;

const section = (title: string, people: readonly TelegramUser[]): string => {
  if (people.length === 0) return "";
  const named = people.slice(0, MAX_NAMED).map(lineOf);
  const more = people.length - named.length;
  if (more > 0) named.push(`  and ${more} more`);
  return `\n${title}: ${people.length}\n${named.join("\n")}\n`;
};

/** Who is affected and what to do, as text; empty where nobody is. */
export const affectedText = (
  { number }: Enterprise,
  affected: AffectedPeople,
  next: string | null,
): string => {
  const { lost, onOldToken, mustStart } = affected;
  const mustStartTitle =
    next === null
      ? "Get no cards while the enterprise has no bot"
      : "Get cards once they press Start in the new bot (a group must let it in), since a bot cannot write first";
  const parts = [
    section("Known by the old bot alone, get no more cards of this enterprise", lost),
    section("Still written to by the old bot, whose token stands in their own rows", onOldToken),
    section(mustStartTitle, mustStart),
  ];
  const add = `calllog user add CHAT_ID --enterprise ${number}`;
  if (lost.length > 0) parts.push(`\nTo let one of the first back in: ${add}\n`);
  if (onOldToken.length > 0) {
    const remove = `calllog user remove CHAT_ID --enterprise ${number}`;
    parts.push(`\nTo move one of those on the old token: ${remove}, then ${add}\n`);
  }
  if (lost.length + onOldToken.length > 0) {
    parts.push("With --move-people this is done for all of them.\n");
  }
  return parts.join("");
};

/**
 * Lets the people who are known by the old token be the enterprise's by its number, so that the next bot is theirs too.
 * To be done before the token changes: they get cards all the while.
 */
export const movePeople = async (
  directory: Pick<Directory, "addUser" | "removeUser">,
  { number }: Enterprise,
  { lost, onOldToken }: AffectedPeople,
): Promise<void> => {
  const moved = (user: TelegramUser): TelegramUser => ({
    ...user,
    botToken: null,
    enterpriseNumber: number,
  });
  const seen = new Set<string>();
  for (const user of lost) {
    // Their old row stays: other enterprises may have the same bot.
    if (!seen.has(user.chatId)) await directory.addUser(moved(user));
    seen.add(user.chatId);
  }
  for (const user of onOldToken) {
    await directory.removeUser(user.chatId, number);
    await directory.addUser(moved(user));
  }
};
