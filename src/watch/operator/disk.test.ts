// Free room over some hours, and whether somebody should get up.

import { describe, expect, it } from "bun:test";
import { decideDisk, type FreeRoom, withSample } from "./disk.ts";

const MINUTE = 60_000;
const GIB = 1024 ** 3;

/** What is decided after `hours` in which the free room went by `freeAt`, looked at every five minutes. */
const after = (hours: number, freeAt: (hour: number) => number, isTold = false) => {
  let samples: readonly FreeRoom[] = [];
  let decided: ReturnType<typeof decideDisk>;
  for (let at = 0; at <= hours * 60 * MINUTE; at += 5 * MINUTE) {
    const now = { at, freeBytes: freeAt(at / 60 / MINUTE) };
    decided = decideDisk(samples, now, isTold);
    samples = withSample(samples, now);
    expect(samples.length).toBeLessThanOrEqual(37);
  }
  return decided;
};

describe("decideDisk", () => {
  it("tells a disk that fills within a day, with the hours that are left", () => {
    const decided = after(6, (hour) => 40 * GIB - hour * 3 * GIB);
    expect(decided?.freeBytes).toBe(22 * GIB);
    expect(decided?.hours).toBeCloseTo(22 / 3);
    expect(after(6, (hour) => 400 * GIB - hour * 3 * GIB)).toBeUndefined();
  });

  it("knows nothing in the first half hour, and nothing of a disk that stands still", () => {
    expect(after(0.4, (hour) => 40 * GIB - hour * 3 * GIB)).toBeUndefined();
    expect(after(24, () => GIB)).toBeUndefined();
  });

  it("is not alarmed by one large file that stays", () => {
    expect(after(4, (hour) => (hour < 2 ? 100 * GIB : 10 * GIB))).toBeUndefined();
    expect(after(6, (hour) => 100 * GIB + hour * GIB)).toBeUndefined();
  });

  it("tells a full disk at once, and its end only with a margin", () => {
    expect(after(0, () => 1024)?.hours).toBe(0);
    expect(after(0, () => 100 * 1024 * 1024)).toBeUndefined();
    expect(after(0, () => 100 * 1024 * 1024, true)?.hours).toBe(0);
    const slow = (hour: number) => 30 * GIB - hour * GIB;
    expect(after(1, slow)).toBeUndefined();
    expect(after(1, slow, true)?.hours).toBeCloseTo(29);
  });
});
