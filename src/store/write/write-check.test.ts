// One probe a second, shared by all who ask, and a full disk noticed with the next one.

import { expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { realFs } from "./trace-fs.ts";
import { createWriteCheck } from "./write-check.ts";

const opened = (dir: string) => {
  const state = { now: 1_000_000, probes: 0, isFull: false };
  const check = createWriteCheck(
    {
      ...realFs,
      probe: async (path, bytes) => {
        state.probes += 1;
        if (state.isFull) throw new Error("ENOSPC: no space left on device");
        await realFs.probe(path, bytes);
      },
    },
    dir,
    { now: () => state.now },
  );
  return { state, check };
};

it("tries the folder once, however many ask, and leaves nothing there", () =>
  inTempDir(async (dir) => {
    const { state, check } = opened(dir);
    const answers = await Promise.all(Array.from({ length: 500 }, () => check()));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    state.now += 999;
    await check();
    expect(state.probes).toBe(1);
    expect(readdirSync(dir)).toEqual([]);
  }));

it("notices within a second that the disk is full, and that it is no more", () =>
  inTempDir(async (dir) => {
    const { state, check } = opened(dir);
    expect(await check()).toEqual({ ok: true });
    state.isFull = true;
    expect(await check()).toEqual({ ok: true });
    state.now += 1000;
    expect(await check()).toMatchObject({ ok: false, reason: expect.stringContaining("ENOSPC") });
    state.isFull = false;
    state.now += 1000;
    expect(await check()).toEqual({ ok: true });
    state.now -= 60_000;
    state.isFull = true;
    expect(await check()).toMatchObject({ ok: false });
  }));
