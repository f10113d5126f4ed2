// One process does the job, also when the lock file is removed under it; an earlier job has ended before the next begins.

import { describe, expect, it } from "bun:test";
import { mkdirSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../tests/support/hand-time.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { type Job, SingleHolder } from "./single-holder.ts";

type Candidate = {
  readonly holder: SingleHolder<Job>;
  readonly told: string[];
  /** Jobs of this candidate that were started and have not stopped. */
  running: number;
  mostRunning: number;
  /** What a stop waits for. */
  stopsAfter: Promise<void>;
};

const candidate = (path: string, over: { readonly start?: () => void } = {}): Candidate => {
  const told: string[] = [];
  const state = { told, running: 0, mostRunning: 0, stopsAfter: Promise.resolve() };
  const holder = new SingleHolder<Job>({
    path,
    everyMs: 2,
    start: () => {
      over.start?.();
      state.running += 1;
      state.mostRunning = Math.max(state.mostRunning, state.running);
      return {
        stop: async () => {
          await state.stopsAfter;
          state.running -= 1;
        },
      };
    },
    onBusy: () => void told.push("busy"),
    onLost: () => void told.push("lost"),
    onFault: (error) => void told.push(String(error)),
  });
  return Object.assign(state, { holder });
};

describe("SingleHolder", () => {
  it("lets one of two do the job, and the other take over when it stops", () =>
    inTempDir(async (dir) => {
      const path = join(dir, ".lock");
      const first = candidate(path);
      const second = candidate(path);
      expect([first.running, second.running]).toEqual([1, 0]);
      expect(second.told).toEqual(["busy"]);
      await first.holder.stop();
      await until(() => second.running === 1);
      expect(first.running).toBe(0);
      await second.holder.stop();
    }));

  it("gives the job up when the folder of the lock was removed by hand", () =>
    inTempDir(async (dir) => {
      const path = join(dir, "spool", ".lock");
      const first = candidate(path);
      const second = candidate(path);
      rmSync(join(dir, "spool"), { recursive: true });
      await until(() => first.told.includes("lost") && first.running + second.running === 1);
      const after = first.told.length;
      await until(() => second.told.length > 3 || first.told.length > after + 3);
      expect(first.running + second.running).toBe(1);
      await Promise.all([first.holder.stop(), second.holder.stop()]);
    }));

  it("does not begin again before the job that lost its lock has stopped", () =>
    inTempDir(async (dir) => {
      const path = join(dir, ".lock");
      const only = candidate(path);
      const { promise, resolve } = Promise.withResolvers<void>();
      only.stopsAfter = promise;
      unlinkSync(path);
      await until(() => only.told.includes("lost"));
      const other = candidate(path);
      expect(other.running).toBe(1);
      await other.holder.stop();
      expect(only.holder.job).toBeUndefined();
      resolve();
      await until(() => only.holder.job !== undefined);
      expect(only.mostRunning).toBe(1);
      await only.holder.stop();
    }));

  it("tells a fault once, and goes on when it is over", () =>
    inTempDir(async (dir) => {
      const path = join(dir, "folder", ".lock");
      writeFileSync(join(dir, "folder"), "a file in the way");
      let starts = 0;
      const one = candidate(path, {
        start: () => {
          starts += 1;
          if (starts === 1) throw new Error("not yet");
        },
      });
      expect(one.told).toHaveLength(1);
      rmSync(join(dir, "folder"));
      mkdirSync(join(dir, "folder"));
      await until(() => one.running === 1);
      expect(one.told).toHaveLength(2);
      expect(one.told[1]).toBe("Error: not yet");
      await one.holder.stop();
    }));
});
