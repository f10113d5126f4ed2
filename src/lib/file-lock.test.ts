// One holder at a time, and none that takes a lock for its own after the lock file was removed.

import { describe, expect, it } from "bun:test";
import { existsSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { type FileLock, isLockHeld, tryHoldLock } from "./file-lock.ts";

const mustHold = (path: string): FileLock => {
  const lock = tryHoldLock(path);
  if (lock === undefined) throw new Error("the lock is taken");
  return lock;
};

describe("tryHoldLock", () => {
  it("makes the folder, and gives the lock to one until it is released", () =>
    inTempDir(async (folder) => {
      const path = join(folder, "call_tracer", ".lock");
      const first = mustHold(path);
      expect(tryHoldLock(path)).toBeUndefined();
      expect(first.isHeld()).toBe(true);
      first.release();
      mustHold(path).release();
    }));

  it("tells a holder whose file was removed that another may hold the lock now", () =>
    inTempDir(async (folder) => {
      const path = join(folder, ".lock");
      const first = mustHold(path);
      unlinkSync(path);
      expect(first.isHeld()).toBe(false);
      const second = mustHold(path);
      expect(first.isHeld()).toBe(false);
      expect(second.isHeld()).toBe(true);
      first.release();
      second.release();
    }));

  it("tells a holder whose folder was removed, and whose folder came back", () =>
    inTempDir(async (folder) => {
      const path = join(folder, "spool", ".lock");
      const first = mustHold(path);
      rmSync(join(folder, "spool"), { recursive: true });
      expect(first.isHeld()).toBe(false);
      mustHold(path).release();
      expect(first.isHeld()).toBe(false);
      first.release();
    }));
});

describe("isLockHeld", () => {
  it("looks without creating, holding or waiting", () =>
    inTempDir(async (folder) => {
      const path = join(folder, ".lock");
      expect(isLockHeld(path)).toBe(false);
      expect(existsSync(path)).toBe(false);
      const lock = mustHold(path);
      expect(isLockHeld(path)).toBe(true);
      lock.release();
      expect(isLockHeld(path)).toBe(false);
      expect(isLockHeld(path)).toBe(false);
    }));
});
