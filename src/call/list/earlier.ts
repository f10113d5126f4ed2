// Calls that continue from one file into the next, or whose events came a day late. Their records are looked up in all
// files, as for a page, and the row of the whole call replaces the row of its earlier part.

import { recordKeys, type StoredRecord } from "../../domain/record.ts";
import { DAY_MS } from "../../lib/time.ts";
import type { DayFile, OpenDay } from "../../store/index.ts";
import { dayFiles, hashOfKey, openDay } from "../../store/index.ts";
import { type CallEvent, callEvents, type FindRecords, partition } from "../index.ts";
import { isCall } from "./row.ts";

/** Calls are found in a few rounds; past this many, what was found is taken. */
const MAX_ROUNDS = 24;

const keysOf = (record: StoredRecord): string[] =>
  recordKeys(record).filter((key) => !key.startsWith("event:"));

export type Continued = {
  /** The events of each call that has a record among `own`. */
  readonly calls: CallEvent[][];
  /** The calls that the earlier files alone would show in their place. */
  readonly before: CallEvent[][];
};

/**
 * The whole calls behind the records of a group that may have begun earlier.
 *
 * @param own the group's records in this file
 * @param from beginning of the file's day: what was received before is in an earlier file, what was a day after in a later one
 */
export const continuedCalls = async (
  find: FindRecords,
  own: readonly StoredRecord[],
  from: number,
  callTimeoutMs: number,
): Promise<Continued> => {
  const ownLines = new Set(own.map(({ raw }) => raw));
  const isOwn = ({ record }: CallEvent): boolean => ownLines.has(record.raw);
  const asked = new Set(own.flatMap(keysOf));
  for (let round = 1; ; round += 1) {
    const { records } = await find([...asked]);
    const known = records.filter((record) => record.kind === "AST" && record.at < from + DAY_MS);
    const calls = partition(callEvents(known), callTimeoutMs).filter((call) => call.some(isOwn));
    const before = asked.size;
    for (const call of calls)
      for (const { record } of call) {
        for (const key of keysOf(record)) asked.add(key);
      }
    if (asked.size > before && round < MAX_ROUNDS) continue;
    const earlier = calls.flatMap((call) => {
      const records = call
        .toSorted((a, b) => a.order - b.order)
        .map(({ record }) => record as StoredRecord)
        .filter(({ at }) => at < from);
      return partition(callEvents(records), callTimeoutMs);
    });
    return { calls: calls.filter(isCall), before: earlier.filter(isCall) };
  }
};

/**
 * The hashes of the keys that stand in earlier files within the call time-out before `file` begins.
 *
 * @param archivedBefore gives those of an archived day, where the day before is there alone
 */
export const keysBefore = async (
  dir: string,
  enterprise: string,
  file: DayFile,
  callTimeoutMs: number,
  archivedBefore?: (since: number) => Promise<ReadonlySet<number>>,
): Promise<Set<number>> => {
  const hashes = new Set<number>(await archivedBefore?.(file.from - callTimeoutMs));
  const since = file.from - callTimeoutMs;
  for (const earlier of (await dayFiles(dir, enterprise)).reverse()) {
    if (earlier.from >= file.from || earlier.from + 2 * DAY_MS <= since) continue;
    const day: OpenDay | undefined = await openDay(dir, enterprise, earlier);
    if (day === undefined) continue;
    try {
      for await (const { records } of day.eventsBackwards()) {
        for (const { record } of records) {
          if (record.at >= since) for (const key of keysOf(record)) hashes.add(hashOfKey(key));
        }
        if ((records[0]?.record.at ?? since) < since) break;
      }
    } finally {
      await day.close();
    }
  }
  return hashes;
};
