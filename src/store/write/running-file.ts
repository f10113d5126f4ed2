// One enterprise's running file, open and locked: the only place where bytes are appended and where a day is finished.
// Invariant: between lockRunning and unlockRunning nobody else who keeps to the lock writes, rotates or merges it.

import { join } from "node:path";
import { tryLock, unlock } from "../../lib/file-lock.ts";
import { writeFully } from "../../lib/write-fully.ts";
import { systemCode } from "../errors.ts";
import { RUNNING_NAME } from "../format/files.ts";
import { formatStamp } from "../format/stamp.ts";
import { TAIL_SEARCH_BYTES } from "../limits.ts";
import { readTail } from "./tail.ts";
import { type FileFacts, isSameFile, type TraceFs } from "./trace-fs.ts";

export type RunningFile = {
  readonly path: string;
  readonly fd: number;
  readonly facts: FileFacts;
  /** Bytes in the file after our last look, -1 where we must look again. */
  size: number;
  lastAt: number | undefined;
  isTorn: boolean;
  /** Whether its name is on the disk for certain: until then a `synced` append syncs the folders too. */
  isNameSynced: boolean;
  /** Syncs under way or waiting: the descriptor is closed when they are done. */
  pins: number;
  /** The sync that runs, and the one that begins after it for all who came meanwhile. */
  syncing: Promise<void> | undefined;
  nextSync: Promise<void> | undefined;
  isDropped: boolean;
};

/** Opens (and where needed creates) the running file of a folder. */
export const openRunning = (fs: TraceFs, folder: string): RunningFile => {
  const path = join(folder, RUNNING_NAME);
  let fd: number;
  try {
    fd = fs.openAppend(path);
  } catch (cause) {
    // Not "is the folder there?": another process may have made it in between.
    if (systemCode(cause) !== "ENOENT") throw cause;
    fs.makeFolder(folder);
    fd = fs.openAppend(path);
  }
  try {
    const facts = fs.facts(fd);
    return {
      path,
      fd,
      facts,
      size: -1,
      lastAt: undefined,
      isTorn: false,
      isNameSynced: false,
      pins: 0,
      syncing: undefined,
      nextSync: undefined,
      isDropped: false,
    };
  } catch (cause) {
    fs.close(fd);
    throw cause;
  }
};

const closeQuietly = (fs: TraceFs, fd: number): void => {
  try {
    fs.close(fd);
  } catch {
    // What was written has been answered for already; a descriptor that cannot be closed is gone all the same.
  }
};

/** Releases the lock of a file, and closes its descriptor as soon as no sync needs it. */
export const dropRunning = (fs: TraceFs, file: RunningFile): void => {
  if (file.isDropped) return;
  file.isDropped = true;
  if (file.pins === 0) closeQuietly(fs, file.fd);
  else unlock(file.fd);
};

/**
 * Resolves when everything written to the file so far is on the disk, its name too. Callers that come while
 * one sync runs share the next. The descriptor stays open until then.
 *
 * @param folders the folder of the file and those above it whose names must last.
 * @throws the system's error.
 */
export const syncRunning = async (
  fs: TraceFs,
  file: RunningFile,
  folders: readonly string[],
): Promise<void> => {
  const sync = async (): Promise<void> => {
    await fs.sync(file.fd);
    if (file.isNameSynced) return;
    for (const folder of folders) await fs.syncFolder(folder);
    file.isNameSynced = true;
  };
  const begin = (): Promise<void> => {
    const running = sync().finally(() => {
      if (file.syncing === running) file.syncing = undefined;
    });
    file.syncing = running;
    return running;
  };
  const next = (): Promise<void> => {
    file.nextSync = undefined;
    return begin();
  };
  file.pins += 1;
  try {
    if (file.syncing === undefined) await begin();
    else {
      file.nextSync ??= file.syncing.then(next, next);
      await file.nextSync;
    }
  } finally {
    file.pins -= 1;
    if (file.isDropped && file.pins === 0) closeQuietly(fs, file.fd);
  }
};

/**
 * Takes the lock and makes sure that the name still leads to this file, and that its end is known.
 *
 * @returns `busy` where another process has the lock; `moved` where the file was renamed, replaced or deleted: open
 *   again. In both cases the lock is not held.
 */
export const lockRunning = (fs: TraceFs, file: RunningFile): "locked" | "busy" | "moved" => {
  if (!tryLock(file.fd)) return "busy";
  try {
    const facts = fs.factsAt(file.path);
    if (facts === undefined || !isSameFile(facts, file.facts)) {
      unlock(file.fd);
      return "moved";
    }
    if (facts.size !== file.size) {
      const tail = readTail(fs, file.fd, facts.size, TAIL_SEARCH_BYTES);
      file.lastAt = tail.lastAt;
      file.isTorn = tail.isTorn;
      file.size = facts.size;
    }
    return "locked";
  } catch (cause) {
    unlock(file.fd);
    throw cause;
  }
};

export const unlockRunning = (file: RunningFile): void => unlock(file.fd);

const NEWLINE = Buffer.from("\n");

/** Ends a line that a writer left unfinished. The lock must be held. */
export const closeTornLine = (fs: TraceFs, file: RunningFile): void => {
  if (!file.isTorn) return;
  writeFully(NEWLINE, (offset) => fs.write(file.fd, NEWLINE, offset));
  file.size += NEWLINE.length;
  file.isTorn = false;
};

/**
 * Appends lines with the stamp `at`, all or none of them. The lock must be held.
 *
 * @param lines everything of each line after its stamp.
 * @throws the system's error; what was written of the lines is cut off again, as far as the system lets us.
 */
export const appendLines = (
  fs: TraceFs,
  file: RunningFile,
  at: number,
  lines: readonly string[],
): void => {
  const stamp = `${formatStamp(at)}|`;
  appendText(fs, file, at, `${stamp}${lines.join(`\n${stamp}`)}\n`);
};

/**
 * Appends whole lines with their stamps and line breaks, all or none of them. The lock must be held.
 *
 * @param lastAt the stamp of the last one
 * @throws as `appendLines` does
 */
export const appendText = (fs: TraceFs, file: RunningFile, lastAt: number, lines: string): void => {
  const text = Buffer.from(lines, "utf8");
  // A foreign writer died in the middle of a line: it ends here, so that ours is not glued to it.
  const bytes = file.isTorn ? Buffer.concat([NEWLINE, text]) : text;
  const progress = { done: 0 };
  try {
    writeFully(bytes, (offset) => fs.write(file.fd, bytes, offset), progress);
  } catch (cause) {
    const before = file.size;
    file.size = -1;
    if (progress.done > 0 && fs.facts(file.fd).size === before + progress.done) {
      fs.truncate(file.fd, before);
    }
    throw cause;
  }
  file.size += bytes.length;
  file.lastAt = lastAt;
  file.isTorn = false;
};
