// What an operator does to an enterprise, by whatever way he comes: each change is told to the audit first, and what fails
// after that is told as well.

import type { Audit, AuditEntry } from "./audit.ts";

/**
 * Does the work and tells it: the line is written first, since what cannot be told is not to be done; a second one says that
 * it failed.
 *
 * @throws what the work throws, and where the line cannot be written
 */
export const audited = async <T>(
  audit: Audit,
  entry: AuditEntry,
  work: () => Promise<T> | T,
): Promise<T> => {
  audit(entry);
  try {
    return await work();
  } catch (error) {
    audit({ ...entry, what: `${entry.what}-failed` });
    throw error;
  }
};
