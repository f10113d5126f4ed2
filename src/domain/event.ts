// What Asterisk told us: the kinds of event, and how the fields of a body are read whatever the sender's habits.

/** The body of an event: the JSON object as it was received. */
export type EventBody = { readonly [key: string]: unknown };

/** The kinds that move a call on; each is also a webhook path of its own (`POST /start`). */
export const EVENT_TYPES = [
  "start",
  "dial",
  "bridge",
  "bridge_create",
  "bridge_leave",
  "bridge_destroy",
  "hangup",
  "new_callerid",
] as const;
export type KnownEventType = (typeof EVENT_TYPES)[number];

const EVENT_TYPE = /^[a-z][a-z_]{1,31}$/;

/** Whether `text` may name an event: a lower-case letter, then 1 to 31 lower-case letters or `_`. */
export const isEventType = (text: string): boolean => EVENT_TYPE.test(text);

/** Whether the event is one of those whose meaning we know. */
export const isKnownEventType = (text: string): text is KnownEventType =>
  (EVENT_TYPES as readonly string[]).includes(text);

/** Bridges are created and destroyed by nobody in particular: these two may come without a unique id. */
export const mayLackUniqueId = (event: string): boolean =>
  event === "bridge_create" || event === "bridge_destroy";

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
    return text === "<unknown>" ? "" : text;
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
      if (piece !== "" && piece !== "<unknown>") found.add(piece);
    }
  }
  return [...found];
};
