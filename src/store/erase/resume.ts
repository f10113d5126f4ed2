// Goes on where an erasure was cut short, as far as that goes without the number: days that it left in the archive in part are put
// again, and of each day it is found out whether it was written anew. That shows by the mark in it, whatever was noted.

import { join } from "node:path";
import { framesOf } from "../archive/frames.ts";
import type { Archive, SideBytes } from "../archive/index.ts";
import { type OwedDay, OwedDays } from "../archive/owed.ts";
import { linesOfArchivedDay } from "../archive/restore-day.ts";
import { RUNNING_NAME } from "../format/files.ts";
import { factsAt, factsOf, openIfThere, sourceOf } from "../read/open-files.ts";
import { ArchivedDays } from "./archived-days.ts";
import { type DayFailure, tryEach } from "./try-each.ts";

export type ResumeOptions = {
  readonly dir: string;
  readonly enterprise: string;
  readonly archive: Archive | undefined;
  readonly now: () => number;
  /** The table of a day that is here. */
  readonly tableOf: (name: string) => Promise<SideBytes | undefined>;
  /** Told of each day that was put into the archive again; must not throw. */
  readonly onPut?: (name: string) => void;
};

const holds = async (pieces: AsyncIterable<Buffer>, mark: string): Promise<boolean> => {
  for await (const piece of pieces) if (piece.includes(mark)) return true;
  return false;
};

/** Whether the mark stands in a file that is here; undefined where there is none. */
const holdsHere = async (path: string, mark: string): Promise<boolean | undefined> => {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    return await holds(framesOf(sourceOf(file), factsOf(file).size), mark);
  } finally {
    await file.close();
  }
};

/** Whether a day that is here was written anew; undefined where it is not here. A day that is running has its later name. */
const isWrittenHere = async (
  folder: string,
  { archive, mark, name }: OwedDay,
): Promise<boolean | undefined> => {
  const finished = await holdsHere(join(folder, name), mark);
  if (finished !== undefined || archive !== null) return finished;
  return await holdsHere(join(folder, RUNNING_NAME), mark);
};

/** Whether a day was written anew, or is no more. The archive has it as it is here then. */
const isWritten = async (
  days: ArchivedDays | undefined,
  day: OwedDay,
  { archive, dir, enterprise, tableOf, onPut }: ResumeOptions,
): Promise<boolean> => {
  const { name, mark } = day;
  const here = await isWrittenHere(join(dir, enterprise), day);
  if (here === false) return false;
  const isArchived = archive?.ledger.days(enterprise).has(name) ?? false;
  if (archive === undefined || !isArchived) return true;
  if (here === undefined) {
    if (!(await holds(linesOfArchivedDay(archive.store, { enterprise, name }), mark))) return false;
    await days?.learn(name);
    return true;
  }
  const facts = await factsAt(join(dir, enterprise, name));
  if (facts !== undefined && !archive.ledger.holds(enterprise, name, facts)) {
    await days?.putHere(name, await tableOf(name));
    onPut?.(name);
  }
  return true;
};

/**
 * Ends what can be ended of erasures in an enterprise that were cut short; older versions are left to `removeOwedVersions`.
 *
 * @returns days for which that failed, and why
 * @throws Error where it cannot be read or noted what is owed
 */
export const resumeErasures = async (options: ResumeOptions): Promise<DayFailure<string>[]> => {
  const { archive, dir, enterprise, onPut } = options;
  const owed = new OwedDays(dir);
  const days = archive === undefined ? undefined : new ArchivedDays({ ...options, archive });
  const failures = (await days?.mend((name) => onPut?.(name))) ?? [];
  const unwritten = owed
    .of(enterprise)
    .filter((day) => day.left === "lines" && (day.archive ?? archive?.name) === archive?.name);
  const unseen = await tryEach(unwritten, async (day) => {
    if (await isWritten(days, day, options)) await owed.written(enterprise, day);
  });
  return [...failures, ...unseen.map((failure) => ({ ...failure, day: failure.day.name }))];
};
