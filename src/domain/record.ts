// One line of an enterprise's files. A trace is an enterprise's records, oldest first.

import { isUniqueId, localPair } from "../asterisk/index.ts";
import type { EventBody } from "./event.ts";
import { type EventFields, textsReader } from "./event-fields.ts";

/** What Asterisk told us. */
export type AstRecord = {
  readonly kind: "AST";
  /** Receipt, UTC, in milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  /** The channel (or, from some senders, the call); "" on bridge_create and bridge_destroy. */
  readonly uniqueId: string;
  readonly body: EventBody;
};

export const TG_ACTIONS = ["send", "edit", "delete", "fail"] as const;
export type TgAction = (typeof TG_ACTIONS)[number];

/** Types of the messages that are no cards: the day in a message, which is of no call, and what is said of a missed one. */
export const DIGEST_TYPE = "digest";
export const REMINDER_TYPE = "reminder";

/** A Telegram message sent, edited, deleted, or not delivered (`fail`: message id 0, the reason as text). */
export type TgRecord = {
  readonly kind: "TG";
  readonly at: number;
  readonly action: TgAction;
  readonly chatId: string;
  /** The card it stood for (`start dial bridge hangup`), or `digest`, `reminder`. */
  readonly messageType: string;
  readonly messageId: number;
  /** "" of a digest. */
  readonly uniqueId: string;
  /** What the reader saw, without markup. */
  readonly text: string;
};

/** A request to the metadata service, or an attempt of an outgoing webhook, with its answer. */
export type HttpRecord = {
  readonly kind: "HTTP";
  readonly at: number;
  readonly uniqueId: string;
  readonly method: string;
  readonly url: string;
  /** The answer's status code; 0 where none came. */
  readonly status: number;
  readonly request: string;
  readonly response: string;
};

/**
 * Whether a request came to nothing. A name that is not known (404) is an answer; a webhook, the one thing that is posted, is taken
 * by 2xx alone.
 */
export const isFailedRequest = ({
  method,
  status,
}: Pick<HttpRecord, "method" | "status">): boolean =>
  method === "POST"
    ? status < 200 || status >= 300
    : status === 0 || (status >= 400 && status !== 404);

/** A line of an older writer that we keep and show but never write. */
export type SqlRecord = {
  readonly kind: "SQL";
  readonly at: number;
  readonly uniqueId: string;
  readonly text: string;
};

export type TraceRecord = AstRecord | TgRecord | HttpRecord | SqlRecord;

/** A record on its way to a file: its stamp is given by the writer, under the file's lock. */
export type RecordToWrite = Omit<AstRecord, "at"> | Omit<TgRecord, "at"> | Omit<HttpRecord, "at">;

/** A record read back, with the line it came from (without its line break). */
export type StoredRecord = TraceRecord & { readonly raw: string };

export const idKey = (uniqueId: string): string => `id:${uniqueId}`;
/** Whether a key is that of a unique id. */
export const isIdKey = (key: string): boolean => key.startsWith("id:");
export const bridgeKey = (bridgeId: string): string => `bridge:${bridgeId}`;
export const eventIdKey = (eventId: string): string => `event:${eventId}`;

/** The key of a pipe inside Asterisk, whose two halves are channels of their own; undefined where the channel is none. */
export const localPairKey = (channel: string): string | undefined => {
  const pair = localPair(channel);
  return pair === undefined ? undefined : `local:${pair}`;
};

/** The fields of an event that name what it belongs to. */
const NAMING = ["ChanUniqueId", "Linkedid", "BridgeUniqueid", "Channel", "EventId"] as const;
const readNaming = textsReader(NAMING);

/**
 * The names by which a record can be looked up, and by which records hang together: unique ids (the record's own,
 * `ChanUniqueId`, `Linkedid`), the bridge, the Local channel pair, and the sender's `EventId`. Phone numbers are never
 * among them: two calls of one customer are two calls. An id that could not be one (`isUniqueId`) names nothing.
 */
export const recordKeys = (record: TraceRecord): string[] => {
  if (record.kind !== "AST") return record.uniqueId === "" ? [] : [idKey(record.uniqueId)];
  return keysOf(record.uniqueId, readNaming(record.body));
};

/** The same of an event whose fields were read already. */
export const eventKeys = ({ uniqueId }: AstRecord, fields: EventFields): string[] =>
  keysOf(
    uniqueId,
    NAMING.map((name) => fields.text(name)),
  );

const keysOf = (uniqueId: string, naming: readonly (string | undefined)[]): string[] => {
  const [channelId, linkedId, bridge, channel, eventId] = naming;
  const keys: string[] = [];
  const add = (key: string): void => {
    if (!keys.includes(key)) keys.push(key);
  };
  if (uniqueId !== "") add(idKey(uniqueId));
  if (channelId && isUniqueId(channelId)) add(idKey(channelId));
  if (linkedId && isUniqueId(linkedId)) add(idKey(linkedId));
  if (bridge && isUniqueId(bridge)) add(bridgeKey(bridge));
  const pair = channel && localPairKey(channel);
  if (pair) add(pair);
  if (eventId) add(eventIdKey(eventId));
  return keys;
};
