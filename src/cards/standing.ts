// Which cards of a call stand in the chats, read from its TG records. The files are the only memory, so the answer
// survives a crash and is the same in every process.

import { DIGEST_TYPE, REMINDER_TYPE, type StoredRecord, type TgRecord } from "../domain/record.ts";

export type StandingCard = {
  readonly chatId: string;
  readonly messageId: number;
  /** `start dial bridge hangup`, as recorded. */
  readonly kind: string;
  /** What the reader sees, at most 1000 code points of it. */
  readonly text: string;
  /** When it was sent, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** It was changed since. */
  readonly isEdited: boolean;
};

export type ChatState = {
  /** Oldest first; more than one only after two calls proved to be one, or after a crash. */
  readonly standing: readonly StandingCard[];
  /** Kinds of card this chat refused (`fail` records) and did not take later: they are not tried again. */
  readonly refused: ReadonlySet<string>;
};

/** Messages that are no cards: a reminder stands beside the card, a digest is of no call. */
const NO_CARDS: ReadonlySet<string> = new Set([DIGEST_TYPE, REMINDER_TYPE]);

/** Whether a record tells of a card. */
export const isCardRecord = (record: StoredRecord): record is StoredRecord & TgRecord =>
  record.kind === "TG" && !NO_CARDS.has(record.messageType);

/** Every chat that heard of the call, with what stands in it. */
export const chatStates = (records: readonly StoredRecord[]): Map<string, ChatState> => {
  const chats = new Map<string, { standing: StandingCard[]; refused: Set<string> }>();
  for (const record of records) {
    if (!isCardRecord(record)) continue;
    const chat = chats.get(record.chatId) ?? { standing: [], refused: new Set<string>() };
    chats.set(record.chatId, chat);
    const at = chat.standing.findIndex((card) => card.messageId === record.messageId);
    const card: StandingCard = {
      chatId: record.chatId,
      messageId: record.messageId,
      kind: record.messageType,
      text: record.text,
      sentAt: at === -1 ? record.at : (chat.standing[at] as StandingCard).sentAt,
      isEdited: record.action === "edit",
    };
    if (record.action === "fail") chat.refused.add(record.messageType);
    else if (record.action === "delete") {
      if (at !== -1) chat.standing.splice(at, 1);
    } else {
      // A note that a first try got no answer stands before the record of the second.
      chat.refused.delete(record.messageType);
      if (at === -1) chat.standing.push(card);
      else chat.standing[at] = card;
    }
  }
  return chats;
};
