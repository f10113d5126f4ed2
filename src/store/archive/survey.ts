// What lies under an archive's prefix, told by names alone: days that have their index, days that were put in part, and what
// is none of ours.

import { parseObjectKey } from "./object-names.ts";
import type { ObjectStore } from "./object-store.ts";

export type SurveyedEnterprise = {
  /** Names of days with an index. */
  readonly days: readonly string[];
  /** Names of days of which there are objects and no index: a broken upload, which is done again. */
  readonly halves: readonly string[];
  readonly bytes: number;
};

export type Survey = {
  readonly enterprises: ReadonlyMap<string, SurveyedEnterprise>;
  /** Keys of objects that have none of our names. */
  readonly foreign: readonly string[];
};

/** Looks at everything under the prefix. @throws ArchiveError */
export const surveyArchive = async (store: ObjectStore, prefix = ""): Promise<Survey> => {
  const found = new Map<string, { days: Set<string>; all: Set<string>; bytes: number }>();
  const foreign: string[] = [];
  for await (const { key, bytes } of store.list(prefix)) {
    const object = parseObjectKey(key);
    if (object === undefined) {
      foreign.push(key);
      continue;
    }
    const entry = found.get(object.enterprise) ?? { days: new Set(), all: new Set(), bytes: 0 };
    found.set(object.enterprise, entry);
    entry.bytes += bytes;
    entry.all.add(object.name);
    if (object.kind === "index") entry.days.add(object.name);
  }
  const enterprises = [...found].map(
    ([enterprise, { days, all, bytes }]): [string, SurveyedEnterprise] => [
      enterprise,
      {
        days: [...days].sort(),
        halves: [...all].filter((name) => !days.has(name)).sort(),
        bytes,
      },
    ],
  );
  return { enterprises: new Map(enterprises.sort(([a], [b]) => (a < b ? -1 : 1))), foreign };
};
