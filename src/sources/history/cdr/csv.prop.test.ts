// What a well-behaved writer writes is read as it was, whatever stands in it; what is torn costs itself.

import { describe, expect, it } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../../../../tests/support/temp-dir.ts";
import { csvRecords, type Delimiter } from "./csv.ts";

/** Everything that means something to CSV, and what does not. */
const field = fc.string({
  unit: fc.constantFrom("a", "я", '"', ",", ";", "\\", "|", " ", "1", "\u{1f4de}"),
  maxLength: 12,
});
const record = fc.array(field, { minLength: 8, maxLength: 20 });
const quoted = (fields: readonly string[], delimiter: string): string =>
  fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter);

const read = async (text: string, delimiter: Delimiter) => {
  const records: { line: number; fields: readonly string[] | undefined }[] = [];
  await inTempDir(async (dir) => {
    await writeFile(join(dir, "x.csv"), text);
    for await (const block of csvRecords(join(dir, "x.csv"), delimiter)) records.push(...block);
  });
  return records;
};

describe("csvRecords", () => {
  it("gives back what was written, with the lines it stands in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(",", ";"),
        fc.constantFrom("\n", "\r\n"),
        async (records, delimiter, end) => {
          const text = records.map((fields) => quoted(fields, delimiter) + end).join("");
          const expected = records.map((fields, index) => ({ line: index + 1, fields }));
          expect(await read(text, delimiter)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("loses a torn line alone, wherever it stands", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 10 }),
        record,
        fc.nat(),
        fc.nat(),
        async (records, torn, place, cut) => {
          const whole = quoted(torn, ",");
          const lines = records.map((fields) => quoted(fields, ","));
          const at = place % (lines.length + 1);
          lines.splice(at, 0, whole.slice(0, 1 + (cut % (whole.length - 1))));
          const found = await read(`${lines.join("\n")}\n`, ",");
          const others = found.filter(({ line }) => line !== at + 1).map(({ fields }) => fields);
          expect(others).toEqual(records);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("never fails, and never grows, whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('"', ",", "\n", "x", "\r", "\t"), maxLength: 400 }),
        fc.constantFrom<Delimiter>(",", ";", "\t"),
        async (text, delimiter) => {
          const records = await read(text, delimiter);
          const lines = records.map(({ line }) => line);
          expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
          expect(lines.length).toBeLessThanOrEqual(text.split("\n").length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("reads the records of whole blocks, and what goes over lines", async () => {
    const rows = Array.from({ length: 1201 }, (_, n) => [
      `${n}`,
      "two\nlines",
      ...Array(8).fill("x"),
    ]);
    const text = rows.map((fields) => `${quoted(fields, ",")}\n`).join("");
    const found = await read(text, ",");
    expect(found.map(({ fields }) => fields)).toEqual(rows);
    expect(found.at(-1)?.line).toBe(2401);
  });
});
