// Who may read what is created.

import { describe, expect, it } from "bun:test";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { openTraceStore } from "../index.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

/** Two days of an enterprise, the first large enough to get an index. */
const writeTwoDays = async (dir: string): Promise<void> => {
  let now = Date.UTC(2025, 10, 29, 12);
  const trace = openTraceStore({ dir, clock: { now: () => now } });
  const append = (uniqueId: string) =>
    trace.append("0367", {
      kind: "AST",
      event: "start",
      uniqueId,
      body: { Name: "x".repeat(150_000) },
    } as const);
  for (const id of ["1.1", "1.2", "1.3"]) await append(id);
  now += 86_400_000;
  await append("2.1");
  await trace.indexed();
  await trace.close();
};

const CREATED = ["0367", "0367/events.log", "0367/events.log.2025-11-29"];

describe("what is created", () => {
  it("is its owner's alone", () =>
    inTempDir(async (folder) => {
      const dir = join(folder, "made/call_tracer");
      await writeTwoDays(dir);
      const modes = ["", ...CREATED].map((name) => modeOf(join(dir, name)));
      expect(modes).toEqual(["700", "700", "600", "600"]);
      const index = join(dir, "0367/.events.log.2025-11-29.idx");
      expect(modeOf(index)).toBe("600");
    }));

  it("is its owner's alone in a folder that everybody may read", () =>
    inTempDir(async (folder) => {
      const dir = join(folder, "call_tracer");
      mkdirSync(dir, { mode: 0o755 });
      await writeTwoDays(dir);
      expect(CREATED.map((name) => modeOf(join(dir, name)))).toEqual(["700", "600", "600"]);
      expect(modeOf(dir)).toBe("755");
    }));

  it("is the group's to read where the folder is marked as the group's", () =>
    inTempDir(async (folder) => {
      const dir = join(folder, "call_tracer");
      mkdirSync(dir);
      chmodSync(dir, 0o2750);
      await writeTwoDays(dir);
      expect(CREATED.map((name) => modeOf(join(dir, name)))).toEqual(["2750", "640", "640"]);
    }));
});
