// How commands are told which call is meant: `ENT UID`, and what they say where there is nothing at all.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isUniqueId } from "../asterisk/index.ts";
import { isEnterpriseNumber } from "../domain/enterprise.ts";
import type { Operand } from "./command.ts";

/** The enterprise, then any unique id of the call. */
export const callOperands: readonly Operand[] = [
  {
    name: "ENT",
    text: "the enterprise's number, such as 0367",
    check: { allows: isEnterpriseNumber, rule: "1 to 32 of A-Z a-z 0-9 _ -" },
  },
  {
    name: "UID",
    text: "any unique id of the call, such as 1764493655.61",
    check: { allows: isUniqueId, rule: "1 to 128 of A-Z a-z 0-9 . _ : @ + -" },
  },
];

/** Whether anything was ever recorded of an enterprise, as far as the folder tells. */
export const hasRecords = (dataDir: string, enterprise: string): boolean =>
  existsSync(join(dataDir, enterprise));

/** A mistyped number and a wrong folder look like an enterprise without calls. */
export const noRecords = (dataDir: string, enterprise: string): string =>
  `there are no records of ${enterprise} in ${dataDir}; is --data-dir right?`;
