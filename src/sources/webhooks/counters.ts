// Counts what became of the events that were posted, for /metrics. Names of events that we do not know are counted
// together, so that nobody can make the table grow. Numbers only rise; one table a process.

import { isKnownEventType, KNOWN_EVENT_TYPES, type KnownEventType } from "../../asterisk/index.ts";

/** What an event was answered: 200, 200 (known `EventId`), 400 (also 408, 415), 401, 403, 404 or 405, 413, 503. */
export const OUTCOMES = [
  "recorded",
  "duplicate",
  "invalid",
  "unauthorized",
  "forbidden",
  "misdirected",
  "too_large",
  "unavailable",
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type EventLabel = KnownEventType | "other";

export type IntakeCounters = {
  readonly events: { readonly [label in EventLabel]: { [outcome in Outcome]: number } };
  /** Recorded from broken bodies. */
  salvaged: number;
  /** The same body again within a minute: recorded, and counted here too. */
  repeats: number;
};

const zeros = (): { [outcome in Outcome]: number } => ({
  recorded: 0,
  duplicate: 0,
  invalid: 0,
  unauthorized: 0,
  forbidden: 0,
  misdirected: 0,
  too_large: 0,
  unavailable: 0,
});

/** All zero. */
export const createIntakeCounters = (): IntakeCounters => ({
  events: Object.fromEntries([...KNOWN_EVENT_TYPES, "other"].map((label) => [label, zeros()])) as {
    [label in EventLabel]: { [outcome in Outcome]: number };
  },
  salvaged: 0,
  repeats: 0,
});

/** Adds one. */
export const countEvent = (counters: IntakeCounters, event: string, outcome: Outcome): void => {
  counters.events[isKnownEventType(event) ? event : "other"][outcome]++;
};

/** The table as rows: event type, result, count. */
export const eventCounts = function* ({
  events,
}: IntakeCounters): Generator<readonly [event: string, result: string, count: number]> {
  for (const [event, outcomes] of Object.entries(events)) {
    for (const [result, count] of Object.entries(outcomes)) yield [event, result, count];
  }
};
