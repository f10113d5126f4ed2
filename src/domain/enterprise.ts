// The tenant: one client enterprise, known by its number (`0367`), and the people who get its cards.

import type { Country } from "./phone.ts";

/** What an enterprise number looks like; it names a folder, so nothing else is ever let near a path. */
const ENTERPRISE_NUMBER = /^[A-Za-z0-9_-]{1,32}$/;

/** Whether `text` may be an enterprise number: 1 to 32 of `A-Z a-z 0-9 _ -`. */
export const isEnterpriseNumber = (text: string): boolean => ENTERPRISE_NUMBER.test(text);

export type Enterprise = {
  /** Such as `0367`; also the name of the folder with its records. */
  readonly number: string;
  /** Column `name`; null where the operator's table has none. */
  readonly name: string | null;
  /** Column `name2`: the `Token` its PBXs put into every event. */
  readonly webhookToken: string | null;
  /** Column `secret`: opens the enterprise's pages. */
  readonly secret: string;
  /** Column `bot_token`: the Telegram bot that sends its cards. */
  readonly botToken: string | null;
  /** `false`: its events are answered 401 and its pages 403. */
  readonly active: boolean;
  /** Column `country`: in whose numbering plan its local numbers are read; none: that of `--country`. */
  readonly country?: Country | null;
  /** Column `remind_after`: a duration such as `15m`, or `never`; none: that of `--remind-after`. */
  readonly remindAfter?: string | null;
  /** Column `hours`: when its people work (`mon-fri 09:00-18:00`); none: those of `--hours`. */
  readonly hours?: string | null;
  /** Column `recordings`: `none` where nobody hears the recordings of its calls; else they do as the settings say. */
  readonly recordings?: "none" | null;
};

/** A person who gets the cards of one enterprise (a row of `telegram_users`). */
export type TelegramUser = {
  /** Telegram chat id, an integer of up to 52 bits written in decimal; negative for groups. */
  readonly chatId: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  /** The bot the person talks to; ties people without a number to the enterprise of that bot. */
  readonly botToken: string | null;
  readonly enterpriseNumber: string | null;
};
