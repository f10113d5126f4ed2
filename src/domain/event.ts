// The body of an event, and how its fields are read whatever the sender's habits.

import { isUnknown } from "../asterisk/index.ts";

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

/**
 * A field of a body as text: numbers and booleans in decimal, surrounding white space cut; "" where the field is
 * missing, `<unknown>`, or not a plain value. The name is matched exactly first, then whatever its capitals
 * (`UniqueId` and `Uniqueid` are both seen).
 */
export const bodyText = (body: EventBody, name: string): string => {
  const value = fieldOf(body, name);
  if (typeof value === "string") {
    const text = value.trim();
    return isUnknown(text) ? "" : text;
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return "";
};

/**
 * `Extensions` as a list without repeats: posted as an array, `[""]`, `["151&152"]`, one string, or a number.
 */
export const bodyExtensions = (body: EventBody, name = "Extensions"): string[] => {
  const value = fieldOf(body, name);
  const parts = Array.isArray(value) ? value : [value];
  const found = new Set<string>();
  for (const part of parts) {
    if (typeof part !== "string" && typeof part !== "number") continue;
    for (const piece of String(part).split(/[&,;\s]+/)) {
      if (piece !== "" && !isUnknown(piece)) found.add(piece);
    }
  }
  return [...found];
};
