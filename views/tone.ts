// The colour in which a call's result is told; never the only sign of it.

import type { CallStatus } from "../src/call/index.ts";

export const TONE: { readonly [status in CallStatus]: "good" | "bad" | "warn" | "live" } = {
  ringing: "live",
  talking: "live",
  answered: "good",
  missed: "bad",
  cancelled: "bad",
  busy: "warn",
  failed: "warn",
  unknown: "warn",
  service: "warn",
};
