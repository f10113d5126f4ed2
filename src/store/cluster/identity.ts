// By what a record is known as the same one, whatever its stamp: nodes that took it out of different streams have it with
// different ones, and one that was delivered late has the time of its receipt as well. Pure.

import { bodyText } from "../../domain/event.ts";
import { eventIdKey, idKey } from "../../domain/record.ts";
import { decodeLine } from "../format/codec.ts";
import { formatStamp } from "../format/stamp.ts";

export type Identity = {
  /**
   * What names a record among those of all enterprises: an event's `EventId`; else the line after its stamp, which legitimately
   * comes more than once.
   */
  readonly text: string;
  /** By which it is found in the files; undefined where it can be found by reading them alone. */
  readonly lookUp: string | undefined;
  /** Whether no two records have it. */
  readonly isUnique: boolean;
};

/** @param fields the line after its stamp, and after the `|` behind that */
export const identityOf = (enterprise: string, fields: string): Identity => {
  const whole = `${enterprise} ${fields}`;
  const decoded = decodeLine(`${EPOCH_STAMP}|${fields}`);
  if (!decoded.ok) return { text: whole, lookUp: undefined, isUnique: false };
  const { at: _, ...record } = decoded.value;
  const lookUp = record.uniqueId === "" ? undefined : idKey(record.uniqueId);
  if (record.kind !== "AST") return { text: whole, lookUp, isUnique: false };
  const eventId = bodyText(record.body, "EventId");
  if (eventId !== "")
    return { text: `${enterprise} ${eventId}`, lookUp: eventIdKey(eventId), isUnique: true };
  // A node that took it late has added the time, and that it was late.
  const { EventTime: _time, _recovered, ...body } = record.body;
  const text = `${enterprise} AST|${record.event}|${record.uniqueId}|${JSON.stringify(body)}`;
  return { text, lookUp, isUnique: false };
};

const EPOCH_STAMP = formatStamp(0);

/** Fields at the head of a line by which two of the same stamp are the same record, though a person's number was erased in one. */
const HEAD_FIELDS: Readonly<Record<string, number>> = { TG: 6, HTTP: 3 };

/**
 * By what two lines of the same stamp are the same record: less than the identity, since `calllog erase` gives other letters
 * on every node.
 */
export const headOf = (enterprise: string, fields: string): string => {
  const { text, isUnique } = identityOf(enterprise, fields);
  if (isUnique) return text;
  const parts = fields.split("|");
  return parts.slice(0, HEAD_FIELDS[parts[0] ?? ""] ?? 3).join("|");
};
