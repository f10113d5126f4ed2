import { describe, expect, it } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import type { RecordToWrite } from "../../domain/record.ts";
import { dayOf } from "../format/stamp.ts";
import { takenDays, writePastDay } from "./past-days.ts";

const noon = Date.UTC(2026, 0, 5, 12);
const day = dayOf(noon);
const hangup: RecordToWrite = { kind: "AST", event: "hangup", uniqueId: "1.1", body: { n: 1 } };

describe("writePastDay", () => {
  it("writes a day whole, its stamps within the day and never going back", async () => {
    await inTempDir(async (dir) => {
      const records = [noon, noon + 1, noon, noon + 24 * 3_600_000].map((at) => ({
        at,
        record: hangup,
      }));
      expect(await writePastDay({ dir, enterprise: "0367", day }, records)).toBe(true);
      expect(await readdir(join(dir, "0367"))).toEqual(["events.log.2026-01-05"]);
      const text = await readFile(join(dir, "0367/events.log.2026-01-05"), "utf8");
      expect(text.split("\n").map((line) => line.slice(0, 23))).toEqual([
        "2026-01-05 12:00:00,000",
        "2026-01-05 12:00:00,001",
        "2026-01-05 12:00:00,001",
        "2026-01-05 23:59:59,999",
        "",
      ]);
    });
  });

  it("leaves a day that has a file as it is, and nothing beside it", async () => {
    await inTempDir(async (dir) => {
      await writePastDay({ dir, enterprise: "0367", day }, [{ at: noon, record: hangup }]);
      const path = join(dir, "0367/events.log.2026-01-05");
      await writeFile(path, "theirs\n");
      const again = await writePastDay({ dir, enterprise: "0367", day }, [
        { at: noon, record: hangup },
      ]);
      expect(again).toBe(false);
      expect(await readFile(path, "utf8")).toBe("theirs\n");
      expect(await readdir(join(dir, "0367"))).toEqual(["events.log.2026-01-05"]);
    });
  });

  it("leaves nothing behind where a record cannot be a line", async () => {
    await inTempDir(async (dir) => {
      const bad = { ...hangup, uniqueId: "a|b" };
      const writing = writePastDay({ dir, enterprise: "0367", day }, [{ at: noon, record: bad }]);
      expect(writing).rejects.toThrow("the unique id");
      await writing.catch(() => undefined);
      expect(await readdir(join(dir, "0367"))).toEqual([]);
    });
  });
});

describe("takenDays", () => {
  it("tells the days of files, the running one's by its first record", async () => {
    await inTempDir(async (dir) => {
      expect(await takenDays(dir, "0367")).toEqual([]);
      await writePastDay({ dir, enterprise: "0367", day }, [{ at: noon, record: hangup }]);
      const line = "2026-01-07 00:00:00,000|AST|hangup|1.1|{}";
      await writeFile(join(dir, "0367/events.log"), `${line}\nmore\n`);
      await writeFile(join(dir, "0367/events_2026-01-04.log"), "");
      const taken = await takenDays(dir, "0367");
      expect(taken.map((one) => one.day - day)).toEqual([-1, 0, 2]);
      expect(taken.at(-1)?.firstLine).toBe(line);
    });
  });
});
