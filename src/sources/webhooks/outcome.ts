// What became of one event. answers.ts turns it into HTTP, service/intake-delivery.ts into the next step of the
// outbox.

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

export type IntakeOutcome =
  /** Its line is in the file (or on the disk: `--durability`). */
  | { readonly kind: "recorded" }
  /** An event of that `EventId` is on record already; nothing was written. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly message: string }
  /** Not now: the files or the directory cannot be used. */
  | {
      readonly kind: "unavailable";
      readonly code: "trace_unavailable" | "directory_unavailable";
      readonly message: string;
    };
