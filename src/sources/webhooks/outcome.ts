// What became of one event. answers.ts turns it into HTTP, service/intake-delivery.ts into the next step of the
// outbox.

import type { RefusalCode } from "../../domain/refusal.ts";

export type IntakeOutcome =
  /** Its line is in the file (or on the disk: `--durability`). */
  | { readonly kind: "recorded" }
  /** An event of that `EventId` is on record already; nothing was written. */
  | { readonly kind: "duplicate" }
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      readonly message: string;
      /** Whose token it had, switched on or off: its number; undefined where that is not known. */
      readonly enterprise?: string | undefined;
    }
  /** Not now: the files or the directory cannot be used. */
  | {
      readonly kind: "unavailable";
      readonly code: "trace_unavailable" | "directory_unavailable";
      readonly message: string;
    };
