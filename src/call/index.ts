// Call assembly: which records are one call, and what the call was. Pure; no clock, no files.

export { assembleCall, type CallOutline, outlineCall } from "./assemble.ts";
export { bridgeKindSaid } from "./bridge-kind.ts";
export { type CollectedCall, collectCall, type FindRecords } from "./collect.ts";
export { type Delivery, type DeliveryState, type DeliveryStep, deliveriesOf } from "./delivery.ts";
export { CallEvent, callEvents, inOrder, type StoredAst } from "./events.ts";
export { findCall } from "./find-call.ts";
export {
  type CallStory,
  FOLLOW_STATES,
  type FollowedCall,
  type FollowRules,
  type FollowState,
  type FollowUp,
  type FollowUps,
  followUps,
  isOwed,
  isTooShort,
} from "./follow-up.ts";
export { partition } from "./identity.ts";
export {
  type CallFilter,
  callQueryOf,
  dayOfFilter,
  FILTER_NAMES,
  FILTER_RULES,
  type FilterName,
  RESULTS,
  type ResultFilter,
} from "./list/filter.ts";
export type {
  CallCursor,
  CallHistory,
  CallPage,
  CallQuery,
  CallRow,
  DaySummary,
  FollowedMissed,
  FollowedRow,
  HourCount,
  ListFollowRules,
  OpenMissed,
} from "./list/types.ts";
export type {
  AssembledCall,
  AssembleOptions,
  Call,
  CallStatus,
  Direction,
  Doubt,
  DoubtCode,
  Participant,
  Span,
  Transfer,
} from "./types.ts";
export { CALL_DIRECTIONS, CALL_STATUSES, isLive, isMissed, UNANSWERED } from "./types.ts";
