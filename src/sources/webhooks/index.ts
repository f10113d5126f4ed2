// The face of listener 8000: the app, what it tells of recorded events, and its counters.

export { createWebhooksApp, type WebhooksOptions } from "./app.ts";
export {
  createIntakeCounters,
  type EventLabel,
  eventCounts,
  type IntakeCounters,
  OUTCOMES,
  type Outcome,
} from "./counters.ts";
export { createIntake, type Intake, type RecordedEvent } from "./intake.ts";
export type { IntakeOutcome } from "./outcome.ts";
export {
  openRefusalJournal,
  type Refusal,
  type RefusalCount,
  type RefusalJournal,
} from "./refusal-journal.ts";
