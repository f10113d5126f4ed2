// Finishing a day: the running file gets the name of its own day, or, where that name is taken, its lines go to the
// end of the file that has it. Every step leaves something that the next attempt completes; nothing is overwritten.
// The lock of the running file must be held throughout.

import { join } from "node:path";
import { NEWLINE } from "../../lib/newline.ts";
import { finishedName, MERGE_NOTES_NAME, RUNNING_NAME } from "../format/files.ts";
import { dayOf } from "../format/stamp.ts";
import { SCAN_CHUNK_BYTES } from "../limits.ts";
import { type FileFacts, isSameFile, type TraceFs } from "./trace-fs.ts";

/**
 * The day under which a running file must be finished before a line of time `at` may be written, or undefined where
 * it can stay. A file without any stamp has no day yet.
 */
export const dayToFinish = (lastAt: number | undefined, at: number): number | undefined =>
  lastAt !== undefined && dayOf(lastAt) < dayOf(at) ? dayOf(lastAt) : undefined;

/** What a merge is about to do, on the disk before its first byte: enough to undo it after a crash. */
export type MergeNotes = {
  /** The finished file that takes the lines, and its size before. */
  readonly target: string;
  readonly size: number;
  /** The beginning of the running file, in base64: an inode alone may be given to a new file. */
  readonly head: string;
};

/** Bytes at the head of a running file that tell it from another. */
export const HEAD_BYTES = 256;

const headOf = (fs: TraceFs, fd: number): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, fs.read(fd, head, 0));
};

/** The notes of a merge that was begun and not ended; undefined where there are none that can be believed. */
export const parseMergeNotes = (bytes: Uint8Array): MergeNotes | undefined => {
  try {
    const notes: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof notes !== "object" || notes === null) return undefined;
    const { target, size, head } = notes as Record<string, unknown>;
    return typeof target === "string" && typeof size === "number" && typeof head === "string"
      ? { target, size, head }
      : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Whether notes are about the running file that begins with `head` (256 bytes or all there are): those that a crash
 * left behind after the merge are not.
 */
export const areNotesAbout = (notes: MergeNotes, head: Buffer): boolean => {
  const noted = Buffer.from(notes.head, "base64");
  return noted.length > 0 && head.subarray(0, noted.length).equals(noted);
};

const writeAll = (fs: TraceFs, fd: number, bytes: Uint8Array): void => {
  for (let done = 0; done < bytes.length; ) done += fs.write(fd, bytes, done);
};

const copyTo = (fs: TraceFs, from: number, to: number, toSize: number): void => {
  const last = Buffer.alloc(1);
  const isTorn = toSize > 0 && fs.read(to, last, toSize - 1) === 1 && last[0] !== NEWLINE;
  if (isTorn) writeAll(fs, to, Buffer.from("\n"));
  const chunk = Buffer.allocUnsafe(SCAN_CHUNK_BYTES);
  for (let position = 0; ; ) {
    const read = fs.read(from, chunk, position);
    if (read === 0) break;
    writeAll(fs, to, chunk.subarray(0, read));
    position += read;
  }
  fs.syncNow(to);
};

/** Puts the lines of the running file at the end of `target`; a crash in the middle is undone by the next attempt. */
const merge = (fs: TraceFs, folder: string, running: number, target: string): void => {
  const notesPath = join(folder, MERGE_NOTES_NAME);
  const to = fs.openAppend(join(folder, target));
  try {
    let { size } = fs.facts(to);
    const left = fs.readWhole(notesPath);
    const notes = left === undefined ? undefined : parseMergeNotes(left);
    if (
      notes?.target === target &&
      notes.size <= size &&
      areNotesAbout(notes, headOf(fs, running))
    ) {
      size = notes.size;
      fs.truncate(to, size);
    } else {
      const head = headOf(fs, running).toString("base64");
      fs.writeWhole(notesPath, Buffer.from(JSON.stringify({ target, size, head })));
    }
    try {
      copyTo(fs, running, to, size);
    } catch (cause) {
      fs.truncate(to, size);
      throw cause;
    }
  } finally {
    fs.close(to);
  }
  fs.unlink(join(folder, RUNNING_NAME));
  fs.unlink(notesPath);
};

/**
 * Finishes the running file under the name of `day`. Afterwards nothing is named `events.log`.
 *
 * @returns the name it now has.
 * @throws the system's error; the running file is then still there, whole.
 */
export const finishRunning = (
  fs: TraceFs,
  folder: string,
  running: { readonly fd: number; readonly facts: FileFacts },
  day: number,
): string => {
  const name = finishedName(day);
  const from = join(folder, RUNNING_NAME);
  const to = join(folder, name);
  const taken = fs.factsAt(to);
  if (taken === undefined) {
    // One rename, so that no reader ever sees the lines twice. Nobody who respects the lock can take the name in between.
    fs.rename(from, to);
  } else if (isSameFile(taken, running.facts)) {
    // Somebody gave the file its other name by a hard link.
    fs.unlink(from);
  } else {
    merge(fs, folder, running.fd, name);
  }
  return name;
};
