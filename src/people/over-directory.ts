// A Directory with some methods replaced, for measuring one or closing more with it.

import type { Directory } from "./types.ts";

/** A directory with the methods of `over`, and those of `inner` for the rest. */
export const overDirectory = (inner: Directory, over: Partial<Directory>): Directory => ({
  enterpriseByNumber: (number) => inner.enterpriseByNumber(number),
  enterpriseByWebhookToken: (token) => inner.enterpriseByWebhookToken(token),
  enterprises: () => inner.enterprises(),
  usersOf: (enterprise) => inner.usersOf(enterprise),
  addEnterprise: (enterprise) => inner.addEnterprise(enterprise),
  changeEnterprise: (number, change) => inner.changeEnterprise(number, change),
  removeEnterprise: (number) => inner.removeEnterprise(number),
  addUser: (user) => inner.addUser(user),
  removeUser: (chatId, number) => inner.removeUser(chatId, number),
  removeUserOfBot: (chatId, botToken) => inner.removeUserOfBot(chatId, botToken),
  users: (number) => inner.users(number),
  chatPreferences: (number) => inner.chatPreferences(number),
  setChatPreferences: (chat) => inner.setChatPreferences(chat),
  remarks: () => inner.remarks(),
  check: () => inner.check(),
  close: () => inner.close(),
  ...over,
});
