// Types that the notifier exchanges with its callers.

import type { ChatPreferences } from "../domain/chat-preferences.ts";
import type { Card } from "./decide.ts";

/** Who gets the cards of an enterprise. */
export type Recipients = {
  readonly chats: readonly Recipient[];
  /** The account for chats that have cards standing and are recipients no more; null: they are left alone. */
  readonly account: string | null;
};
/** `account`: which account of the messenger writes to the chat (in Telegram: the bot's token). */
export type Recipient = {
  readonly chatId: string;
  readonly account: string;
  /** Without any: everything, as it is. */
  readonly preferences?: ChatPreferences;
};

/** `replace`: the previous card is deleted, the next one sent. `edit`: one message that changes. */
export type CardMode = "replace" | "edit";

/** What a chat should show of a call. */
export type DesiredCard = {
  readonly kind: Card["kind"];
  readonly final: boolean;
  /** Equal for cards between which the reader sees no difference. */
  readonly key: string;
  /** The text as it is recorded. */
  readonly text: string;
  /** False: the chat may be put in order, but nobody is to be rung. */
  readonly announce: boolean;
  /** Nobody answered the customer: worth a message of its own also where cards are edited. */
  readonly missed: boolean;
  /** What the card says of what became of the call, as it is recorded; "" for nothing. */
  readonly follow: string;
};
