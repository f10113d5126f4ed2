// One request of somebody who is in the console.

import { createHmac } from "node:crypto";
import type { ConsoleSession } from "../../views/console-frame.tsx";
import type { Zone } from "../../views/format.ts";

export type Visit = ConsoleSession & {
  /** The client's address. */
  readonly from: string;
  readonly zone: Zone;
  /** The session's code: never shown. */
  readonly code: string;
};

/** Tells whether something secret is still what it was when a page was made, without telling it: known to the session alone. */
export const markOf = (visit: Visit, what: string): string =>
  createHmac("sha256", visit.code).update(what).digest("base64url");
