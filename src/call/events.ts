// An AST record as call assembly sees it: ids, channel, and the time at which it happened. Events are ordered by that
// time, then by their place in the files, whatever order they arrived in.

import { cleanNumber, isLocal, isUniqueId } from "../asterisk/index.ts";
import { bodyExtensions } from "../domain/event.ts";
import { EventFields, type FieldName } from "../domain/event-fields.ts";
import { timeSaid } from "../domain/event-time.ts";
import { type AstRecord, localPairKey, type StoredRecord } from "../domain/record.ts";
import { addNew } from "../lib/add-new.ts";
import type { Direction } from "./types.ts";

export type StoredAst = StoredRecord & AstRecord;

const directionSaid = (type: string, callType: string): Direction | undefined => {
  if (type === "start") return "incoming";
  switch (callType) {
    case "0":
      return "incoming";
    case "1":
      return "outgoing";
    case "2":
      return "internal";
    default:
      return undefined;
  }
};

export class CallEvent {
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
  /** Whether the channel is one end of a pipe inside Asterisk. */
  readonly isLocal: boolean;
  readonly localPair: string | undefined;
  readonly bridgeId: string;
  /** The direction of the call as the event states it; undefined where it states none. */
  readonly direction: Direction | undefined;
  readonly #fields: EventFields;
  #extensions: readonly string[] | undefined;
  #numbers: readonly string[] | undefined;

  /** @param fields of its body, where they were read already */
  constructor(record: StoredAst, order: number, fields = new EventFields(record.body)) {
    this.#fields = fields;
    this.record = record;
    this.order = order;
    this.type = record.event;
    this.at = timeSaid(fields.text("EventTime"), record.at) ?? record.at;
    this.uniqueId = record.uniqueId;
    this.channel = fields.text("Channel");
    const chanUniqueId = this.#idText("ChanUniqueId");
    const linkedId = this.#idText("Linkedid");
    const ids = record.uniqueId === "" ? [] : [record.uniqueId];
    if (chanUniqueId !== "") addNew(ids, chanUniqueId);
    if (linkedId !== "") addNew(ids, linkedId);
    this.ids = ids;
    this.channelKey = chanUniqueId || this.channel || record.uniqueId;
    this.isLocal = isLocal(this.channel);
    this.localPair = localPairKey(this.channel);
    this.bridgeId = this.#idText("BridgeUniqueid");
    this.direction = directionSaid(this.type, fields.text("CallType"));
  }

  /** A field of the body, as `bodyText` reads it. */
  text(name: FieldName): string {
    return this.#fields.text(name);
  }

  /** Whom the event names in `Extensions`, as `bodyExtensions` reads them. */
  get extensions(): readonly string[] {
    this.#extensions ??= bodyExtensions(this.record.body);
    return this.#extensions;
  }

  /** The same as numbers (`cleanNumber`), those left out of which nothing is left; repeats as they stand. */
  get numbers(): readonly string[] {
    this.#numbers ??= this.extensions.flatMap((text) => cleanNumber(text) ?? []);
    return this.#numbers;
  }

  #idText(name: FieldName): string {
    const text = this.#fields.text(name);
    return text !== "" && isUniqueId(text) ? text : "";
  }
}

/** Events in the order in which they happened. */
export const inOrder = (events: readonly CallEvent[]): CallEvent[] =>
  events.toSorted((a, b) => a.at - b.at || a.order - b.order);

/** The events among `records`, in the order in which they happened. */
export const callEvents = (records: readonly StoredRecord[]): CallEvent[] => {
  const events: CallEvent[] = [];
  for (const [order, record] of records.entries())
    if (record.kind === "AST") events.push(new CallEvent(record, order));
  return inOrder(events);
};

/** The last hangup of the id that the call was placed by, else the last of all. */
export const lastHangup = (
  events: readonly CallEvent[],
  placedBy: CallEvent | undefined,
): CallEvent | undefined => {
  let last: CallEvent | undefined;
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index] as CallEvent;
    if (event.type !== "hangup") continue;
    if (event.uniqueId === placedBy?.uniqueId) return event;
    last ??= event;
  }
  return last;
};
