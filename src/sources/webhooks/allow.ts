// The IP allow list (`--webhook-allow`), checked before anything of the request is read. Health and metrics stay open
// to monitors. Refusals are counted and logged at most once a minute for each client, for at most MAX_NAMED clients.

import { isWithin, type Network } from "../../lib/addresses.ts";
import { type ClientAddressOf, clientName } from "../../lib/client-address.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { errorAnswer } from "./answers.ts";
import { countEvent, type IntakeCounters } from "./counters.ts";

export type Allow = {
  readonly networks: readonly Network[];
  readonly clientOf: ClientAddressOf;
};

export type AllowOptions = Allow & {
  readonly log: Log;
  readonly clock: Clock;
  readonly counters: IntakeCounters;
};

const MINUTE_MS = 60_000;
const MAX_NAMED = 100;
const OPEN_PATHS = new Set(["/health", "/metrics"]);

/** Logs each client's first refusal in a minute, and what was left out when the minute is over. */
const createRefusalLog = (log: Log, clock: Clock): ((client: string) => void) => {
  const named = new Set<string>();
  let since = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (client) => {
    const now = clock.now();
    if (now < since || now - since >= MINUTE_MS) {
      if (unsaid > 0) log.warn("more events were refused in that minute", { unsaid });
      named.clear();
      unsaid = 0;
      since = now;
    }
    if (named.has(client) || named.size >= MAX_NAMED) {
      unsaid++;
      return;
    }
    named.add(client);
    log.warn("event refused: its sender's address is not in --webhook-allow", { client });
  };
};

/** Makes the check: an answer for those who may not post, undefined for the others. */
export const createAllowCheck = ({ networks, clientOf, log, clock, counters }: AllowOptions) => {
  const logRefusal = createRefusalLog(log, clock);
  return (request: Request, server: unknown): Response | undefined => {
    const client = clientOf(request, server);
    if (client !== undefined && isWithin(client, networks)) return undefined;
    const { pathname } = new URL(request.url);
    if (OPEN_PATHS.has(pathname)) return undefined;
    countEvent(counters, pathname.replace(/^\/(?:events\/)?/, ""), "forbidden");
    logRefusal(clientName(client));
    return errorAnswer(403, "forbidden", "events are not taken from this address");
  };
};
