// An AST record as call assembly sees it: ids, channel, and the time at which it happened. Events are ordered by that
// time, then by their place in the files, whatever order they arrived in.

import { isUniqueId } from "../asterisk/index.ts";
import { bodyText } from "../domain/event.ts";
import { happenedAt } from "../domain/event-time.ts";
import { type AstRecord, localPairKey, type StoredRecord } from "../domain/record.ts";

export type StoredAst = StoredRecord & AstRecord;

export type CallEvent = {
  readonly record: StoredAst;
  /** Position among the records it was read with: decides the order at equal times. */
  readonly order: number;
  readonly type: string;
  /** When it happened: the sender's `EventTime` where it gave one, else the receipt. */
  readonly at: number;
  readonly uniqueId: string;
  /** Unique ids the event speaks of: its own, the channel's, the linked one. */
  readonly ids: readonly string[];
  /** Names the channel: `ChanUniqueId`, else the channel's name, else the unique id. */
  readonly channelKey: string;
  /** Channel name, or "". */
  readonly channel: string;
  readonly localPair: string | undefined;
  readonly bridgeId: string;
};

const toEvent = (record: StoredAst, order: number): CallEvent => {
  const idText = (name: string): string => {
    const text = bodyText(record.body, name);
    return isUniqueId(text) ? text : "";
  };
  const chanUniqueId = idText("ChanUniqueId");
  const channel = bodyText(record.body, "Channel");
  const ids = new Set([record.uniqueId, chanUniqueId, idText("Linkedid")]);
  ids.delete("");
  return {
    record,
    order,
    type: record.event,
    at: happenedAt(record),
    uniqueId: record.uniqueId,
    ids: [...ids],
    channelKey: chanUniqueId || channel || record.uniqueId,
    channel,
    localPair: localPairKey(channel),
    bridgeId: idText("BridgeUniqueid"),
  };
};

/** The events among `records`, in the order in which they happened. */
export const callEvents = (records: readonly StoredRecord[]): CallEvent[] =>
  records
    .flatMap((record, order) => (record.kind === "AST" ? [toEvent(record, order)] : []))
    .sort((a, b) => a.at - b.at || a.order - b.order);
