// Who the enterprises and their people are. One interface over the embedded SQLite file and an operator's PostgreSQL.

import type { ChatPreferencesOf } from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { Country } from "../domain/phone.ts";

export type EnterpriseChange = {
  /** Null takes it away. */
  readonly name?: string | null;
  readonly webhookToken?: string;
  readonly secret?: string;
  /** Null takes it away. */
  readonly botToken?: string | null;
  readonly active?: boolean;
  /** Null takes it away. */
  readonly country?: Country | null;
  /** Null takes it away. */
  readonly remindAfter?: string | null;
  /** Null takes them away. */
  readonly hours?: string | null;
  /** Null: as the settings say. */
  readonly recordings?: "none" | null;
};

export type Directory = {
  /** The enterprise of that number, active or not; undefined where there is none. */
  enterpriseByNumber(number: string): Promise<Enterprise | undefined>;
  /** The enterprise whose webhook token (column `name2`) this is, active or not. */
  enterpriseByWebhookToken(token: string): Promise<Enterprise | undefined>;
  /** All enterprises, by number. */
  enterprises(): Promise<Enterprise[]>;
  /** The people who get an enterprise's cards: those with its number, and those without one but with its bot. */
  usersOf(enterprise: Enterprise): Promise<TelegramUser[]>;

  /** @throws DirectoryError where the number or the webhook token is taken. */
  addEnterprise(enterprise: Enterprise): Promise<void>;
  /** @throws DirectoryError where there is no such enterprise. */
  changeEnterprise(number: string, change: EnterpriseChange): Promise<void>;
  /**
   * Removes the people with its number too: a later enterprise of that number must not write to them.
   *
   * @throws DirectoryError where there is no such enterprise.
   */
  removeEnterprise(number: string): Promise<void>;
  /** @throws DirectoryError where the chat is in that enterprise already, or there is no such enterprise. */
  addUser(user: TelegramUser): Promise<void>;
  /** @throws DirectoryError where the chat is not in that enterprise. */
  removeUser(chatId: string, enterpriseNumber: string): Promise<void>;
  /**
   * Removes the chat's row that names that bot and no enterprise.
   *
   * @throws DirectoryError where there is none.
   */
  removeUserOfBot(chatId: string, botToken: string): Promise<void>;
  /** The rows with that number, or all, people known by their bot alone included. */
  users(enterpriseNumber?: string): Promise<TelegramUser[]>;

  /**
   * What chats want of cards, of one enterprise or of all; those that never said anything are not there. Nothing where the
   * table `calllog_chats` is missing.
   */
  chatPreferences(enterpriseNumber?: string): Promise<ChatPreferencesOf[]>;
  /** @throws DirectoryError where the chat is not in that enterprise, or there is no table for it. */
  setChatPreferences(chat: ChatPreferencesOf): Promise<void>;

  /** What works less than it could with this database, each in one line with what to do. @throws as `check` does. */
  remarks(): Promise<readonly string[]>;
  /** Asks the database something small. @throws where it does not answer. */
  check(): Promise<void>;
  /** The time on the database's own machine, in milliseconds since the epoch; absent where it is a file of this one. */
  serverTime?(): Promise<number>;
  close(): Promise<void>;
};
