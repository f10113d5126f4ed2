// Lines as they are appended: by this process and by others, through rotation, deletion and folders that appear.

import { afterEach, describe, expect, it } from "bun:test";
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { handTime } from "../../../tests/support/hand-time.ts";
import { hangup, openForTest, putFiles, tempFolder } from "../testing/temp-store.ts";
import { type FollowedLines, openFollower } from "./follow.ts";
import { recentRecords } from "./recent.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const followerOf = (dir: string) => {
  const follower = openFollower(dir);
  closers.push(() => follower.close());
  return follower;
};

/** Collects what comes; `until` resolves when that many lines are there. */
const collector = () => {
  const batches: FollowedLines[] = [];
  let waiting: { count: number; resolve: () => void } | undefined;
  const count = (): number => batches.reduce((sum, { lines }) => sum + lines.length, 0);
  return {
    batches,
    onLines: (batch: FollowedLines): void => {
      batches.push(batch);
      if (waiting !== undefined && count() >= waiting.count) waiting.resolve();
    },
    until: (wanted: number): Promise<void> =>
      new Promise((resolve) => {
        waiting = { count: wanted, resolve };
        if (count() >= wanted) resolve();
      }),
    lines: (): string[] => batches.flatMap(({ lines }) => lines.map(({ raw }) => raw)),
  };
};

const STAMP = "2025-11-30 12:00:00,000";
const lineOf = (id: string): string => `${STAMP}|AST|hangup|${id}|{}`;

describe("openFollower", () => {
  it("gives each line once, decoded, from the moment it was asked, of every enterprise", async () => {
    const dir = tempFolder();
    putFiles(dir, { "0367/events.log": `${lineOf("1.1")}\n` });
    const seen = collector();
    await followerOf(dir).followAll(seen.onLines);
    const store = openForTest({ dir, clock: handTime("2025-11-30T12:00:01Z") });
    await store.append("0367", hangup("1.2"));
    await store.append("0368", hangup("1.3"));
    await seen.until(2);
    const found = seen.batches.flatMap(({ enterprise, lines }) =>
      lines.map((line) => `${enterprise} ${line.record()?.uniqueId}`),
    );
    expect(found.sort()).toEqual(["0367 1.2", "0368 1.3"]);
  });

  it("waits for the end of a line, and passes over what is no record", async () => {
    const dir = tempFolder();
    putFiles(dir, { "0367/events.log": "" });
    const file = join(dir, "0367/events.log");
    const seen = collector();
    await followerOf(dir).follow("0367", seen);
    appendFileSync(file, `nonsense\n${lineOf("1.1")}\n${lineOf("1.2").slice(0, 30)}`);
    await seen.until(2);
    expect(seen.lines()).toEqual(["nonsense", lineOf("1.1")]);
    expect(seen.batches[0]?.lines[0]?.record()).toBeUndefined();
    appendFileSync(file, `${lineOf("1.2").slice(30)}\n`);
    await seen.until(3);
    expect(seen.lines()[2]).toBe(lineOf("1.2"));
  });

  it("reads a finished day to its end before the next one, in the order of the lines", async () => {
    const dir = tempFolder();
    const clock = handTime("2025-11-30T23:59:59.999Z");
    const store = openForTest({ dir, clock });
    const seen = collector();
    await followerOf(dir).followAll(seen.onLines);
    const ids = Array.from({ length: 40 }, (_, index) => `1.${index}`);
    for (const id of ids) {
      await store.append("0367", hangup(id));
      if (id === "1.0") await seen.until(1);
      if (Number(id.slice(2)) % 10 === 9) clock.pass(86_400_000);
    }
    await seen.until(ids.length);
    expect(seen.batches.flatMap(({ lines }) => lines.map((l) => l.record()?.uniqueId))).toEqual(
      ids,
    );
    expect(seen.batches.some(({ isGap }) => isGap)).toBe(false);
  });

  it("goes on from a place it once gave, also when the day was finished since", async () => {
    const dir = tempFolder();
    putFiles(dir, { "0367/events.log": `${lineOf("1.1")}\n` });
    const file = join(dir, "0367/events.log");
    const follower = followerOf(dir);
    const first = collector();
    const stop = await follower.follow("0367", first);
    appendFileSync(file, `${lineOf("1.2")}\n`);
    await first.until(1);
    const from = first.batches.at(-1)?.position;
    stop();
    appendFileSync(file, `${lineOf("1.3")}\n`);
    renameSync(file, join(dir, "0367/events.log.2025-11-30"));
    appendFileSync(file, `${lineOf("1.4")}\n`);
    const second = collector();
    await follower.follow("0367", { ...(from === undefined ? {} : { from }), ...second });
    await second.until(2);
    expect(second.lines()).toEqual([lineOf("1.3"), lineOf("1.4")]);
  });

  it("goes on when the folder is deleted and made again", async () => {
    const dir = tempFolder();
    putFiles(dir, { "0367/events.log": `${lineOf("1.1")}\n` });
    const seen = collector();
    await followerOf(dir).followAll(seen.onLines);
    rmSync(join(dir, "0367"), { recursive: true });
    mkdirSync(join(dir, "0367"));
    appendFileSync(join(dir, "0367/events.log"), `${lineOf("1.2")}\n`);
    await seen.until(1);
    expect(seen.lines()).toEqual([lineOf("1.2")]);
  });
});

describe("recentRecords", () => {
  it("gives one kind, newest first, over the days, back to the moment", async () => {
    const dir = tempFolder();
    const ast = (at: string, id: string): string => `${at}|AST|hangup|${id}|{}\n`;
    const tg = (at: string, id: string): string => `${at}|TG|send|1|dial|7|${id}|AST|x\n`;
    putFiles(dir, {
      "0367/events.log.2025-11-28": ast("2025-11-28 10:00:00,000", "1.1"),
      "0367/events.log.2025-11-29":
        ast("2025-11-29 10:00:00,000", "1.2") + ast("2025-11-29 23:30:00,000", "1.3"),
      "0367/events.log": `short\n${ast("2025-11-30 00:10:00,000", "1.4")}${tg("2025-11-30 00:11:00,000", "1.5")}`,
    });
    const since = Date.parse("2025-11-29T23:00:00Z");
    const idsOf = async (kind: "AST" | "TG"): Promise<string[]> => {
      const ids: string[] = [];
      for await (const { uniqueId } of recentRecords(dir, "0367", kind, since)) ids.push(uniqueId);
      return ids;
    };
    expect(await idsOf("AST")).toEqual(["1.4", "1.3"]);
    expect(await idsOf("TG")).toEqual(["1.5"]);
  });
});

describe("a follower whose file was cut short", () => {
  it("says that lines may have been missed, and goes on with what is appended", async () => {
    const dir = tempFolder();
    putFiles(dir, { "0367/events.log": `${lineOf("1.1")}\n${lineOf("1.2")}\n` });
    const file = join(dir, "0367/events.log");
    const seen = collector();
    await followerOf(dir).followAll(seen.onLines);
    truncateSync(file, lineOf("1.1").length + 1);
    appendFileSync(file, `${lineOf("1.3").slice(0, 10)}`);
    const gap = Promise.withResolvers<void>();
    const isGapSeen = (): boolean => seen.batches.some(({ isGap }) => isGap);
    const look = setInterval(() => isGapSeen() && gap.resolve(), 1);
    await gap.promise;
    clearInterval(look);
    appendFileSync(file, `${lineOf("1.3").slice(10)}\n${lineOf("1.4")}\n`);
    await seen.until(2);
    expect(seen.lines().at(-1)).toBe(lineOf("1.4"));
  });
});
