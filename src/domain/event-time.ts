// When an event happened, by its sender's clock. Receipt (the record's own time) is what age is judged by.

import { bodyText } from "./event.ts";
import type { AstRecord, TraceRecord } from "./record.ts";

/** The oldest `EventTime` that is believed (2000-01-01): older ones come from hosts without a clock. */
const OLDEST_EVENT_TIME_MS = 946_684_800_000;
/** How far in the future of its receipt an `EventTime` may lie and still be believed. */
const FUTURE_EVENT_TIME_MS = 24 * 3600 * 1000;

/**
 * An `EventTime` (epoch seconds with fraction) in milliseconds since the epoch, where it can be believed.
 *
 * @param receivedAt when the event was received, in milliseconds since the epoch
 */
export const timeSaid = (text: string, receivedAt: number): number | undefined => {
  if (text === "" || !/^\d{1,12}(?:\.\d+)?$/.test(text)) return undefined;
  const at = Math.round(Number(text) * 1000);
  return at < OLDEST_EVENT_TIME_MS || at > receivedAt + FUTURE_EVENT_TIME_MS ? undefined : at;
};

/** `EventTime` in milliseconds since the epoch, where it can be believed. */
export const eventTimeOf = (record: AstRecord): number | undefined =>
  timeSaid(bodyText(record.body, "EventTime"), record.at);

/** When a record's matter happened: by the sender's clock where it gave one, else the receipt. In milliseconds. */
export const happenedAt = (record: TraceRecord): number =>
  (record.kind === "AST" ? eventTimeOf(record) : undefined) ?? record.at;

/** Whether `_recovered`, as text, says yes. */
export const saysRecovered = (text: string): boolean => text === "true" || text === "1";

/**
 * Whether the sender says that the event is late on purpose: it was kept while the service was away. `true`, and what forms
 * and dialplans can write of it (`"true"`, `1`, `"1"`): such an event rings nobody.
 */
export const isRecovered = ({ body }: Pick<AstRecord, "body">): boolean =>
  saysRecovered(bodyText(body, "_recovered"));

/** Whether the event was made of a PBX's own history (`_imported`): it tells less than one that was posted. */
export const isImported = ({ body }: Pick<AstRecord, "body">): boolean =>
  bodyText(body, "_imported") !== "";
