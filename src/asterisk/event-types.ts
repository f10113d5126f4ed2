// The kinds of event that senders post. Records of another name are kept too; they say nothing to us.

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

/**
 * Those whose meaning we know: with the two that tell of a conversation put on hold (`POST /events/hold`), and the ones that
 * tell with whom of other calls a channel is in a conference, and that somebody transfers the call.
 */
export const KNOWN_EVENT_TYPES = [
  ...EVENT_TYPES,
  "hold",
  "unhold",
  "conference",
  "transfer",
] as const;
export type KnownEventType = (typeof KNOWN_EVENT_TYPES)[number];

const EVENT_TYPE = /^[a-z][a-z_]{1,31}$/;

/** Whether `text` may name an event: a lower-case letter, then 1 to 31 lower-case letters or `_`. */
export const isEventType = (text: string): boolean => EVENT_TYPE.test(text);

/** Whether the event is one of those whose meaning we know. */
export const isKnownEventType = (text: string): text is KnownEventType =>
  (KNOWN_EVENT_TYPES as readonly string[]).includes(text);

/** Bridges are created and destroyed by nobody in particular: these two may come without a unique id. */
export const mayLackUniqueId = (event: string): boolean =>
  event === "bridge_create" || event === "bridge_destroy";
