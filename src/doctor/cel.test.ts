import { expect, it } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { celText } from "../../tests/support/cel.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { celFile } from "./cel.ts";

const clock = { now: () => Date.now() };

const foundIn = async (text: string | undefined, now = clock): Promise<string[]> => {
  let found: string[] = [];
  await inTempDir(async (dir) => {
    const path = join(dir, "cel.json");
    if (text !== undefined) writeFileSync(path, text);
    found = (await celFile(path, now)).map(
      ({ level, finding, todo = "" }) => `${level} ${finding} | ${todo}`,
    );
  });
  return found;
};

it("says what to write where there is no file, and where its lines are not understood", async () => {
  const [missing = ""] = await foundIn(undefined);
  expect(missing).toStartWith("wrong is not there | enable it: cel.conf with enable=yes");
  expect(missing).toContain(`calllog.csv => \${CSV_QUOTE(\${eventtype})}`);
  const [strange = ""] = await foundIn("[Nov 22 07:42:30] NOTICE[12]: hello\n");
  expect(strange).toStartWith("wrong has no line that is understood as CEL | in cel_custom.conf");
});

it("says which column is missing", async () => {
  const without = (name: string): string =>
    celText("in_answered.jsonl").replaceAll(
      new RegExp(`"${name}":"(?:[^"\\\\]|\\\\.)*"`, "g"),
      `"${name}":""`,
    );
  expect((await foundIn(without("linkedid")))[0]).toContain("lack something: no linkedid");
  expect((await foundIn(without("eventextra")))[0]).toContain(
    "no eventextra, which names the bridges",
  );
});

it("takes JSON and CSV, and tells a file that was not written for a day", async () => {
  expect(await foundIn(celText("in_answered.jsonl"))).toEqual([
    "ok has lines that are understood (15 of the last 15) | ",
  ]);
  expect((await foundIn(celText("four_calls.csv")))[0]).toStartWith("ok has lines");
  const later = { now: () => Date.now() + 25 * 3600 * 1000 };
  expect((await foundIn(celText("in_answered.jsonl"), later))[1]).toStartWith(
    "note had no line for a day",
  );
});
