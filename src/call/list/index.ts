// The list of recent calls of an enterprise: what was asked for, newest first, and counts of a day.

export { tableWithout } from "./erase-rows.ts";
export { type HistoryOptions, type OpenHistory, openHistory } from "./history.ts";
export type {
  CallCursor,
  CallHistory,
  CallPage,
  CallQuery,
  CallRow,
  DaySummary,
  FollowedRow,
  HourCount,
  ListFollowRules,
  OpenMissed,
} from "./types.ts";
