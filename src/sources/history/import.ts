// History into the files of an enterprise: which days may be written, and the writing of them. A day that has records is never
// touched; days are written the latest first, each at once, so that an import that was broken off goes on where it
// stopped; what was imported before is found there and left. Every event is marked `_recovered`, so that nobody is rung.

import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyText } from "../../domain/event.ts";
import { errorText } from "../../lib/errors.ts";
import { err, ok, type Result } from "../../lib/result.ts";
import {
  dayOf,
  formatDay,
  type PastRecord,
  type TakenDay,
  takenDays,
  writePastDay,
} from "../../store/index.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { StoredEvents } from "./events-sqlite.ts";
import { READERS, readerOf } from "./readers.ts";
import type { HistoryReader, ReaderOptions, ReadingNotes } from "./types.ts";

export type ImportRequest = Omit<ReaderOptions, "scratch"> & {
  /** The data folder. */
  readonly dir: string;
  readonly enterprise: string;
  readonly files: readonly string[];
  /** Undefined: each file is recognised by itself. */
  readonly format: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly retentionDays: number;
  /** Days that retention would remove are left out; else they are a refusal. */
  readonly leavesOld: boolean;
  /** Everything but the writing. */
  readonly isDryRun: boolean;
};

/** Why the calls of a day are not made. */
export type SkipReason = "too old" | "imported before" | "has records" | "not before the records";

export type SkippedDays = { readonly calls: number; readonly days: number };

export type Unreadable = { readonly file: string; readonly line: number; readonly reason: string };

export type ImportReport = {
  readonly rows: number;
  readonly repeatedRows: number;
  readonly calls: number;
  /** `2026-01-05`, the earliest first. */
  readonly days: readonly string[];
  readonly skipped: ReadonlyMap<SkipReason, SkippedDays>;
  readonly leftOut: ReadonlyMap<string, number>;
  readonly unreadable: number;
  /** The first of them. */
  readonly firstUnreadable: readonly Unreadable[];
  readonly doubts: readonly string[];
};

const MAX_UNREADABLE = 20;
const MARK = '"_imported":"';

class Notes implements ReadingNotes {
  rows = 0;
  repeatedRows = 0;
  unreadable = 0;
  readonly firstUnreadable: Unreadable[] = [];
  readonly leftOut = new Map<string, number>();
  readonly doubts: string[] = [];

  onRow(): void {
    this.rows += 1;
  }

  onRepeat(): void {
    this.repeatedRows += 1;
  }

  onUnreadable(file: string, line: number, reason: string): void {
    this.unreadable += 1;
    if (this.firstUnreadable.length < MAX_UNREADABLE) {
      this.firstUnreadable.push({ file, line, reason });
    }
  }

  onLeftOut(reason: string): void {
    this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + 1);
  }

  onDoubt(text: string): void {
    this.doubts.push(text);
  }
}

/** What the files are. Of one kind: what two kinds tell of one call would be on record twice. */
const readerFor = async ({
  files,
  format,
}: ImportRequest): Promise<Result<HistoryReader, string>> => {
  const known = READERS.map((reader) => reader.format).join(" or ");
  let found: HistoryReader | undefined;
  for (const path of files) {
    const unreadable = await access(path, constants.R_OK).then(() => undefined, errorText);
    if (unreadable !== undefined) return err(`cannot read ${path}: ${unreadable}`);
    const reader =
      format === undefined
        ? await readerOf(path)
        : READERS.find((candidate) => candidate.format === format);
    if (reader === undefined) {
      return err(`cannot import ${path}: it is not recognised; --format ${known} says what it is`);
    }
    if (found !== undefined && found !== reader) {
      return err(
        `cannot import ${path}: it is ${reader.format}, those before are ${found.format}, and their calls would be on record twice; import one kind, then the other`,
      );
    }
    found = reader;
  }
  return found === undefined ? err("cannot import: no file is given") : ok(found);
};

/** What may be done with a day, by the days that have files. Pure. */
export const skipReason = (
  day: number,
  {
    taken,
    today,
    retentionDays,
  }: {
    readonly taken: readonly TakenDay[];
    readonly today: number;
    readonly retentionDays: number;
  },
): SkipReason | undefined => {
  const own = taken.find((one) => one.day === day);
  if (own !== undefined) return own.firstLine.includes(MARK) ? "imported before" : "has records";
  const recorded = taken.find(({ firstLine }) => !firstLine.includes(MARK));
  if (day >= Math.min(today, recorded?.day ?? today)) return "not before the records";
  return day < today - retentionDays ? "too old" : undefined;
};

/** Marked, so that nobody is rung, and the file is known again. */
const markedBy = ({ format }: HistoryReader, { event, body }: AgentEvent): AgentEvent => ({
  event,
  body: { ...body, _recovered: true, _imported: format },
});

function* recordsOf(events: ReturnType<StoredEvents["of"]>): Generator<PastRecord> {
  for (const { at, event } of events) {
    const uniqueId = bodyText(event.body, "UniqueId");
    yield { at, record: { kind: "AST", event: event.event, uniqueId, body: event.body } };
  }
}

type Plan = {
  readonly wanted: readonly { readonly day: number; readonly calls: number }[];
  readonly skipped: Map<SkipReason, SkippedDays>;
};

const planOf = async (request: ImportRequest, events: StoredEvents): Promise<Plan> => {
  const { dir, enterprise, now, retentionDays } = request;
  const facts = { taken: await takenDays(dir, enterprise), today: dayOf(now), retentionDays };
  const skipped: Plan["skipped"] = new Map();
  const wanted = events.days().filter(({ day, calls }) => {
    const reason = skipReason(day, facts);
    if (reason === undefined) return true;
    const known = skipped.get(reason) ?? { calls: 0, days: 0 };
    skipped.set(reason, { calls: known.calls + calls, days: known.days + 1 });
    return false;
  });
  return { wanted, skipped };
};

const counted = (number: number, one: string): string =>
  `${number} ${one}${number === 1 ? "" : "s"}`;

const tooOld = ({ calls, days }: SkippedDays, { retentionDays, now }: ImportRequest): string =>
  `cannot import ${counted(calls, "call")} of ${counted(days, "day")} before ${formatDay(dayOf(now) - retentionDays)}: ` +
  `the service keeps ${retentionDays} days and would remove them at once; ` +
  "start it, and this command, with a larger --retention-days, or leave them out with --skip-old";

const importWith = async (
  request: ImportRequest,
  reader: HistoryReader,
  scratch: string,
): Promise<Result<ImportReport, string>> => {
  const { dir, enterprise, isDryRun, leavesOld } = request;
  const notes = new Notes();
  const events = new StoredEvents(scratch);
  try {
    const { files, timeZone, trunks, extensions } = request;
    const options = { timeZone, trunks, extensions, scratch };
    for await (const event of reader.read(files, options, notes)) {
      events.add(markedBy(reader, event));
    }
    const { wanted, skipped } = await planOf(request, events);
    const old = skipped.get("too old");
    if (old !== undefined && !leavesOld) return err(tooOld(old, request));
    let calls = 0;
    const days: string[] = [];
    for (const one of wanted) {
      const isMade =
        isDryRun ||
        (await writePastDay({ dir, enterprise, day: one.day }, recordsOf(events.of(one.day))));
      if (!isMade) continue;
      calls += one.calls;
      days.unshift(formatDay(one.day));
    }
    const { rows, repeatedRows, unreadable, firstUnreadable, leftOut, doubts } = notes;
    return ok({
      rows,
      repeatedRows,
      calls,
      days,
      skipped,
      leftOut,
      unreadable,
      firstUnreadable,
      doubts,
    });
  } finally {
    events.close();
  }
};

/**
 * Imports.
 *
 * @returns what was made, or in one line why nothing was.
 * @throws the system's error where a file cannot be read or written; days that were written before it are whole.
 */
export const importHistory = async (
  request: ImportRequest,
): Promise<Result<ImportReport, string>> => {
  const reader = await readerFor(request);
  if (!reader.ok) return reader;
  const scratch = await mkdtemp(join(tmpdir(), "calllog-import-"));
  try {
    return await importWith(request, reader.value, scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};
