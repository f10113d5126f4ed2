import { describe, expect, it } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { makeVariedTree } from "../../../scripts/bench/trees.ts";
import { hashOfKey } from "../index/index-table.ts";
import type { ByteSource } from "../read/reverse-lines.ts";
import { tempFolder } from "../testing/temp-store.ts";
import { bucketFor, type DayHead, decodeBucket, decodeDayHead } from "./day-index.ts";
import { decompress, FRAME_BYTES, framesOf } from "./frames.ts";
import { keysOfLine, linesOf } from "./line-keys.ts";
import { type PackOptions, packDay } from "./pack-day.ts";

const sourceOf = (bytes: Buffer): ByteSource => ({
  read: async (into, length, position) =>
    bytes.copy(into, 0, position, Math.min(bytes.length, position + length)),
});

const NAME = "events.log.2025-11-29";

const pack = async (bytes: Buffer, options?: PackOptions): Promise<Map<string, Uint8Array>> => {
  const objects = new Map<string, Uint8Array>();
  const day = { enterprise: "0367", name: NAME, source: sourceOf(bytes), bytes: bytes.length };
  for await (const { key, bytes: content } of packDay({ ...day, table: undefined }, options))
    objects.set(key, content);
  return objects;
};

const indexOf = (objects: Map<string, Uint8Array>): Uint8Array =>
  objects.get(`0367/${NAME}.idx`) ?? new Uint8Array();

const headOf = (objects: Map<string, Uint8Array>): DayHead => {
  const head = decodeDayHead(indexOf(objects), "0367", NAME);
  if (head === undefined) throw new Error("the index has no head");
  return head;
};

/** A day of the sample calls. */
const sampleDay = (megabytes: number): Buffer => {
  const dir = tempFolder();
  makeVariedTree(dir, 1, megabytes, 20_000);
  return readFileSync(join(dir, "0367/events.log"));
};

describe("framesOf", () => {
  it("cuts a file at line ends, losing nothing, whatever the lines", async () => {
    const lines = fc.array(fc.oneof(fc.nat(200), fc.nat(300_000)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (lengths, isTorn) => {
        const text = lengths.map((length) => "x".repeat(length)).join("\n");
        const bytes = Buffer.from(isTorn || text === "" ? text : `${text}\n`);
        const frames: Buffer[] = [];
        for await (const frame of framesOf(sourceOf(bytes), bytes.length)) frames.push(frame);
        expect(Buffer.concat(frames).equals(bytes)).toBe(true);
        for (const frame of frames.slice(0, -1)) expect(frame.at(-1)).toBe(10);
        for (const frame of frames)
          if (frame.length > FRAME_BYTES)
            expect([-1, frame.length - 1]).toContain(frame.indexOf(10));
      }),
      { numRuns: 60 },
    );
  });
});

describe("packDay", () => {
  it("makes 100 MB of lines 8 MB or less, index included", async () => {
    const bytes = sampleDay(20);
    const objects = await pack(bytes);
    const stored = [...objects.values()].reduce((sum, { length }) => sum + length, 0);
    expect((stored / bytes.length) * 100).toBeLessThan(8);
  }, 30_000);

  it("puts the index last", async () => {
    expect([...(await pack(sampleDay(1))).keys()]).toEqual([
      `0367/${NAME}.zst`,
      `0367/${NAME}.idx`,
    ]);
  });

  it("gives a file that zstd reads, in several objects where one would be too large", async () => {
    const bytes = sampleDay(3);
    const objects = await pack(bytes, { maxPartBytes: 100_000 });
    const head = headOf(objects);
    expect(head.facts.parts.length).toBeGreaterThan(1);
    const parts = [...objects].filter(([key]) => key.includes(".zst"));
    for (const [, part] of parts) expect(part.length).toBeLessThanOrEqual(100_000);
    const path = join(tempFolder(), "day.zst");
    writeFileSync(path, Buffer.concat(parts.map(([, part]) => part)));
    const { stdout, status } = spawnSync("zstd", ["-dc", path], { maxBuffer: 64e6 });
    expect(status).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  it("ends with the seek table of the seekable format", async () => {
    const objects = await pack(sampleDay(1));
    const bytes = Buffer.from(objects.get(`0367/${NAME}.zst`) ?? []);
    const { frames } = headOf(objects);
    expect(bytes.readUInt32LE(bytes.length - 4)).toBe(0x8f_92_ea_b1);
    expect(bytes.readUInt32LE(bytes.length - 9)).toBe(frames.length);
    const table = bytes.length - 9 - frames.length * 8;
    expect(bytes.readUInt32LE(table - 8)).toBe(0x18_4d_2a_5e);
    expect(bytes.readUInt32LE(table - 4)).toBe(frames.length * 8 + 9);
    expect(bytes.readUInt32LE(table)).toBe(frames[0]?.packedBytes ?? 0);
    expect(bytes.readUInt32LE(table + 4)).toBe(frames[0]?.rawBytes ?? 0);
  });

  it("files every key of every line under its frames, and what hangs together with it", async () => {
    const bytes = sampleDay(2);
    const objects = await pack(bytes);
    const head = headOf(objects);
    const packed = Buffer.from(objects.get(`0367/${NAME}.zst`) ?? []);
    let at = 0;
    for (const [number, { packedBytes, rawBytes }] of head.frames.entries()) {
      const raw = Buffer.from(await decompress(packed.subarray(at, at + packedBytes)));
      expect(raw.length).toBe(rawBytes);
      at += packedBytes;
      for (const { start, end } of linesOf(raw)) {
        const keys = keysOfLine(raw.toString("utf8", start, end));
        const places = keys.map((key) => {
          const hash = hashOfKey(key);
          const bucket = bucketFor(head, hash);
          const { at: from = 0, bytes: length = 0 } = head.buckets[bucket] ?? {};
          const content = indexOf(objects).subarray(from, from + length);
          return decodeBucket(head, bucket, content)?.find((place) => place.hash === hash);
        });
        for (const place of places) expect(place?.frames).toContain(number);
        const closed = places.filter((place) => place?.isClosed);
        for (const place of closed) expect(place?.frames).toEqual(closed[0]?.frames ?? []);
      }
    }
  });

  it("proves itself: a changed head or bucket is refused, and that of another day", async () => {
    const objects = await pack(sampleDay(1));
    const index = indexOf(objects);
    expect(decodeDayHead(index, "0368", NAME)).toBeUndefined();
    expect(decodeDayHead(index, "0367", "events.log.2025-11-30")).toBeUndefined();
    const head = headOf(objects);
    for (const at of [0, 5, 9, 40, head.headBytes - 1]) {
      const changed = Uint8Array.from(index);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(decodeDayHead(changed, "0367", NAME)).toBeUndefined();
    }
    const [bucket] = head.buckets;
    const content = Uint8Array.from(
      index.subarray(head.headBytes, head.headBytes + (bucket?.bytes ?? 0)),
    );
    expect(decodeBucket(head, 0, content)?.length).toBeGreaterThan(0);
    content[0] = (content[0] ?? 0) ^ 1;
    expect(decodeBucket(head, 0, content)).toBeUndefined();
    expect(decodeBucket(head, 0, content.subarray(1))).toBeUndefined();
  });

  it("lists the ids that their own time does not lead to", async () => {
    const day = Date.UTC(2025, 10, 29) / 1000;
    const line = (id: string): string => `2025-11-29 09:08:42,025|TG|delete|1|dial|2|${id}|\n`;
    const ids = [
      `${day + 5}.1`,
      `${day - 5}.2`,
      `${day - 90_000}.3`,
      "odd-id",
      `${day + 90_000}.4`,
    ];
    const head = headOf(await pack(Buffer.from(ids.map(line).join(""))));
    const found = ids.filter((id) => head.strays.has(hashOfKey(`id:${id}`)));
    expect(found).toEqual([ids[2], ids[3], ids[4]] as string[]);
  });
});
