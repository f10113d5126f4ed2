// An AST record as call assembly looks at it: its ids, its channel, and when it happened. Order is by the time of
// happening, then by the place in the files, whatever order the events arrived in.

import { bodyText } from "../domain/event.ts";
import { type AstRecord, localPairKey, type StoredRecord } from "../domain/record.ts";

export type StoredAst = StoredRecord & AstRecord;

export type CallEvent = {
  readonly record: StoredAst;
  /** Place among the records it was read with: breaks ties of time. */
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

/** The oldest `EventTime` that is believed (2000-01-01): older ones come from hosts without a clock. */
const OLDEST_EVENT_TIME_MS = 946_684_800_000;
/** How far in the future of its receipt an `EventTime` may lie and still be believed. */
const FUTURE_EVENT_TIME_MS = 24 * 3600 * 1000;

/** `EventTime` in milliseconds since the epoch (DESIGN: epoch seconds with fraction), where it can be believed. */
export const eventTimeOf = (record: AstRecord): number | undefined => {
  const text = bodyText(record.body, "EventTime");
  if (!/^\d{1,12}(?:\.\d+)?$/.test(text)) return undefined;
  const at = Math.round(Number(text) * 1000);
  return at < OLDEST_EVENT_TIME_MS || at > record.at + FUTURE_EVENT_TIME_MS ? undefined : at;
};

const toEvent = (record: StoredAst, order: number): CallEvent => {
  const chanUniqueId = bodyText(record.body, "ChanUniqueId");
  const channel = bodyText(record.body, "Channel");
  const ids = new Set([record.uniqueId, chanUniqueId, bodyText(record.body, "Linkedid")]);
  ids.delete("");
  return {
    record,
    order,
    type: record.event,
    at: eventTimeOf(record) ?? record.at,
    uniqueId: record.uniqueId,
    ids: [...ids],
    channelKey: chanUniqueId || channel || record.uniqueId,
    channel,
    localPair: localPairKey(channel),
    bridgeId: bodyText(record.body, "BridgeUniqueid"),
  };
};

/** The events among `records`, in the order in which they happened. */
export const callEvents = (records: readonly StoredRecord[]): CallEvent[] =>
  records
    .flatMap((record, order) => (record.kind === "AST" ? [toEvent(record, order)] : []))
    .sort((a, b) => a.at - b.at || a.order - b.order);
