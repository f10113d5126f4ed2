import { describe, expect, it } from "bun:test";
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { StampedWriter } from "./stamped-writer.ts";
import { realFs } from "./trace-fs.ts";

const NOON = Date.UTC(2026, 10, 30, 12);
const MIDNIGHT = Date.UTC(2026, 11, 1);

const files = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(dir, "0367"))
      .sort()
      .map((name) => [name, readFileSync(join(dir, "0367", name), "utf8")]),
  );

describe("lines with stamps of their own", () => {
  it("are put into the file of their day, in order, with the later of two stamps", () =>
    inTempDir(async (dir) => {
      const finished: string[] = [];
      const writer = new StampedWriter({
        dir,
        fs: realFs,
        onFinished: (_, name) => finished.push(name),
      });
      await writer.write("0367", [
        { at: NOON, fields: "a" },
        { at: NOON - 5, fields: "b" },
        { at: MIDNIGHT - 1, fields: "c" },
        { at: MIDNIGHT, fields: "d" },
        { at: MIDNIGHT - 7, fields: "e" },
      ]);
      writer.close();
      expect(files(dir)).toEqual({
        "events.log": "2026-12-01 00:00:00,000|d\n2026-12-01 00:00:00,000|e\n",
        "events.log.2026-11-30":
          "2026-11-30 12:00:00,000|a\n2026-11-30 12:00:00,000|b\n2026-11-30 23:59:59,999|c\n",
      });
      expect(finished).toEqual(["events.log.2026-11-30"]);
    }));

  it("follow a line that was not written whole in its place, not behind it", () =>
    inTempDir(async (dir) => {
      mkdirSync(join(dir, "0367"));
      appendFileSync(join(dir, "0367/events.log"), "2026-11-30 12:00:00,000|a\n2026-11-30 12:0");
      const writer = new StampedWriter({ dir, fs: realFs });
      await writer.write("0367", [{ at: NOON + 1, fields: "b" }]);
      writer.close();
      expect(files(dir)["events.log"]).toBe(
        "2026-11-30 12:00:00,000|a\n2026-11-30 12:00:00,001|b\n",
      );
    }));

  it("are counted since a mark, over the end of a day and without what is torn", () =>
    inTempDir(async (dir) => {
      const writer = new StampedWriter({ dir, fs: realFs });
      expect(writer.mark("0367")).toBeUndefined();
      await writer.write("0367", [{ at: NOON, fields: "a" }]);
      const mark = writer.mark("0367");
      expect(writer.linesSince("0367", undefined)).toEqual(["2026-11-30 12:00:00,000|a"]);
      await writer.write("0367", [
        { at: NOON, fields: "b" },
        { at: MIDNIGHT, fields: "c" },
      ]);
      appendFileSync(join(dir, "0367/events.log"), "2026-12-0");
      expect(writer.linesSince("0367", mark)).toEqual([
        "2026-11-30 12:00:00,000|b",
        "2026-12-01 00:00:00,000|c",
      ]);
      writer.close();
    }));

  it("end with a stamp, which several may have", () =>
    inTempDir(async (dir) => {
      const writer = new StampedWriter({ dir, fs: realFs });
      expect(writer.end("0367")).toBeUndefined();
      await writer.write("0367", [
        { at: NOON, fields: "a" },
        { at: NOON + 3, fields: "b" },
        { at: NOON + 3, fields: "c" },
      ]);
      expect(writer.end("0367")).toEqual({ at: NOON + 3, count: 2 });
      writer.close();
    }));
});
