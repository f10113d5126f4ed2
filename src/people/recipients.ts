// Who gets the cards of an enterprise, decided on rows in memory: one rule for every database and for cached answers.

import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";

/**
 * The people with the enterprise's number, and those without a number but with its bot; by chat, one row a chat, the row
 * with the number where there are two.
 */
export const recipientsOf = (
  users: readonly TelegramUser[],
  { number, botToken }: Pick<Enterprise, "number" | "botToken">,
): TelegramUser[] => {
  const chats = new Map<string, TelegramUser>();
  for (const user of users) {
    const known = chats.get(user.chatId);
    const isNumbered = user.enterpriseNumber === number;
    const isByBot = !user.enterpriseNumber && botToken !== null && user.botToken === botToken;
    if (isNumbered ? !known?.enterpriseNumber : isByBot && known === undefined) {
      chats.set(user.chatId, user);
    }
  }
  return [...chats.values()].sort(byChat);
};

/** By chat id as a number, groups (negative) first. */
export const byChat = (a: TelegramUser, b: TelegramUser): number =>
  Number(a.chatId) - Number(b.chatId);
