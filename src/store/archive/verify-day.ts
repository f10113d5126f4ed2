// Whether a day in the archive is whole: every object is there, has its size and its checksum. Reads all of it.

import {
  bucketFor,
  type DayHead,
  decodeBucket,
  decodeDayHead,
  type PartFacts,
} from "./day-index.ts";
import { indexKey, partKey, tableKey } from "./object-names.ts";
import type { ObjectStore } from "./object-store.ts";
import { factsOfObject } from "./pack-day.ts";

export type VerifiedDay = {
  /** Undefined where the index cannot be used. */
  readonly head: DayHead | undefined;
  /** In words, one line each; none where all is well. */
  readonly problems: readonly string[];
};

/** The objects that an index speaks of, with what they must be. */
export const objectsOf = ({ facts }: DayHead): { key: string; facts: PartFacts }[] => {
  const { enterprise, name, parts, table } = facts;
  return [
    ...parts.map((part, index) => ({ key: partKey(enterprise, name, index), facts: part })),
    ...(table === null ? [] : [{ key: tableKey(enterprise, name), facts: table }]),
  ];
};

const problemOf = async (
  store: ObjectStore,
  { key, facts }: { readonly key: string; readonly facts: PartFacts },
): Promise<string | undefined> => {
  const found = await store.head(key);
  if (found === undefined) return `${key} is not there`;
  if (found.bytes !== facts.bytes)
    return `${key} has ${found.bytes} bytes instead of ${facts.bytes}`;
  const bytes = await store.get(key);
  const isRight = bytes !== undefined && factsOfObject(bytes).sha256 === facts.sha256;
  return isRight ? undefined : `${key} is not what was put there (its sha256 is another)`;
};

/** Reads a day's index whole. */
const checkedIndex = async (
  store: ObjectStore,
  enterprise: string,
  name: string,
): Promise<VerifiedDay> => {
  const key = indexKey(enterprise, name);
  const bytes = await store.get(key);
  if (bytes === undefined) return { head: undefined, problems: [`${key} is not there`] };
  const head = decodeDayHead(bytes, enterprise, name);
  if (head === undefined)
    return { head, problems: [`${key} is no index of this day, or it is damaged`] };
  const isRight =
    bytes.length === head.bytes &&
    head.buckets.every(({ at, bytes: length }, bucket) => {
      const places = decodeBucket(head, bucket, bytes.subarray(at, at + length));
      return places?.every(({ hash }) => bucketFor(head, hash) === bucket) ?? false;
    });
  return { head, problems: isRight ? [] : [`${key} is damaged behind its head`] };
};

/** @throws ArchiveError where the archive does not answer */
export const verifyDay = async (
  store: ObjectStore,
  enterprise: string,
  name: string,
): Promise<VerifiedDay> => {
  const { head, problems } = await checkedIndex(store, enterprise, name);
  if (head === undefined) return { head, problems };
  const found = [...problems];
  for (const object of objectsOf(head)) {
    const problem = await problemOf(store, object);
    if (problem !== undefined) found.push(problem);
  }
  return { head, problems: found };
};
