// What an operator changes of the people who get cards: the same for the command line and the console.

import {
  type ChatPreferences,
  DEFAULT_PREFERENCES,
  type PreferenceName,
  readPreferences,
} from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { TextRule } from "../lib/text-rule.ts";
import { chatIdRule, type Directory, lineRule } from "../people/index.ts";

/** Who is let in; what is not given is not known. */
export type NewPerson = {
  readonly chatId: string;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
};

/** What each of them may be, as it is written. */
export const PERSON_RULES: { readonly [name in keyof Required<NewPerson>]: TextRule } = {
  chatId: chatIdRule,
  firstName: lineRule,
  lastName: lineRule,
  email: lineRule,
};

/**
 * Lets a chat get the cards of an enterprise, and answers the enterprise.
 *
 * @throws DirectoryError where the chat is in that enterprise already, or there is no such enterprise
 */
export const addPerson = async (
  directory: Pick<Directory, "addUser" | "enterpriseByNumber">,
  enterpriseNumber: string,
  { chatId, firstName, lastName, email }: NewPerson,
): Promise<Enterprise | undefined> => {
  const user: TelegramUser = {
    chatId,
    firstName: firstName ?? null,
    lastName: lastName ?? null,
    email: email ?? null,
    botToken: null,
    enterpriseNumber,
  };
  await directory.addUser(user);
  return directory.enterpriseByNumber(enterpriseNumber);
};

/** What a chat wants of an enterprise's cards now. @throws DirectoryError */
export const preferencesOf = async (
  directory: Pick<Directory, "chatPreferences">,
  chatId: string,
  enterpriseNumber: string,
): Promise<ChatPreferences> =>
  (await directory.chatPreferences(enterpriseNumber)).find((chat) => chat.chatId === chatId)
    ?.preferences ?? DEFAULT_PREFERENCES;

/**
 * Changes preferences, as texts that `preferenceRule` allows; what is not there stays. Answers what they are then.
 *
 * @throws DirectoryError where the chat is not in that enterprise, or there is no table for it
 */
export const setPreferences = async (
  directory: Pick<Directory, "chatPreferences" | "setChatPreferences">,
  { chatId, enterpriseNumber }: { readonly chatId: string; readonly enterpriseNumber: string },
  texts: { readonly [Name in PreferenceName]?: string | undefined },
): Promise<ChatPreferences> => {
  const preferences = readPreferences(
    texts,
    await preferencesOf(directory, chatId, enterpriseNumber),
  );
  await directory.setChatPreferences({ chatId, enterpriseNumber, preferences });
  return preferences;
};
