// A mutex between processes: flock(2) on an open file. The kernel releases it when its process dies, however it dies, so
// there is nothing to clean up. A lock belongs to the file, not to its name: after the file was removed or its folder
// moved, somebody else can lock another file of that name, so a holder has to check `isHeld` now and then.

import { dlopen, FFIType } from "bun:ffi";
import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

const EXCLUSIVE = 2;
const NON_BLOCKING = 4;
const RELEASE = 8;

const symbols = { flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 } } as const;

const openLibrary = () => {
  // glibc, macOS, musl (Alpine)
  const names = [
    "libc.so.6",
    "libSystem.B.dylib",
    `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
  ];
  let failure: unknown;
  for (const name of names) {
    try {
      return dlopen(name, symbols).symbols;
    } catch (cause) {
      failure = cause;
    }
  }
  throw new Error("cannot find flock in the C library: this system is not supported", {
    cause: failure,
  });
};

const { flock } = openLibrary();

/** Takes the lock of an open file unless somebody else has it. */
export const tryLock = (fd: number): boolean => flock(fd, EXCLUSIVE | NON_BLOCKING) === 0;

/** Releases the lock; closing the descriptor does so too. */
export const unlock = (fd: number): void => {
  flock(fd, RELEASE);
};

/** A lock that this process holds on a lock file. */
export type FileLock = {
  /** Whether the locked file is still the one of that name, so that nobody else can hold the lock too. */
  isHeld(): boolean;
  /** Releases the lock. Call it once. */
  release(): void;
};

const isStillThere = (path: string, fd: number): boolean => {
  const own = fstatSync(fd);
  const there = statSync(path, { throwIfNoEntry: false });
  return there?.ino === own.ino && there.dev === own.dev;
};

/**
 * Takes the lock of a lock file, which is created with its folder where missing (for its owner alone); undefined while
 * somebody else has it.
 *
 * @throws the system's error where the folder or the file cannot be written.
 */
export const tryHoldLock = (path: string): FileLock | undefined => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  // Somebody may have removed the file between our opening and locking it.
  if (tryLock(fd) && isStillThere(path, fd)) {
    return { isHeld: () => isStillThere(path, fd), release: () => closeSync(fd) };
  }
  closeSync(fd);
  return undefined;
};

/** Whether some process holds the lock of that file now. Creates and changes nothing. */
export const isLockHeld = (path: string): boolean => {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY);
  } catch {
    return false;
  }
  try {
    return !tryLock(fd);
  } finally {
    closeSync(fd);
  }
};
