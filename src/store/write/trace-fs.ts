// The few operations on files that the writer needs, as one object: the place where tests put a full disk or a
// failing one. Errors keep the system's code.

import * as fs from "node:fs";
import * as fsp from "node:fs/promises";
import { syncFolder } from "../../lib/replace-file.ts";
import { newFileMode, newFolderMode } from "./modes.ts";

/** Which file it is, whatever its name, and how large. */
export type FileFacts = {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** Milliseconds since the epoch, with fraction. */
  readonly mtimeMs: number;
};

export type TraceFs = {
  /** Opens for reading and appending, creating the file where there is none. */
  openAppend(path: string): number;
  openRead(path: string): number;
  close(fd: number): void;
  /** @returns bytes written: fewer than asked for on a disk that fills up. */
  write(fd: number, bytes: Uint8Array, offset: number): number;
  read(fd: number, into: Uint8Array, position: number): number;
  facts(fd: number): FileFacts;
  /** undefined where nothing has that name. */
  factsAt(path: string): FileFacts | undefined;
  truncate(fd: number, size: number): void;
  unlink(path: string): void;
  rename(path: string, other: string): void;
  makeFolder(path: string): void;
  list(folder: string): string[];
  writeWhole(path: string, bytes: Uint8Array): void;
  readWhole(path: string): Uint8Array | undefined;
  /** Writes a file to the disk and removes it, off this thread. Rejects where there is no room or no right. */
  probe(path: string, bytes: Uint8Array): Promise<void>;
  /** Data and size on the disk, holding this thread: for the rare steps that nothing may overtake. */
  syncNow(fd: number): void;
  /** Data and size on the disk (fdatasync), off this thread. */
  sync(fd: number): Promise<void>;
  /** The names of a folder on the disk, off this thread. */
  syncFolder(path: string): Promise<void>;
};

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error &&
  "code" in cause &&
  (cause.code === "ENOENT" || cause.code === "ENOTDIR");

const orMissing = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
};

/** The machine's own files. */
export const realFs: TraceFs = {
  openAppend: (path) =>
    fs.openSync(
      path,
      fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT,
      newFileMode(path),
    ),
  openRead: (path) => fs.openSync(path, "r"),
  close: (fd) => fs.closeSync(fd),
  write: (fd, bytes, offset) => fs.writeSync(fd, bytes, offset, bytes.length - offset),
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  facts: (fd) => fs.fstatSync(fd),
  factsAt: (path) => orMissing(() => fs.statSync(path)),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  unlink: (path) => fs.unlinkSync(path),
  rename: (path, other) => fs.renameSync(path, other),
  makeFolder: (path) => {
    fs.mkdirSync(path, { recursive: true, mode: newFolderMode(path) });
  },
  list: (folder) => orMissing(() => fs.readdirSync(folder)) ?? [],
  writeWhole: (path, bytes) =>
    fs.writeFileSync(path, bytes, { flush: true, mode: newFileMode(path) }),
  readWhole: (path) => orMissing(() => fs.readFileSync(path)),
  probe: async (path, bytes) => {
    try {
      await fsp.writeFile(path, bytes, { flush: true, mode: newFileMode(path) });
    } finally {
      await fsp.rm(path, { force: true });
    }
  },
  syncNow: (fd) => fs.fdatasyncSync(fd),
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (cause) => (cause ? reject(cause) : resolve()));
    }),
  syncFolder,
};

/** Whether two facts are about the same file. */
export const isSameFile = (a: FileFacts, b: FileFacts): boolean =>
  a.ino === b.ino && a.dev === b.dev;

/** Whether they are about the same file, and nothing was written into it in between. */
export const isUnchanged = (a: FileFacts, b: FileFacts): boolean =>
  isSameFile(a, b) && a.size === b.size && a.mtimeMs === b.mtimeMs;
