// What the notifier is handed and hands on. Types alone; the call's own types come from call/ without its code.

import type { Card } from "./decide.ts";

/** A card's text, ready to be sent. */
export type CardText = {
  /** Telegram's HTML subset, escaped, at most 4096 characters after its entities are parsed. */
  readonly html: string;
  /** What the reader sees of it; this is recorded. */
  readonly plain: string;
  /** Only with an address that Telegram takes. */
  readonly button?: { readonly text: string; readonly url: string } | undefined;
};

/** Who gets the cards of an enterprise. */
export type Recipients = {
  readonly chats: readonly Recipient[];
  /** The bot for chats that have cards standing and are recipients no more. */
  readonly botToken: string | null;
};
export type Recipient = { readonly chatId: string; readonly botToken: string };

/** `replace`: the previous card is deleted, the next one sent. `edit`: one message that changes. */
export type TelegramMode = "replace" | "edit";

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
};
