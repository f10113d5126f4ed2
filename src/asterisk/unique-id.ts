// An Asterisk channel's Uniqueid (`1764493655.61`, `pbx-0367.by-1795333074.0`): opaque text, never a number,
// since as a number `.61` and `.610` would be one call.

import { isUnknown } from "./number.ts";

const UNIQUE_ID = /^[A-Za-z0-9._:@+-]{1,128}$/;

/** Whether `text` may be a unique id: 1 to 128 of `A-Z a-z 0-9 . _ : @ + -`. */
export const isUniqueId = (text: string): boolean => UNIQUE_ID.test(text);

/**
 * An id as it can be kept: characters outside the contract become `_`, as where a system name holds a space or letters of
 * another alphabet. "" for one that is too long, or that the sender does not know.
 */
export const keptId = (text: string | undefined): string => {
  if (text === undefined || text === "" || isUnknown(text) || text === "<null>") return "";
  if (isUniqueId(text)) return text;
  const kept = text.replaceAll(/[^A-Za-z0-9._:@+-]/gu, "_");
  return isUniqueId(kept) ? kept : "";
};

/**
 * The epoch second inside a unique id, or undefined where there is none that can be believed: Asterisk writes
 * `epoch.sequence`, after `systemname-` where one is set. A host that booted without a clock writes tiny numbers.
 */
export const epochSecondOf = (uniqueId: string): number | undefined => {
  const match = /(?:^|-)(\d{9,10})\.\d+$/.exec(uniqueId);
  return match?.[1] === undefined ? undefined : Number(match[1]);
};

/** Whether a channel is the first one after a start of Asterisk, which counts them from 0: `1795720278.0`. */
export const isFirstChannel = (uniqueId: string): boolean => /(?:^|-)\d{9,10}\.0$/.test(uniqueId);

const EVENT_ID = /^[A-Za-z0-9._:@+/=-]{1,128}$/;

/** The rule for an `EventId`, which may be a UUID, a spool's file name or base64. Completes "EventId must be …". */
export const EVENT_ID_RULE = "1 to 128 characters of A-Z a-z 0-9 . _ : @ + / = -";

/** Whether `text` may be an `EventId`. */
export const isEventId = (text: string): boolean => EVENT_ID.test(text);

/** The numbers of `name-epoch.sequence`; undefined where the id is another. */
const partsOf = (uniqueId: string): [epoch: number, sequence: number] | undefined => {
  const match = /(\d+)\.(\d+)$/.exec(uniqueId);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
};

/** Whether the channel named first was made before the other, as Asterisk itself compares linked ids. */
export const isOlder = (uniqueId: string, other: string): boolean => {
  const [own, its] = [partsOf(uniqueId), partsOf(other)];
  if (own === undefined || its === undefined) return false;
  return own[0] === its[0] ? own[1] < its[1] : own[0] < its[0];
};
