// Who may see an enterprise's pages: whoever has its secret. Unknown, inactive and wrong all look and take the same.

import type { Enterprise } from "../domain/enterprise.ts";
import { secretsEqual } from "../lib/timing-safe.ts";

/** Compared with where there is no enterprise, so that its absence does not show in the time. */
const NOBODY = "0".repeat(32);

/** Whether `token` opens pages of `enterprise` (undefined where there is none of that number). */
export const mayOpen = (enterprise: Enterprise | undefined, token: string): boolean => {
  const equal = secretsEqual(token, enterprise?.secret ?? NOBODY);
  return equal && enterprise?.active === true && token !== "";
};
