// One holder at a time, and none that holds what is not the folder's lock any more.

import { describe, expect, it } from "bun:test";
import { closeSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { isHeld, tryHoldNotifierLock } from "./notifier-lock.ts";

const mustHold = (dataDir: string): number => {
  const fd = tryHoldNotifierLock(dataDir);
  if (fd === undefined) throw new Error("the lock is taken");
  return fd;
};

describe("tryHoldNotifierLock", () => {
  it("makes the folder, and gives the lock to one until it is let go", () =>
    inTempDir(async (folder) => {
      const dataDir = join(folder, "call_tracer");
      const first = mustHold(dataDir);
      expect(tryHoldNotifierLock(dataDir)).toBeUndefined();
      expect(isHeld(dataDir, first)).toBe(true);
      closeSync(first);
      closeSync(mustHold(dataDir));
    }));

  it("tells a holder whose file was removed that another may hold the lock now", () =>
    inTempDir(async (dataDir) => {
      const first = mustHold(dataDir);
      unlinkSync(join(dataDir, ".notifier.lock"));
      expect(isHeld(dataDir, first)).toBe(false);
      const second = mustHold(dataDir);
      expect(isHeld(dataDir, first)).toBe(false);
      expect(isHeld(dataDir, second)).toBe(true);
      closeSync(first);
      closeSync(second);
    }));
});
