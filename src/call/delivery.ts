// What each chat was sent about a call, read from its TG records: sends, edits, deletions and failures, the delay
// after the preceding event, and whether the card that stands in the chat is the final one.

import type { StoredRecord, TgRecord } from "../domain/record.ts";

/**
 * `final`: the final card stands; `current`: the call goes on and a card stands; `outdated`: the call is over and an
 * earlier card still stands; `failed`: no card stands and the last attempt was refused; `removed`: no card stands.
 */
export type DeliveryState = "final" | "current" | "outdated" | "failed" | "removed";

export type DeliveryStep = {
  readonly record: StoredRecord & TgRecord;
  /** Since the event received last before it, in milliseconds; undefined where none was. */
  readonly afterMs: number | undefined;
};

export type Delivery = {
  readonly chatId: string;
  readonly state: DeliveryState;
  /** What the reader of the chat sees now, without markup; "" where nothing stands or its text is not known. */
  readonly shown: string;
  /** Oldest first, never empty. */
  readonly steps: readonly DeliveryStep[];
};

const FINAL = "hangup";

const stateOf = (steps: readonly DeliveryStep[], isOver: boolean): [DeliveryState, string] => {
  const standing = new Map<number, TgRecord>();
  for (const { record } of steps) {
    if (record.action === "delete") standing.delete(record.messageId);
    else if (record.action !== "fail") standing.set(record.messageId, record);
  }
  const cards = [...standing.values()];
  const card = cards.findLast(({ messageType }) => messageType === FINAL) ?? cards.at(-1);
  if (card === undefined) {
    return [steps.at(-1)?.record.action === "fail" ? "failed" : "removed", ""];
  }
  if (card.messageType === FINAL) return ["final", card.text];
  return [isOver ? "outdated" : "current", card.text];
};

/**
 * Every chat that a call's records speak of, in the order in which they were first written to.
 *
 * @param records oldest first
 * @param isOver nothing more is expected of the call, so that only a final card is the last word
 */
export const deliveriesOf = (records: readonly StoredRecord[], isOver: boolean): Delivery[] => {
  const chats = new Map<string, DeliveryStep[]>();
  let eventAt: number | undefined;
  for (const record of records) {
    if (record.kind === "AST") eventAt = record.at;
    if (record.kind !== "TG") continue;
    const steps = chats.get(record.chatId) ?? [];
    chats.set(record.chatId, steps);
    steps.push({
      record,
      afterMs: eventAt === undefined ? undefined : Math.max(0, record.at - eventAt),
    });
  }
  return [...chats].map(([chatId, steps]) => {
    const [state, shown] = stateOf(steps, isOver);
    return { chatId, state, shown, steps };
  });
};
