// Why an event is refused.

/** Why an event is not taken as it is: sending it again changes nothing, unless somebody changes a setting. */
export type RefusalCode =
  | "unknown_token"
  | "ambiguous_token"
  | "compressed"
  | "timeout"
  | "too_large"
  | "bad_body"
  | "missing_token"
  | "bad_unique_id"
  | "bad_event_id";
