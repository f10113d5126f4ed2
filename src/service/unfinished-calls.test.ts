// What a starting notifier is told to look at.

import { expect, it } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { callsWithOpenCards, forEachCall, recentCalls } from "./unfinished-calls.ts";

const collect = async (ids: AsyncGenerator<string>): Promise<string[]> => {
  const found: string[] = [];
  await forEachCall(ids, async (id) => void found.push(id));
  return found.sort();
};

it("finds recent calls, and cards that stand and are not final, over midnight", () =>
  inTempDir(async (dataDir) => {
    const tg = (time: string, rest: string): string => `2025-11-30 ${time},000|TG|${rest}|text\n`;
    const ast = (time: string, id: string): string =>
      `2025-11-30 ${time},000|AST|dial|${id}|{"UniqueId":"${id}"}\n`;
    await mkdir(join(dataDir, "0367"));
    await writeFile(
      join(dataDir, "0367/events.log.2025-11-30"),
      [
        tg("09:00:00", "send|1|dial|6|0.9"),
        ast("11:00:00", "1.0"),
        tg("12:00:00", "send|1|dial|7|1.1"),
        tg("12:00:00", "send|2|dial|8|1.1"),
        tg("12:00:01", "delete|1|dial|7|1.1"),
        tg("12:00:02", "send|1|hangup|9|1.1"),
        tg("12:01:00", "send|1|dial|10|1.2"),
        tg("12:01:01", "edit|1|hangup|10|1.2"),
        tg("12:02:00", "fail|1|dial|0|1.3"),
        ast("12:03:00", "1.4") + ast("12:03:01", "1.4"),
      ].join(""),
    );
    await writeFile(
      join(dataDir, "0367/events.log"),
      "2025-12-01 00:00:01,000|AST|bridge_create||{}\n2025-12-01 00:00:02,000|AST|hangup|1.5|{}\n",
    );
    const since = Date.parse("2025-11-30T11:30:00Z");
    expect(await collect(callsWithOpenCards(dataDir, "0367", since))).toEqual(["1.1"]);
    expect(await collect(recentCalls(dataDir, "0367", since))).toEqual(["1.4", "1.5"]);
  }));
