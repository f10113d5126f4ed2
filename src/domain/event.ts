// The body of an event, and how its fields are read whatever the sender's habits.

import { dialledNumber, isUnknown } from "../asterisk/index.ts";

/** The body of an event: the JSON object as it was received. */
export type EventBody = { readonly [key: string]: unknown };

const fieldOf = (body: EventBody, name: string): unknown => {
  if (Object.hasOwn(body, name)) return body[name];
  const wanted = name.toLowerCase();
  for (const key in body) {
    if (key.length === name.length && key.toLowerCase() === wanted) return body[key];
  }
  return undefined;
};

/** A value of a body as text, as `bodyText` says. */
export const valueText = (value: unknown): string => {
  if (typeof value === "string") {
    const text = value.trim();
    return isUnknown(text) ? "" : text;
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return "";
};

/**
 * A field of a body as text: numbers and booleans in decimal, surrounding white space cut; "" where the field is
 * missing, `<unknown>`, or not a plain value. The name is matched exactly first, then whatever its capitals
 * (`UniqueId` and `Uniqueid` are both seen).
 */
export const bodyText = (body: EventBody, name: string): string => valueText(fieldOf(body, name));

/** An array that a program without arrays posts: PHP makes an object of one with gaps in its keys. */
const partsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return typeof value === "object" && value !== null ? Object.values(value) : [value];
};

/** A field of a body as texts: one, or those of an array; each as `bodyText` says, empty ones left out. */
export const bodyTexts = (body: EventBody, name: string): string[] =>
  partsOf(fieldOf(body, name))
    .map(valueText)
    .filter((text) => text !== "");

/**
 * What is dialled, of a channel or of what `Dial` is told: `151` of `PJSIP/151`, `SIP/151-0000015c` and
 * `PJSIP/151/sip:151@192.0.2.9`, a telephone number of `SIP/mts/375291112233`.
 */
const dialled = (text: string): string => {
  const told = /^[A-Za-z][A-Za-z0-9]*\/(.+)$/.exec(text)?.[1]?.replace(/-[0-9a-f]{8}$/, "");
  if (told === undefined) return text;
  return dialledNumber(told, "") || (told.split(/[/@]/)[0] ?? "");
};

/**
 * `Extensions` as a list without repeats: posted as an array, `[""]`, `["151&152"]`, one string, a number, an object, or as what
 * was dialled: `PJSIP/151&PJSIP/152`.
 */
export const bodyExtensions = (body: EventBody, name = "Extensions"): string[] => {
  const parts = partsOf(fieldOf(body, name));
  const found = new Set<string>();
  for (const part of parts) {
    if (typeof part !== "string" && typeof part !== "number") continue;
    for (const piece of String(part).split(/[&,;\s]+/)) {
      const number = isUnknown(piece) ? "" : dialled(piece);
      if (number !== "") found.add(number);
    }
  }
  return [...found];
};
