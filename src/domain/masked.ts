// Records as they may be shown: whoever opens the page of a call must not learn the token that lets one post events.

import { maskSecrets } from "../lib/mask.ts";
import { bodyText } from "./event.ts";
import type { StoredRecord } from "./record.ts";

/**
 * The line of a record with its secrets replaced by `***`. The enterprise's own token is replaced wherever it stands,
 * also in the remains of a broken body; other secrets where their surroundings tell them.
 */
export const maskedRaw = (record: StoredRecord): string => {
  const token = record.kind === "AST" ? bodyText(record.body, "Token") : "";
  return maskSecrets(token.length < 4 ? record.raw : record.raw.replaceAll(token, "***"));
};
