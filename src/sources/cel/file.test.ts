import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { CelFile, type CelPlace } from "./file.ts";

/** Reads at a moment long after the files were written: nobody is writing to a renamed one. */
const later = (): number => Date.now() + 60_000;

const openAt = (path: string, place: CelPlace | "start" | "end" = "start", now = later): CelFile =>
  new CelFile({ path, place, now });

const readAll = async (file: CelFile): Promise<string[]> => {
  const lines: string[] = [];
  await file.read(async (some) => {
    lines.push(...some.map(({ text }) => text));
  });
  return lines;
};

const inFolder = (work: (path: string) => Promise<void>): Promise<void> =>
  inTempDir((dir) => work(join(dir, "cel.json")));

describe("the CEL file", () => {
  it("is read by whole lines, each once", () =>
    inFolder(async (path) => {
      const file = openAt(path);
      expect(await file.read(async () => undefined)).toBe("missing");
      writeFileSync(path, "one\r\ntwo\nthr");
      expect(await readAll(file)).toEqual(["one", "two"]);
      expect(await readAll(file)).toEqual([]);
      appendFileSync(path, "ee\n");
      expect(await readAll(file)).toEqual(["three"]);
      await file.close();
    }));

  it("is read on from a place by another process", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one\ntwo\n");
      const file = openAt(path);
      await readAll(file);
      await file.close();
      appendFileSync(path, "three\n");
      const other = openAt(path, file.place ?? "start");
      expect(await readAll(other)).toEqual(["three"]);
      expect(other.gaps).toBe(0);
      await other.close();
    }));

  it("is read from its end where it is read for the first time", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one\ntw");
      const file = openAt(path, "end");
      expect(await readAll(file)).toEqual([]);
      appendFileSync(path, "o\n");
      expect(await readAll(file)).toEqual(["two"]);
      await file.close();

      const missing = openAt(`${path}.later`, "end");
      expect(await readAll(missing)).toEqual([]);
      writeFileSync(`${path}.later`, "one\n");
      expect(await readAll(missing)).toEqual(["one"]);
      await missing.close();
    }));

  it("is read on from the beginning of any of its lines", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one\ntwo\nthree\n");
      const places: CelPlace[] = [];
      const file = openAt(path);
      await file.read(async (lines) => {
        places.push(...lines.map(({ place }) => place()));
      });
      await file.close();
      for (const [index, place] of places.entries()) {
        const other = openAt(path, place);
        expect(await readAll(other)).toEqual(["one", "two", "three"].slice(index));
        await other.close();
      }
    }));

  it("goes on in the new file when it is renamed, after the rest of the old one", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one\n");
      const file = openAt(path);
      await readAll(file);
      appendFileSync(path, "two\n");
      renameSync(path, `${path}.1`);
      expect(await readAll(file)).toEqual(["two"]);
      writeFileSync(path, "three\n");
      expect(await readAll(file)).toEqual(["three"]);
      expect(file.gaps).toBe(0);
      await file.close();
    }));

  it("waits for the last line of a renamed file before it leaves it", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one\n");
      const file = openAt(path, "start", Date.now);
      await readAll(file);
      renameSync(path, `${path}.1`);
      writeFileSync(path, "three\n");
      expect(await readAll(file)).toEqual([]);
      appendFileSync(`${path}.1`, "two\n");
      expect(await readAll(file)).toEqual(["two"]);
      await file.close();
    }));

  it("finds the rest in files that were renamed while nobody read", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one\n");
      const file = openAt(path);
      await readAll(file);
      await file.close();
      appendFileSync(path, "two\n");
      renameSync(path, `${path}.2`);
      writeFileSync(`${path}.1`, "three\n");
      writeFileSync(path, "four\n");
      const other = openAt(path, file.place ?? "start");
      expect(await readAll(other)).toEqual(["two", "three", "four"]);
      expect(other.gaps).toBe(0);
      await other.close();
    }));

  it("finds the rest in the copy of a truncated file, though it has grown beyond the place since", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one is a line\n");
      const file = openAt(path);
      await readAll(file);
      appendFileSync(path, "two\n");
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
      appendFileSync(path, "three is as long as one and more\n");
      expect(await readAll(file)).toEqual(["two", "three is as long as one and more"]);
      expect(file.gaps).toBe(0);
      await file.close();
    }));

  it("counts lines that are gone", () =>
    inFolder(async (path) => {
      writeFileSync(path, "one is a line\n");
      const file = openAt(path);
      await readAll(file);
      truncateSync(path);
      appendFileSync(path, "two\n");
      expect(await readAll(file)).toEqual(["two"]);
      expect(file.gaps).toBe(1);
      await file.close();

      rmSync(path);
      writeFileSync(`${path}.keeps-the-inode`, "");
      writeFileSync(path, "three\n");
      const other = openAt(path, file.place ?? "start");
      expect(await readAll(other)).toEqual(["three"]);
      expect(other.gaps).toBe(1);
      await other.close();
    }));

  it("reads lines of other programs, and longer ones than a block, without harm", () =>
    inFolder(async (path) => {
      writeFileSync(
        path,
        Buffer.concat([Buffer.from([0xff, 0x00, 0x0a]), Buffer.alloc(2 ** 21, 97)]),
      );
      appendFileSync(path, "\nlast\n");
      const file = openAt(path);
      const lines = await readAll(file);
      expect([lines[0], lines.at(-1)]).toEqual(["\u{fffd}\0", "last"]);
      await file.close();
    }));

  it("hands out every line once, whatever happens to the file between two readings", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("append", "half", "rename", "copy", "read", "restart"), {
          maxLength: 30,
        }),
        (steps) =>
          inFolder(async (path) => {
            writeFileSync(path, "");
            let file = openAt(path);
            // Where reading begins, what was renamed before is not looked for.
            await readAll(file);
            const written: string[] = [];
            const read: string[] = [];
            let half = "";
            let copies = 0;
            const append = (): void => {
              const line = `line ${written.length}`;
              appendFileSync(path, `${half === "" ? line : half.slice("line".length)}\n`);
              written.push(line);
              half = "";
            };
            for (const step of [...steps, "read"] as const) {
              if (step === "append") append();
              else if (step === "half" && half === "") {
                half = `line ${written.length}`;
                appendFileSync(path, "line");
              } else if (step === "rename" && half === "") {
                copies += 1;
                renameSync(path, `${path}-${20261100 + copies}`);
                writeFileSync(path, "");
              } else if (step === "copy" && half === "") {
                // Of a file that nothing was read of yet it cannot be told that it was truncated.
                append();
                read.push(...(await readAll(file)));
                append();
                copies += 1;
                copyFileSync(path, `${path}-${20261100 + copies}`);
                truncateSync(path);
                append();
                read.push(...(await readAll(file)));
              } else if (step === "read") read.push(...(await readAll(file)));
              else if (step === "restart") {
                await file.close();
                file = openAt(path, file.place ?? "start");
              }
            }
            await file.close();
            expect(read).toEqual(written.slice(0, read.length));
            expect(read.length).toBe(written.length);
            expect(file.gaps).toBe(0);
          }),
      ),
      { numRuns: 60 },
    ));
});
