import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { MAX_HELD, openHeldFiles } from "./held-files.ts";
import { type SafeFile, safeOpen } from "./safe-open.ts";

/** Files of a folder with one file, and timers that run when they are told to. */
const inFolder = (
  work: (
    open: () => Promise<SafeFile>,
    held: ReturnType<typeof openHeldFiles>,
    runTimers: () => void,
  ) => Promise<void>,
): Promise<void> =>
  inTempDir(async (root) => {
    await Bun.write(join(root, "x.wav"), "0123456789");
    const timers = new Set<() => void>();
    const held = openHeldFiles((_, then) => {
      timers.add(then);
      return () => timers.delete(then);
    });
    const open = async (): Promise<SafeFile> => {
      const file = await safeOpen({ root, path: "x.wav" }, [root]);
      if (file === undefined) throw new Error("the file cannot be opened");
      return file;
    };
    await work(open, held, () => {
      for (const run of [...timers]) run();
    });
    await held.close();
  });

const isClosed = (file: SafeFile): Promise<boolean> =>
  file.handle.stat().then(
    () => false,
    () => true,
  );

describe("openHeldFiles", () => {
  it("answers the part that was asked for, and closes the file later", () =>
    inFolder(async (open, held, runTimers) => {
      const file = await open();
      const part = await held.part(file, 2, 5);
      expect(await part?.text()).toBe("234");
      expect(await isClosed(file)).toBe(false);
      runTimers();
      while (!(await isClosed(file)));
    }));

  it("closes everything at its end", () =>
    inFolder(async (open, held) => {
      const files = [await open(), await open()];
      for (const file of files) await held.part(file, 0, 1);
      await held.close();
      expect(await Promise.all(files.map(isClosed))).toEqual([true, true]);
    }));

  it("takes no more than so many, and closes what it does not take", () =>
    inFolder(async (open, held) => {
      for (let count = 0; count < MAX_HELD; count++) await held.part(await open(), 0, 1);
      const tooMany = await open();
      expect(await held.part(tooMany, 0, 1)).toBeUndefined();
      expect(await isClosed(tooMany)).toBe(true);
    }));
});
