// Under which id a call's cards are recorded, and the list leads to its page: one rule, so that both name the same call.

import type { StoredRecord } from "./record.ts";

/** The first id that had a start or a dial, else the first of all; "" where the call has none. */
export const cardIdOf = ({
  call,
  records,
}: {
  readonly call: { readonly uniqueIds: readonly string[] };
  /** Oldest first. */
  readonly records: readonly StoredRecord[];
}): string => {
  const placing = records.find(
    (record) =>
      record.kind === "AST" &&
      (record.event === "start" || record.event === "dial") &&
      record.uniqueId !== "",
  );
  return placing?.uniqueId ?? call.uniqueIds[0] ?? "";
};
