// What a source of events hands to the outbox.

import type { EventBody } from "../../domain/event.ts";

/** An event as a sender posts it, without the enterprise's token. */
export type AgentEvent = {
  /** `start dial bridge_create bridge bridge_leave bridge_destroy hangup hold unhold` … */
  readonly event: string;
  /** `EventTime`, `EventId`, `UniqueId` (the Linkedid), `ChanUniqueId` and the rest. */
  readonly body: EventBody;
};
