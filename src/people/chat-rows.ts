// Rows of the table `calllog_chats`, the same in both databases: what a chat wants, as text.

import {
  type ChatPreferencesOf,
  readPreferences,
  storedPreferences,
} from "../domain/chat-preferences.ts";
import type { TelegramUser } from "../domain/enterprise.ts";
import { DirectoryError } from "./errors.ts";

export type ChatRow = { readonly [column: string]: string | null };

export const toChatPreferences = (row: ChatRow): ChatPreferencesOf => ({
  chatId: row["tg_id"]?.trim() ?? "",
  enterpriseNumber: row["enterprise_number"] ?? "",
  preferences: readPreferences({
    cards: row["cards"],
    extensions: row["extensions"],
    topic: row["thread_id"],
    quiet: row["quiet"],
    digest: row["digest"],
    lang: row["lang"],
    numbers: row["numbers"],
  }),
});

/** The columns beside the chat's id and the enterprise's number, in the order of the table. */
export const chatValues = ({
  preferences,
}: ChatPreferencesOf): readonly (readonly [column: string, value: string | null])[] => {
  const { cards, extensions, topic, quiet, digest, lang, numbers } = storedPreferences(preferences);
  return [
    ["cards", cards],
    ["extensions", extensions],
    ["thread_id", topic],
    ["quiet", quiet],
    ["digest", digest],
    ["lang", lang],
    ["numbers", numbers],
  ];
};

/** @throws DirectoryError `not-found` where the chat gets no cards of the enterprise. */
export const assertChatIn = (
  people: readonly TelegramUser[],
  { chatId, enterpriseNumber }: ChatPreferencesOf,
  what: string,
): void => {
  if (people.some((user) => user.chatId === chatId)) return;
  throw new DirectoryError(
    "not-found",
    `cannot ${what}: it gets no cards of that enterprise; calllog user add ${chatId} --enterprise ${enterpriseNumber}`,
  );
};
