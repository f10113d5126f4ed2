// How pages ask for names of numbers, whoever knows them.

import type { NamesByNumber } from "../../views/calls-table.tsx";

/** Whose names a list shows. */
export type ListedNumbers = {
  readonly customers: readonly string[];
  readonly managers: readonly string[];
};

/** Names for a list, in about two seconds at most; never rejects. */
export type ListNames = (enterprise: string, numbers: ListedNumbers) => Promise<NamesByNumber>;
