// How commands are told which call is meant: `ENT UID`.

import { isEnterpriseNumber } from "../domain/enterprise.ts";
import { isUniqueId } from "../domain/unique-id.ts";
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
