// What people write to a bot and press under its messages, as far as it is heard (Bot API, "Getting updates").

import type { CallbackQuery, Message, Update } from "grammy/types";

/** An update, of which only text messages of people and groups and pressed buttons are told. */
export type Incoming = {
  readonly updateId: number;
  readonly message: IncomingMessage | undefined;
  readonly press: IncomingPress | undefined;
};

export type IncomingMessage = {
  readonly chatId: string;
  readonly isGroup: boolean;
  /** The person's, or the group's title. As Telegram has them. */
  readonly firstName: string;
  readonly lastName: string | undefined;
  /** IETF tag of the language the sender's Telegram is set to. */
  readonly languageCode: string | undefined;
  readonly text: string;
  /** The forum topic that it was written in; null: General, or no forum. */
  readonly topic: number | null;
  readonly sender: Sender;
};

/** Who wrote or pressed. */
export type Sender = {
  /** Undefined where Telegram does not tell. */
  readonly userId: number | undefined;
  /** An administrator who writes as the group itself: Telegram tells no more, and lets nobody else do so. */
  readonly isAsGroup: boolean;
};

/** A pressed button. Its data can be sent without a button too, by whoever sees a message of the bot. */
export type IncomingPress = {
  /** To answer it by. */
  readonly id: string;
  readonly data: string | undefined;
  readonly languageCode: string | undefined;
  readonly sender: Sender;
  /** The message with the button; undefined where it was sent through another chat's input field. */
  readonly under:
    | {
        readonly chatId: string;
        readonly isGroup: boolean;
        readonly messageId: number;
        readonly topic: number | null;
      }
    | undefined;
};

/** The account that stands for all anonymous administrators of groups (Bot API, `Message.sender_chat`). */
const GROUP_ANONYMOUS_BOT = 1_087_968_824;

/** Replies in groups without topics have a thread as well. */
const topicOf = (
  message: Pick<Message, "is_topic_message" | "message_thread_id">,
): number | null =>
  message.is_topic_message === true ? (message.message_thread_id ?? null) : null;

const messageOf = (message: Message | undefined): IncomingMessage | undefined => {
  if (message?.text === undefined) return undefined;
  const { chat, from, text, sender_chat: senderChat } = message;
  return {
    chatId: String(chat.id),
    isGroup: chat.type !== "private",
    firstName: chat.type === "private" ? chat.first_name : chat.title,
    lastName: chat.type === "private" ? chat.last_name : undefined,
    languageCode: from?.language_code,
    text,
    topic: topicOf(message),
    sender: { userId: from?.id, isAsGroup: senderChat?.id === chat.id },
  };
};

const pressOf = (query: CallbackQuery | undefined): IncomingPress | undefined => {
  if (query === undefined) return undefined;
  const { id, data, from, message } = query;
  return {
    id,
    data,
    languageCode: from.language_code,
    // Presses name the person, be it an anonymous administrator.
    sender: { userId: from.id, isAsGroup: from.id === GROUP_ANONYMOUS_BOT },
    under: message && {
      chatId: String(message.chat.id),
      isGroup: message.chat.type !== "private",
      messageId: message.message_id,
      topic: topicOf(message),
    },
  };
};

export const incomingOf = ({ update_id: updateId, message, callback_query }: Update): Incoming => ({
  updateId,
  message: messageOf(message),
  press: pressOf(callback_query),
});
