// A record as a message of the stream: its line after the stamp, and what the nodes must know of it. The same on every
// node and in every version.

import { hash, randomUUID } from "node:crypto";
import { bodyText } from "../../domain/event.ts";
import type { RecordToWrite } from "../../domain/record.ts";
import { decodeLine, encodeFields, RecordError } from "../format/codec.ts";
import { formatStamp } from "../format/stamp.ts";
import type { Bus, Message } from "./bus.ts";
import { identityOf } from "./identity.ts";
import { enterpriseOfSubject } from "./names.ts";

/**
 * The record may be in the files already: it was published before, or its sender gave it its `EventId`. Its value is the how
 * manieth it is of those with its identity: whoever has so many needs it not.
 */
export const AGAIN_HEADER = "Calllog-Again";
/** The line was in a node's files before the stream was made; its stamp, in milliseconds since the epoch. */
export const STAMP_HEADER = "Calllog-At";
/**
 * `ID/INDEX`: which filling of the stream such a line is part of, and the how manieth of its enterprise in it, from 0. Of a
 * filling in which one is lacking all behind it is passed over, and another filling begins.
 */
export const FILL_HEADER = "Calllog-Fill";

/** A record on its way into the stream. */
export type Outgoing = {
  /** By which the stream knows it when it comes twice; the event's `EventId`. */
  readonly id: string;
  readonly enterprise: string;
  /** The line after its stamp. */
  readonly fields: string;
  /** Whether another node may have the same event, since the sender gave it its `EventId`. */
  readonly isGiven: boolean;
  /** When this node took it, in milliseconds since the epoch. */
  readonly at: number;
  /** Of a line that other nodes may lack: the how manieth of its identity it is in this node's files. */
  readonly nth?: number;
};

/**
 * A line of this node's files that others may lack, on its way to them.
 *
 * @param nth the how manieth it is of its identity, from 1
 */
export const surplusLine = (
  enterprise: string,
  { at, fields }: { readonly at: number; readonly fields: string },
  nth: number,
): Outgoing => {
  const { text } = identityOf(enterprise, fields);
  // The same on every node that has it, so that the stream takes it once from all of them.
  return {
    id: `line-${hash("sha1", `${nth} ${text}`)}`,
    enterprise,
    fields,
    isGiven: true,
    at,
    nth,
  };
};

/**
 * A record with its id. An event without an `EventId` gets one, so that it is known for good.
 *
 * @param isGiven whether it is an event whose sender gave it its `EventId`
 * @throws RecordError where it cannot be a line
 */
export const outgoing = (
  enterprise: string,
  record: RecordToWrite,
  { isGiven, at }: Pick<Outgoing, "isGiven" | "at">,
): Outgoing => {
  const given = record.kind === "AST" ? bodyText(record.body, "EventId") : "";
  const id = isGiven ? given : randomUUID();
  const lacksId = record.kind === "AST" && given === "";
  const whole = lacksId ? { ...record, body: { ...record.body, EventId: id } } : record;
  return { id, enterprise, fields: encodeFields(whole), isGiven, at };
};

/** By which the stream knows a record for two minutes: two enterprises' senders may give the same `EventId`. */
export const messageId = ({ enterprise, id }: Pick<Outgoing, "enterprise" | "id">): string =>
  `${enterprise}/${id}`;

/** After this long, in milliseconds, the stream's time says too little of when an event was taken. */
const LATE_MS = 1000;
/** What other nodes get so late is no news, and rings nobody. In milliseconds. */
const OLD_MS = 10 * 60_000;

/**
 * The line of a record that waited: where it waited long, an event that has no time of its own gets that of its receipt,
 * since its stamp will be that of its delivery. One that other nodes lack and get late is marked as such.
 */
export const fieldsAt = (
  { fields, at, nth }: Pick<Outgoing, "fields" | "at" | "nth">,
  now: number,
): string => {
  if (now - at < LATE_MS || !fields.startsWith("AST|")) return fields;
  const decoded = decodeLine(`${formatStamp(at)}|${fields}`);
  if (!decoded.ok || decoded.value.kind !== "AST") return fields;
  const { at: _, ...record } = decoded.value;
  const isTimed = bodyText(record.body, "EventTime") !== "";
  const isOld = nth !== undefined && now - at >= OLD_MS;
  if (isTimed && !isOld) return fields;
  const body = {
    ...record.body,
    ...(isTimed ? {} : { EventTime: (at / 1000).toFixed(3) }),
    ...(isOld ? { _recovered: true } : {}),
  };
  try {
    return encodeFields({ ...record, body });
  } catch (error) {
    // It is as long as a line may be, or an older version's: better without than not at all.
    if (error instanceof RecordError) return fields;
    throw error;
  }
};

/** What headers and subject may take of a message, in bytes. */
const MESSAGE_ROOM = 1024;

/** Whether the servers take a line in one message. */
export const fitsMessage = ({ maxBytes }: Pick<Bus, "maxBytes">, fields: string): boolean =>
  Buffer.byteLength(fields) <= maxBytes - MESSAGE_ROOM;

/** A record that came out of the stream. */
export type Incoming = {
  readonly seq: number;
  readonly enterprise: string;
  readonly fields: string;
  /** The stamp, in milliseconds since the epoch. */
  readonly at: number;
  /** Whether it may be in the files already: the how manieth of its identity it is; 0 where it is new. */
  readonly nth: number;
  /** Where it is a line of before the stream was made. */
  readonly filling: Filling | undefined;
};

export type Filling = { readonly id: string; readonly index: number };

const STAMP = /^\d{1,15}$/;
const FILLING = /^(.{1,100})\/(\d{1,10})$/;

const fillingOf = (text: string): Filling | undefined => {
  const [, id = "", index = ""] = FILLING.exec(text) ?? [];
  return id === "" ? undefined : { id, index: Number(index) };
};

/** Whether a line is one of those that come through the stream; files may hold others, of older writers. */
export const isRecordLine = (fields: string): boolean => /^(?:AST|TG|HTTP)\|/.test(fields);

const nthOf = (text: string): number =>
  text === "" ? 0 : /^\d{1,9}$/.test(text) ? Number(text) : 1;

/** The record of a message; undefined where it is none that could be a line. */
export const incoming = (message: Message): Incoming | undefined => {
  const enterprise = enterpriseOfSubject(message.subject);
  const { text: fields, seq } = message;
  if (enterprise === undefined || fields === "" || fields.includes("\n")) return undefined;
  const stamp = message.header(STAMP_HEADER);
  const filling = fillingOf(message.header(FILL_HEADER));
  const isFilled = filling !== undefined;
  if (isFilled && !STAMP.test(stamp)) return undefined;
  if (!isFilled && !isRecordLine(fields)) return undefined;
  return {
    seq,
    enterprise,
    fields,
    at: isFilled ? Number(stamp) : message.at,
    nth: nthOf(message.header(AGAIN_HEADER)),
    filling,
  };
};
