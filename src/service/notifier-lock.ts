// The lock that makes one process of a data folder its notifier. The kernel lets go of it when the process dies, however
// it dies. A lock says nothing about names: whoever holds it looks now and then whether the file still is the folder's.

import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "../store/index.ts";

const LOCK_NAME = ".notifier.lock";

/** Whether the file that is locked is still the one that others would lock. */
export const isHeld = (dataDir: string, fd: number): boolean => {
  const own = fstatSync(fd);
  const there = statSync(join(dataDir, LOCK_NAME), { throwIfNoEntry: false });
  return there?.ino === own.ino && there.dev === own.dev;
};

/** Whether a process brings the cards of a data folder now. Changes nothing in it. */
export const hasNotifier = (dataDir: string): boolean => {
  try {
    const fd = openSync(join(dataDir, LOCK_NAME), constants.O_RDONLY);
    try {
      return !tryLock(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
};

/**
 * The lock of a data folder, which is created where missing; undefined while another process has it. Closing the
 * descriptor lets it go.
 *
 * @throws the system's error where the folder cannot be written.
 */
export const tryHoldNotifierLock = (dataDir: string): number | undefined => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const fd = openSync(join(dataDir, LOCK_NAME), constants.O_RDWR | constants.O_CREAT, 0o600);
  if (tryLock(fd) && isHeld(dataDir, fd)) return fd;
  closeSync(fd);
  return undefined;
};
