// From any source of events to whoever records them: what cannot be handed over yet waits on disk.

export { openSpool, type Spool, type SpoolOptions } from "../../lib/spool.ts";
export {
  answerOf,
  anyDelivery,
  type Delivery,
  type DeliveryAnswer,
  httpDelivery,
} from "./delivery.ts";
export { createOutbox, LATE_MS, type Outbox, type OutboxOptions } from "./outbox.ts";
export { NoAnswerError, postJson } from "./post.ts";
export type { AgentEvent } from "./types.ts";
