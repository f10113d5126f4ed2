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

/** Spellings that were met are kept; a sender that makes up names without end gets no memory for it. */
const MAX_SPELLINGS = 10_000;
const NONE = -1;

/** The texts of some fields of a body, in the order of their names; undefined where a field is missing. */
export type ReadTexts = (body: EventBody) => (string | undefined)[];

/** Makes a reader of fields: each text as `bodyText` reads it, all of them with one look at the body. */
export const textsReader = (names: readonly string[]): ReadTexts => {
  const bySmallLetters = new Map(names.map((name, slot) => [name.toLowerCase(), slot]));
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const empty: readonly (string | undefined)[] = names.map(() => undefined);
  const slotOf = (key: string): number => {
    const slot = bySmallLetters.get(key.toLowerCase()) ?? NONE;
    if (slots.size < MAX_SPELLINGS) slots.set(key, slot);
    return slot;
  };
  return (body) => {
    const texts = empty.slice();
    for (const key in body) {
      const slot = slots.get(key) ?? slotOf(key);
      const name = names[slot];
      if (name === undefined) continue;
      // The spelling that is asked for counts before others, and of those the first.
      if (key === name) texts[slot] = valueText(body[key]);
      else if (!Object.hasOwn(body, name)) texts[slot] ??= valueText(body[key]);
    }
    return texts;
  };
};

const SLOTS = Object.fromEntries(FIELDS.map((name, slot) => [name, slot])) as {
  readonly [Name in FieldName]: number;
};
const readTexts = textsReader(FIELDS);

/** Answers like `bodyText`, without a search. */
export class EventFields {
  readonly #texts: readonly (string | undefined)[];

  constructor(body: EventBody) {
    this.#texts = readTexts(body);
  }

  /** The field as text; "" where it is missing, `<unknown>`, or not a plain value. */
  text(name: FieldName): string {
    return this.#texts[SLOTS[name]] ?? "";
  }
}
