import { expect, it } from "bun:test";
import fc from "fast-check";
import { type ByteSource, blocksBackwards, lineBounds } from "./reverse-lines.ts";

const sourceOf = (bytes: Buffer, most: number): ByteSource => ({
  read: async (into, length, position) =>
    bytes.copy(into, 0, position, Math.min(position + Math.min(length, most), bytes.length)),
});

it("gives the lines of a file backwards, for any chunk size and short reads", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constant(""), fc.string({ unit: "grapheme", maxLength: 40 }))),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 7 }),
      async (texts, chunkBytes, most) => {
        const bytes = Buffer.from(texts.map((text) => text.replaceAll("\n", "")).join("\n"));
        const seen: [number, string][] = [];
        for await (const block of blocksBackwards(
          sourceOf(bytes, most),
          0,
          bytes.length,
          chunkBytes,
        )) {
          expect(block.hasOverlongLine).toBe(false);
          for (const { start, end } of lineBounds(block.bytes)) {
            seen.push([block.at + start, block.bytes.toString("utf8", start, end)]);
          }
        }
        const lines = bytes.toString("utf8").split("\n");
        if (lines.at(-1) === "") lines.pop();
        expect(seen.map(([, text]) => text).reverse()).toEqual(lines);
        for (const [at, text] of seen) {
          expect(bytes.toString("utf8", at, at + Buffer.byteLength(text))).toBe(text);
        }
      },
    ),
  );
});

it("leaves out a line that is too long, and only that", async () => {
  const long = "x".repeat(5 * 1024 * 1024);
  const bytes = Buffer.from(`first\nsecond\n${long}\nlast\n`);
  for (const chunkBytes of [64 * 1024, 1024 * 1024]) {
    const seen: string[] = [];
    let overlong = 0;
    for await (const block of blocksBackwards(sourceOf(bytes, 1e9), 0, bytes.length, chunkBytes)) {
      if (block.hasOverlongLine) overlong += 1;
      for (const { start, end } of lineBounds(block.bytes)) {
        seen.push(block.bytes.toString("utf8", start, end));
      }
    }
    expect([seen.filter((line) => line.length < 100), overlong]).toEqual([
      ["last", "second", "first"],
      1,
    ]);
  }
});
