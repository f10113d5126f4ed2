// The fields of one body that call assembly reads, read once: assembly asks an event for some eighty fields, most of
// which it does not have, and looking a name up whatever its capitals costs more than all the rest of it.

import { type EventBody, valueText } from "./event.ts";

/** Every field that assembly reads as text. */
export const FIELDS = [
  "AnswerTime",
  "AnsweredTime",
  "Billsec",
  "BridgeCreator",
  "BridgeTechnology",
  "BridgeType",
  "BridgeUniqueid",
  "CallStatus",
  "CallType",
  "CallerIDName",
  "CallerIDNum",
  "Cause",
  "ChanUniqueId",
  "Channel",
  "ConnectedLineNum",
  "Context",
  "DateReceived",
  "DialStatus",
  "Dialled",
  "EndTime",
  "EventId",
  "EventTime",
  "ExtTrunk",
  "Exten",
  "Extension",
  "ExternalInitiated",
  "From",
  "HangupCause",
  "HungUpBy",
  "Line",
  "Linkedid",
  "OwnPhone",
  "Phone",
  "Reached",
  "Service",
  "StartTime",
  "Talk",
  "To",
  "Total",
  "Trunk",
  "WithCount",
  "_gap",
  "_imported",
  "_recovered",
] as const;
export type FieldName = (typeof FIELDS)[number];

const SLOTS = Object.fromEntries(FIELDS.map((name, slot) => [name, slot])) as {
  readonly [Name in FieldName]: number;
};
const BY_SMALL_LETTERS = new Map(FIELDS.map((name) => [name.toLowerCase(), name]));
const EMPTY: readonly (string | undefined)[] = FIELDS.map(() => undefined);

/** Spellings that were met are kept; a sender that makes up names without end gets no memory for it. */
const MAX_SPELLINGS = 10_000;
const spellings = new Map<string, FieldName | undefined>(FIELDS.map((name) => [name, name]));

const fieldOfKey = (key: string): FieldName | undefined => {
  if (spellings.has(key)) return spellings.get(key);
  const name = BY_SMALL_LETTERS.get(key.toLowerCase());
  if (spellings.size < MAX_SPELLINGS) spellings.set(key, name);
  return name;
};

/** Answers like `bodyText`, without a search. */
export class EventFields {
  readonly #texts: (string | undefined)[];

  constructor(body: EventBody) {
    const texts = EMPTY.slice();
    for (const key in body) {
      const name = fieldOfKey(key);
      if (name === undefined) continue;
      // The spelling that is asked for counts before others, and of those the first.
      if (key === name) texts[SLOTS[name]] = valueText(body[key]);
      else if (!Object.hasOwn(body, name)) texts[SLOTS[name]] ??= valueText(body[key]);
    }
    this.#texts = texts;
  }

  /** The field as text; "" where it is missing, `<unknown>`, or not a plain value. */
  text(name: FieldName): string {
    return this.#texts[SLOTS[name]] ?? "";
  }
}
