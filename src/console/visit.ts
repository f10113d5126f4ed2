// One request of somebody who is in the console.

import type { ConsoleSession } from "../../views/console-frame.tsx";
import type { Zone } from "../../views/format.ts";

export type Visit = ConsoleSession & {
  /** The client's address. */
  readonly from: string;
  readonly zone: Zone;
  /** The session's code: never shown. */
  readonly code: string;
};
