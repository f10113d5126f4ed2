// Every name on disk, and how a day is read back from a name. A name that is none of these is not ours: it is
// neither read nor swept.

import { join } from "node:path";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import { RecordError } from "./codec.ts";
import { formatDay, tryParseDay } from "./stamp.ts";

/** The file of the running UTC day. */
export const RUNNING_NAME = "events.log";

/** The name of a finished UTC day (days since the epoch). */
export const finishedName = (day: number): string => `${RUNNING_NAME}.${formatDay(day)}`;

/** The index beside a finished file: dot-named, so that `events.log*` never matches it. */
export const indexName = (name: string): string => `.${name}.idx`;

/** The list of calls beside a day's file (the running one's too), dot-named for the same reason. */
export const sideName = (name: string): string => `.${name}.calls`;

/** A list of calls that a process is just writing. */
export const temporarySideName = (name: string, pid: number): string =>
  `${sideName(name)}.${pid}.tmp`;

/** A day of the past that a process is just writing; dot-named, so that nothing takes it for a day. */
export const pastDayName = (day: number, mark: string): string =>
  `.${finishedName(day)}.${mark}.new`;

/** Notes of a merge under way, so that a crash in the middle of it can be undone. */
export const MERGE_NOTES_NAME = ".events.log.merge";

const FINISHED = /^(?:events\.log\.(\d{4}-\d\d-\d\d)|events_(\d{4}-\d\d-\d\d)\.log)$/;
/** An index that a process is just making. */
export const temporaryIndexName = (name: string, pid: number): string =>
  `${indexName(name)}.${pid}.tmp`;

const INDEX = /^\.(.+)\.(?:idx|calls)$/;
const TEMPORARY_INDEX = /^\.(.+)\.(?:idx|calls)\.(\d+)\.tmp$/;

/** The UTC day of a finished file, ours (`events.log.DATE`) or an older writer's (`events_DATE.log`). */
export const tryParseFinishedName = (name: string): number | undefined => {
  const match = FINISHED.exec(name);
  const date = match?.[1] ?? match?.[2];
  return date === undefined ? undefined : tryParseDay(date);
};

/** The finished file an index or a list of calls belongs to. */
export const tryParseIndexName = (name: string): string | undefined => {
  const data = INDEX.exec(name)?.[1];
  return data !== undefined && tryParseFinishedName(data) !== undefined ? data : undefined;
};

/** The process that was making the index or list of that name; undefined for other names. */
export const tryParseTemporaryIndexPid = (name: string): number | undefined => {
  const match = TEMPORARY_INDEX.exec(name);
  const data = match?.[1] ?? "";
  const isOurs = data === RUNNING_NAME || tryParseFinishedName(data) !== undefined;
  return isOurs && match !== null ? Number(match[2]) : undefined;
};

/** The names of finished files among `names`, oldest day first, an older writer's file before ours of that day. */
export const finishedNames = (names: readonly string[]): string[] =>
  names
    .flatMap((name) => {
      const day = tryParseFinishedName(name);
      return day === undefined ? [] : [{ name, day }];
    })
    .sort((a, b) => a.day - b.day || (a.name < b.name ? 1 : -1))
    .map(({ name }) => name);

/**
 * The folder of an enterprise's files.
 *
 * @throws RecordError where the number may not name a folder.
 */
export const enterpriseFolder = (dir: string, enterprise: string): string => {
  if (!isEnterpriseNumber(enterprise)) {
    throw new RecordError(
      "cannot record: the enterprise number must be 1 to 32 of A-Z a-z 0-9 _ -",
    );
  }
  return join(dir, enterprise);
};
