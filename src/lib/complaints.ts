// Rate-limited log lines for what strangers can cause: the first of a kind is logged at once, then at most one a
// minute with the number of suppressed ones.

import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

const LOG_EVERY_MS = 60_000;

/** Logs the line, or counts it as suppressed. Each message is a kind; they are texts of the source, so their number is bounded. */
export type Complain = (
  level: "warn" | "error",
  message: string,
  fields: { readonly [name: string]: unknown },
) => void;

export const createComplaints = (log: Log, clock: Clock): Complain => {
  const kinds = new Map<string, { readonly lastAtMs: number; unsaid: number }>();
  return (level, message, fields) => {
    const now = clock.now();
    const kind = kinds.get(message);
    if (kind !== undefined && Math.abs(now - kind.lastAtMs) < LOG_EVERY_MS) {
      kind.unsaid++;
      return;
    }
    kinds.set(message, { lastAtMs: now, unsaid: 0 });
    log[level](message, kind?.unsaid ? { ...fields, unsaid: kind.unsaid } : fields);
  };
};
