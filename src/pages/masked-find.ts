// Looks up records for whoever is shown a call: without what would let him post events or open other pages.

import type { FindRecords } from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { withoutCredentials } from "../domain/masked.ts";
import type { FindResult, TraceStore } from "../store/index.ts";

/** @param enterprise whose credentials are left out; undefined of one that the directory does not know */
export const maskedFind =
  (
    trace: Pick<TraceStore, "find">,
    number: string,
    enterprise: Enterprise | undefined,
  ): FindRecords =>
  async (...asked): Promise<FindResult> => {
    const { records, faults } = await trace.find(number, ...asked);
    if (enterprise === undefined) return { records, faults };
    return { records: records.map((record) => withoutCredentials(record, enterprise)), faults };
  };
