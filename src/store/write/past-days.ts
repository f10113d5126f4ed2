// Whole days of the past, written at once: history that comes from elsewhere. A day's file appears under its name complete
// and on the disk, or not at all, and never in the place of one that is there. The running file and the days of
// records are never touched, so that no lock is needed: writers only ever append to the running day.

import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import type { RecordToWrite } from "../../domain/record.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { syncFolder } from "../../lib/replace-file.ts";
import { DAY_MS } from "../../lib/time.ts";
import { writeFully } from "../../lib/write-fully.ts";
import { archivedNames } from "../archive/ledger.ts";
import { systemCode } from "../errors.ts";
import { encodeRecord } from "../format/codec.ts";
import {
  enterpriseFolder,
  finishedName,
  pastDayName,
  RUNNING_NAME,
  tryParseFinishedName,
} from "../format/files.ts";
import { dayOf, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import { listFolder, openIfThere } from "../read/open-files.ts";
import { newFileMode, newFolderMode } from "./modes.ts";

/** A day of which an enterprise has a file. */
export type TakenDay = {
  /** UTC, in days since the epoch. */
  readonly day: number;
  /** Its first line, "" where there is none. */
  readonly firstLine: string;
};

/** Bytes that are written at a time. */
const WRITE_BYTES = 256 * 1024;

const firstLineOf = async (path: string): Promise<string> => {
  const handle = await openIfThere(path);
  if (handle === undefined) return "";
  try {
    const head = Buffer.alloc(Math.min((await handle.stat()).size, MAX_LINE_BYTES));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const end = head.subarray(0, bytesRead).indexOf(NEWLINE);
    return head.toString("utf8", 0, end < 0 ? bytesRead : end);
  } finally {
    await handle.close();
  }
};

/** The days of which an enterprise has files, here or in the archive, earliest first; the day of the running file is that of its first record. */
export const takenDays = async (dir: string, enterprise: string): Promise<TakenDay[]> => {
  const folder = enterpriseFolder(dir, enterprise);
  const taken: TakenDay[] = [];
  for (const name of await listFolder(folder)) {
    const named = tryParseFinishedName(name);
    if (named === undefined && name !== RUNNING_NAME) continue;
    const firstLine = await firstLineOf(join(folder, name));
    const at = tryParseStamp(firstLine.slice(0, STAMP_LENGTH));
    const day = named ?? (at === undefined ? undefined : dayOf(at));
    if (day !== undefined) taken.push({ day, firstLine });
  }
  for (const name of archivedNames(dir, enterprise)) {
    const day = tryParseFinishedName(name);
    if (day !== undefined && !taken.some((here) => here.day === day))
      taken.push({ day, firstLine: "" });
  }
  return taken.sort((a, b) => a.day - b.day);
};

/** A record of a past day and when it happened; its stamp is that moment, or the nearest one of the day. */
export type PastRecord = { readonly at: number; readonly record: RecordToWrite };

const stampIn = (day: number, at: number, last: number): number => {
  const end = (day + 1) * DAY_MS - 1;
  return Math.max(last, Math.min(end, Math.max(day * DAY_MS, Math.round(at))));
};

const writeText = ({ fd }: fsp.FileHandle, text: string): void => {
  const bytes = Buffer.from(text, "utf8");
  writeFully(bytes, (offset) => writeSync(fd, bytes, offset));
};

const writeLines = async (
  file: fsp.FileHandle,
  day: number,
  records: Iterable<PastRecord>,
): Promise<void> => {
  let lines: string[] = [];
  let size = 0;
  let last = 0;
  for (const { at, record } of records) {
    last = stampIn(day, at, last);
    const line = `${encodeRecord({ ...record, at: last })}\n`;
    lines.push(line);
    size += line.length;
    if (size < WRITE_BYTES) continue;
    writeText(file, lines.join(""));
    lines = [];
    size = 0;
  }
  writeText(file, lines.join(""));
  await file.sync();
};

/**
 * Writes a day of the past.
 *
 * @param records in the order of their times
 * @returns false where the day has a file by now: nothing was done.
 * @throws what the system said, or RecordError; nothing of the day is there then.
 */
export const writePastDay = async (
  {
    dir,
    enterprise,
    day,
  }: { readonly dir: string; readonly enterprise: string; readonly day: number },
  records: Iterable<PastRecord>,
): Promise<boolean> => {
  const folder = enterpriseFolder(dir, enterprise);
  await fsp.mkdir(folder, { recursive: true, mode: newFolderMode(folder) });
  const path = join(folder, finishedName(day));
  const aside = join(folder, pastDayName(day, randomBytes(4).toString("hex")));
  try {
    const file = await fsp.open(aside, "wx", newFileMode(aside));
    try {
      await writeLines(file, day, records);
    } finally {
      await file.close();
    }
    // Unlike a rename, a second name never takes the place of a file that is there.
    await fsp.link(aside, path);
  } catch (cause) {
    if (systemCode(cause) === "EEXIST") return false;
    throw cause;
  } finally {
    await fsp.rm(aside, { force: true });
  }
  await syncFolder(folder);
  return true;
};
