// When an event happened, by its sender's clock. Receipt (the record's own time) is what age is judged by.

import { bodyText } from "./event.ts";
import type { AstRecord } from "./record.ts";

/** The oldest `EventTime` that is believed (2000-01-01): older ones come from hosts without a clock. */
const OLDEST_EVENT_TIME_MS = 946_684_800_000;
/** How far in the future of its receipt an `EventTime` may lie and still be believed. */
const FUTURE_EVENT_TIME_MS = 24 * 3600 * 1000;

/** `EventTime` in milliseconds since the epoch (epoch seconds with fraction), where it can be believed. */
export const eventTimeOf = (record: AstRecord): number | undefined => {
  const text = bodyText(record.body, "EventTime");
  if (!/^\d{1,12}(?:\.\d+)?$/.test(text)) return undefined;
  const at = Math.round(Number(text) * 1000);
  return at < OLDEST_EVENT_TIME_MS || at > record.at + FUTURE_EVENT_TIME_MS ? undefined : at;
};
