// What a new bot does to an enterprise's people. A bot cannot write first, and a row of telegram_users may name a bot
// itself: so a changed token can leave people without cards, and nobody would notice. Pure, but for moving them.

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
