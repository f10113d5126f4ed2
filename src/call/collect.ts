// Finds every record of a call, starting from one unique id: looks up the id, adds the ids and bridges of the same
// call (identity.ts decides which), and repeats until nothing new is found. The look-up itself is injected. Holding
// and conference bridges are never followed, since hundreds of calls pass through them.

import { epochSecondOf } from "../asterisk/index.ts";
import { idKey, recordKeys, type StoredRecord } from "../domain/record.ts";
import type { Part } from "../store/index.ts";
import { type CallEvent, callEvents } from "./events.ts";
import { partition } from "./identity.ts";

export type FoundRecords = {
  /** In the order of the files, oldest first. */
  readonly records: readonly StoredRecord[];
  readonly faults: readonly unknown[];
};

/**
 * Finds every record that bears one of the keys (see `recordKeys`), in the part of the files that is asked for; one that knows
 * no parts searches all.
 */
export type FindRecords = (keys: readonly string[], part?: Part) => Promise<FoundRecords>;

export type CollectedCall = {
  readonly records: readonly StoredRecord[];
  /** Lines that mention the call and cannot be read. */
  readonly unreadableLines: number;
  /** More records belong together than any call has: some are left out. */
  readonly isCut: boolean;
  /** Receipt of the latest earlier call with the same id; undefined where there is none. */
  readonly earlierCallAt: number | undefined;
};

/** Calls are found in a few rounds (a transfer with five bridges in six); past this many, what was found is taken. */
const MAX_ROUNDS = 24;
/**
 * Records that are taken for one call; a transfer with a large group of managers has some hundreds. Where a sender gives the
 * same Linkedid or bridge to everything, all its calls hang together, and putting them together costs seconds and megabytes.
 */
const MAX_RECORDS = 2000;

/** Keys that lead from one event to others of its call; an EventId names the event alone. */
const keysOf = (event: CallEvent): string[] =>
  recordKeys(event.record).filter((key) => !key.startsWith("event:"));

/** Of the calls that used an id, the one that is meant: the latest. */
const latest = (groups: readonly CallEvent[][]): CallEvent[] | undefined =>
  groups.toSorted((a, b) => firstReceipt(b) - firstReceipt(a))[0];

const firstReceipt = (group: readonly CallEvent[]): number =>
  Math.min(...group.map((event) => event.record.at));

/**
 * Every record of the call that `uniqueId` belongs to; undefined where nothing bears the id. Where calls long apart
 * had the same id, the latest is taken.
 *
 * @param callTimeoutMs silence after which an id names another call, in milliseconds
 */
export const collectCall = async (
  find: FindRecords,
  uniqueId: string,
  callTimeoutMs: number,
): Promise<CollectedCall | undefined> => {
  const asked = new Set([idKey(uniqueId)]);
  const began = epochSecondOf(uniqueId);
  // Nearly every call lies in the file of the day that its id tells: its rounds need no others, which are asked once.
  let near: Part | undefined = began === undefined ? undefined : { part: "near", at: began * 1000 };
  let last: FoundRecords | undefined;
  for (let round = 1; ; round++) {
    let found = await find([...asked], near);
    if (found.records.length === 0) {
      if (near === undefined) return undefined;
      near = undefined;
      continue;
    }
    const isCut = found.records.length > MAX_RECORDS;
    // What was found before the last keys is the part that is nearest to the id.
    if (isCut) found = last ?? { ...found, records: found.records.slice(-MAX_RECORDS) };
    last = found;
    const events = callEvents(found.records);
    const groups = partition(events, callTimeoutMs).filter((group) =>
      group.some((event) => event.ids.includes(uniqueId)),
    );
    const call = latest(groups) ?? [];
    const wanted = new Set(call.flatMap(keysOf));
    const before = asked.size;
    for (const key of wanted) asked.add(key);
    if (asked.size > before && round < MAX_ROUNDS && !isCut) continue;
    if (near !== undefined) {
      const far = await find([...asked], { ...near, part: "far" });
      near = undefined;
      if (far.records.length > 0 || far.faults.length > 0 || isCut) continue;
    }

    const ids = new Set([uniqueId, ...call.flatMap((event) => event.ids)]);
    const members = new Set<StoredRecord>(call.map((event) => event.record));
    const startOf = call.length === 0 ? Number.NEGATIVE_INFINITY : firstReceipt(call);
    const others = groups.filter((group) => group !== call).map(firstReceipt);
    const nextStart = Math.min(
      ...others.filter((start) => start > startOf),
      Number.POSITIVE_INFINITY,
    );
    const earlier = others.filter((start) => start < startOf);
    // A message or request belongs to the last call with its id that had begun by then, however late it came.
    const belongs = (record: StoredRecord): boolean =>
      record.kind === "AST"
        ? members.has(record)
        : ids.has(record.uniqueId) &&
          record.at < nextStart &&
          (record.at >= startOf || earlier.length === 0);
    return {
      records: found.records.filter(belongs),
      unreadableLines: found.faults.length,
      isCut,
      earlierCallAt: earlier.length === 0 ? undefined : Math.max(...earlier),
    };
  }
};
