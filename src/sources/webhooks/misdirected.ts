// Events that a sender posts where nothing takes them: `/Start`, `//start`, `/start.php`, or by GET. They are refused and lost,
// so that they are counted, and told once a minute with their path and sender.

import { isKnownEventType } from "../../asterisk/index.ts";
import { type ClientAddressOf, clientName } from "../../lib/client-address.ts";
import type { Clock } from "../../lib/clock.ts";
import { createComplaints } from "../../lib/complaints.ts";
import type { Log } from "../../lib/log.ts";
import { printable } from "../../lib/printable.ts";
import { countEvent, type IntakeCounters } from "./counters.ts";

export type MisdirectedOptions = {
  readonly log: Log;
  readonly clock: Clock;
  readonly counters: IntakeCounters;
  /** Who sends; undefined where nobody can tell. */
  readonly clientOf: ClientAddressOf | undefined;
};

/** Characters of a path that the log repeats. */
const MAX_PATH = 120;

/** The kind of event that a path may have been meant for; undefined where it is like none. */
export const meantEvent = (path: string): string | undefined => {
  const last = path
    .toLowerCase()
    .split("/")
    .findLast((part) => part !== "");
  const event = last?.replace(/\.[a-z]{2,4}$/, "").replaceAll("-", "_") ?? "";
  return isKnownEventType(event) ? event : undefined;
};

/** Counts a misdirected event and logs it, at most once a minute. */
export const createMisdirected = ({ log, clock, counters, clientOf }: MisdirectedOptions) => {
  const complain = createComplaints(log, clock);
  return (request: Request, server: unknown): void => {
    const { method } = request;
    const path = new URL(request.url).pathname;
    const meant = meantEvent(path);
    countEvent(counters, meant ?? "other", "misdirected");
    complain("warn", "an event was sent where none is taken, and is not recorded", {
      method,
      path: printable(path, MAX_PATH),
      client: clientName(clientOf?.(request, server)),
      todo: `have the sender POST to /${meant ?? "start, /dial, /bridge, /hangup or /events/NAME"}`,
    });
  };
};
