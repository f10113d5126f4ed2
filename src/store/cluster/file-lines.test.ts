import { describe, expect, it } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { formatDay, formatStamp } from "../format/stamp.ts";
import { allLines, type FileLine, FileLines } from "./file-lines.ts";

const MIDNIGHT = Date.UTC(2026, 11, 1);
const DAY = MIDNIGHT / 86_400_000;

const textOf = (lines: readonly FileLine[]): string =>
  lines.map(({ at, fields }) => `${formatStamp(at)}|${fields}\n`).join("");

const lineOf = fc.record({
  afterMs: fc.constantFrom(0, 1, 500),
  // Some longer than what is read at once.
  size: fc.constantFrom(0, 3, 40_000, 300_000),
});

/** Lines around a midnight, and what is written of them. */
const filesOf = (dir: string, sizes: readonly { afterMs: number; size: number }[]): FileLine[] => {
  let at = MIDNIGHT - 1000;
  const lines = sizes.map(({ afterMs, size }, index) => {
    at += afterMs;
    return { at, fields: `AST|start|${index}|${"ж".repeat(size)}` };
  });
  mkdirSync(join(dir, "0367"));
  const running = lines.filter((line) => line.at >= MIDNIGHT);
  writeFileSync(
    join(dir, "0367", `events.log.${formatDay(DAY - 1)}`),
    textOf(lines.filter((line) => line.at < MIDNIGHT)),
  );
  // Of the line that is being written nothing is read yet.
  writeFileSync(join(dir, "0367/events.log"), `no stamp\n${textOf(running)}2026-12-01 00:0`);
  return lines;
};

describe("the lines of an enterprise's files", () => {
  it("are all handed out, in order, however they are asked for", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(lineOf, { maxLength: 20 }),
        fc.infiniteStream(fc.boolean()),
        async (sizes, releases) => {
          await inTempDir(async (dir) => {
            const lines = filesOf(dir, sizes);
            const whole: FileLine[] = [];
            for await (const line of allLines(new FileLines(dir, "0367"))) whole.push(line);
            expect(textOf(whole)).toBe(textOf(lines));
            const inSteps = new FileLines(dir, "0367");
            const read: FileLine[] = [];
            for (const at of new Set(lines.map((line) => line.at))) {
              expect(await inSteps.isAtEnd()).toBe(false);
              read.push(...(await inSteps.upTo(at)));
              expect(read.length).toBe(lines.filter((line) => line.at <= at).length);
              if (releases.next().value) inSteps.release();
            }
            expect(await inSteps.isAtEnd()).toBe(true);
            expect(textOf(read)).toBe(textOf(lines));
          });
        },
      ),
      { numRuns: 40 },
    ));

  it("begin at a stamp, without the days before", () =>
    inTempDir(async (dir) => {
      const lines = filesOf(
        dir,
        Array.from({ length: 9 }, () => ({ afterMs: 500, size: 1 })),
      );
      const from = MIDNIGHT + 500;
      const late = await new FileLines(dir, "0367", from).upTo(Number.POSITIVE_INFINITY);
      expect(textOf(late)).toBe(textOf(lines.filter(({ at }) => at >= from)));
      expect(await new FileLines(dir, "0401").isAtEnd()).toBe(true);
    }));
});
