import { describe, expect, it } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { NO_PLACE, type NotedPlace, PlaceFile, readPlace } from "./place.ts";

const noted = (seq: number): NotedPlace => ({
  place: { epoch: "e", phase: "open", seq, at: 5, openAt: 2 },
  upTo: seq + 3,
  before: { "0367": { day: 7, size: 9 }, "0368": null },
});

describe("the place in the stream", () => {
  it("is the one written last, in this process and the next", () =>
    inTempDir(async (dir) => {
      expect(readPlace(dir).place).toEqual(NO_PLACE);
      const file = new PlaceFile(dir);
      for (const seq of [1, 20, 300]) {
        file.write(noted(seq));
        expect(readPlace(dir)).toEqual(noted(seq));
      }
      file.close();
      const next = new PlaceFile(dir);
      next.write(noted(7));
      next.close();
      expect(readPlace(dir)).toEqual(noted(7));
    }));

  it("is the one before where the last one is torn, and no guess where both are", () =>
    inTempDir(async (dir) => {
      const path = join(dir, ".cluster/place");
      const file = new PlaceFile(dir);
      file.write(noted(1));
      file.write(noted(2));
      file.close();
      const bytes = readFileSync(path);
      const last = bytes.indexOf('"seq":2');
      bytes[last + 6] = 0x39;
      writeFileSync(path, bytes);
      expect(readPlace(dir)).toEqual(noted(1));
      bytes[bytes.indexOf('"seq":1') + 6] = 0x39;
      writeFileSync(path, bytes);
      expect(() => readPlace(dir)).toThrow("it is damaged");
    }));

  it("is none in a file that was just made", () =>
    inTempDir(async (dir) => {
      mkdirSync(join(dir, ".cluster"));
      writeFileSync(join(dir, ".cluster/place"), "");
      expect(readPlace(dir).place).toEqual(NO_PLACE);
      writeFileSync(join(dir, ".cluster/place"), Buffer.alloc(256 * 1024));
      expect(readPlace(dir).place).toEqual(NO_PLACE);
    }));
});
