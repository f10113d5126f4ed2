// Comparing secrets: both sides are hashed first, so neither the length nor the place of the first
// difference shows in the time the comparison takes.

import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();

/** Whether two secrets are equal, in a time that depends on neither. */
export const secretsEqual = (a: string, b: string): boolean =>
  timingSafeEqual(digest(a), digest(b));
