// The port to a messenger: what cards need of it, in words that fit any of them. An implementation is a folder of
// src/channels; one value of it is one account there (a bot).

import type { Result } from "../lib/result.ts";
import type { Piece } from "./message.ts";

/** A message, ready to be sent. */
export type CardText = {
  /** Texts and their emphasis; a string is text, whatever it holds. */
  readonly pieces: readonly Piece[];
  /** What the reader sees, without emphasis; this is recorded. */
  readonly plain: string;
  /** The part of it that tells what became of a missed call; "" or undefined where there is none. */
  readonly follow?: string;
  /** Only with an address that the messenger takes. */
  readonly button?: { readonly text: string; readonly url: string } | undefined;
};

/** How a message arrives. */
export type SendingManner = {
  /** Without a sound. */
  readonly isSilent: boolean;
  /** The topic of a group that it goes to; null: the group itself. */
  readonly topic: number | null;
  /** The message of that chat that it answers, while that is there. */
  readonly replyTo?: number;
};

/** What differs between messengers and matters to what is done. */
export type Capabilities = {
  /** As people call it. */
  readonly name: string;
  /** How long a message can be deleted after it was sent, in milliseconds. */
  readonly deletableMs: number;
};

export type MessengerFailure =
  /** Too many messages: nothing goes to this chat before that time is over. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** The group has become another chat. */
  | { readonly kind: "migrated"; readonly chatId: string }
  /** It will not be done: asking again changes nothing. */
  | { readonly kind: "refused"; readonly reason: string; readonly why: Refusal }
  /** The messenger could not be reached, or failed itself. `unsure`: it may have been done all the same. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly unsure: boolean };

/** Refusals that mean something for what to do next. */
export type Refusal =
  | ("no-message" | "not-modified" | "not-editable" | "button" | "topic")
  /** Another program uses the account in a way that excludes us. */
  | "conflict"
  /** There is no such account, or no more. */
  | "bot-token"
  | "other";

/** One account of a messenger. No method rejects or tries again. */
export type Messenger = {
  readonly capabilities: Capabilities;
  /** Sends a card; answers the message's id, a whole number. */
  send(
    chatId: string,
    text: CardText,
    how?: SendingManner,
  ): Promise<Result<number, MessengerFailure>>;
  edit(chatId: string, messageId: number, text: CardText): Promise<Result<true, MessengerFailure>>;
  remove(chatId: string, messageId: number): Promise<Result<true, MessengerFailure>>;
  /** Tells whether the messenger can be reached, and changes nothing. Answers the account's name. */
  whoAmI(): Promise<Result<string, MessengerFailure>>;
};
