// What is remembered of the folders, against what a full listing finds: whatever comes, goes, is renamed and moved meanwhile,
// with folders read ahead and without.

import { describe, expect, it } from "bun:test";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { silentLog } from "../../src/lib/log.ts";
import type { After } from "../../src/lib/within.ts";
import { openRecordings, type Recordings } from "../../src/recordings/index.ts";
import { T0 } from "../support/calls.ts";
import {
  BY_ID,
  OTHER_ID,
  RECORDED_ID,
  recordedCall,
  recordingFile,
  recordingsIn,
} from "../support/recordings.ts";
import { inTempDir } from "../support/temp-dir.ts";

const FOLDERS = [
  "",
  "2025/11/30",
  "2025/12/01/07",
  "2025-12-01",
  "0367/2025/11/30",
  "any",
  "any/deeper",
];
const IDS = [RECORDED_ID, OTHER_ID, `${RECORDED_ID}0`, "1764504000.7"];

const fileOf = fc.record({
  folder: fc.constantFrom(...FOLDERS),
  id: fc.constantFrom(...IDS),
  lead: fc.constantFrom("", "in-", "b-"),
  extension: fc.constantFrom("mp3", "gsm", "txt"),
});
const folderOf = fc.constantFrom(...FOLDERS.slice(1), "2025", "2025/11", "0367");
const stepOf = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("add" as const), file: fileOf }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("remove" as const), nth: fc.nat(50) }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("rename" as const), nth: fc.nat(50), to: fileOf }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("move" as const), from: folderOf, to: folderOf }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("ask" as const) }) },
);

type File = { folder: string; id: string; lead: string; extension: string };
const pathOf = ({ folder, id, lead, extension }: File): string =>
  join(folder, `${lead}${id}.${extension}`);

/** Every file below a folder, in order. */
const listing = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
};

/** What belongs to the call, by the listing alone: of two formats of one name the one that plays. */
const expected = async (root: string): Promise<string[]> => {
  const own = (await listing(root)).filter((path) =>
    /(?:^|[/-])(?:1764504000\.61|1764504010\.62)\.(?:mp3|gsm)$/.test(path),
  );
  return own.filter((path) => !path.endsWith(".gsm") || !own.includes(path.replace(/gsm$/, "mp3")));
};

describe("what is remembered of the folders", () => {
  it("is what a full listing finds, whatever happened to files and folders", async () => {
    const call = await recordedCall();
    await fc.assert(
      fc.asyncProperty(fc.array(stepOf, { maxLength: 40 }), fc.boolean(), (steps, isAhead) =>
        inTempDir(async (root) => {
          // Whatever was read counts as settled: only the folders' times of change tell.
          const recordings = recordingsIn([root], { clock: { now: () => T0 * 2 } });
          if (isAhead) void recordings.follow();
          let at = T0;
          /** A change that the folder's time tells, as one does that comes later than another. */
          const touched = async (path: string): Promise<void> => {
            at += 1000;
            await utimes(join(root, path), at / 1000, at / 1000).catch(() => undefined);
          };
          const touchedAll = async (path: string): Promise<void> => {
            for (let one = path; ; one = dirname(one)) {
              await touched(one);
              if (one === "." || one === "") return;
            }
          };
          const put = async (file: File): Promise<void> => {
            const path = join(root, pathOf(file));
            await mkdir(dirname(path), { recursive: true });
            // No two are one file: such are shown once.
            at += 1;
            await writeFile(path, "x".repeat(at - T0));
          };
          for (const step of steps) {
            const files = await listing(root);
            if (step.what === "add") {
              await put(step.file);
              await touchedAll(step.file.folder);
            } else if (step.what === "move") {
              const isWithin = `${step.to}/`.startsWith(`${step.from}/`);
              const isFree = await stat(join(root, step.to)).then(
                () => false,
                () => true,
              );
              if (isWithin || !isFree) continue;
              await mkdir(dirname(join(root, step.to)), { recursive: true });
              await rename(join(root, step.from), join(root, step.to)).catch(() => undefined);
              for (const one of [step.from, step.to]) await touchedAll(dirname(one));
            } else if (step.what === "ask") {
              const found = (await recordings.find(call)).map(({ place }) => place.path).sort();
              expect(found).toEqual(await expected(root));
            } else {
              const path = files[step.nth % Math.max(1, files.length)];
              if (path === undefined) continue;
              if (step.what === "remove") await rm(join(root, path));
              else {
                const to = pathOf(step.to);
                await mkdir(dirname(join(root, to)), { recursive: true });
                await rename(join(root, path), join(root, to));
                await touchedAll(dirname(to));
              }
              await touchedAll(dirname(path));
            }
          }
          const found = (await recordings.find(call)).map(({ place }) => place.path).sort();
          expect(found).toEqual(await expected(root));
          await recordings.close();
        }),
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** A timer that the test lets go off. */
const handTimer = () => {
  let waiting: (() => void) | undefined;
  const after: After = (_, work) => {
    waiting = work;
    return () => {
      waiting = undefined;
    };
  };
  return {
    after,
    isSet: () => waiting !== undefined,
    fire: () => {
      const work = waiting;
      waiting = undefined;
      work?.();
    },
  };
};

describe("folders that are followed", () => {
  const open = (root: string, after: After): Recordings =>
    openRecordings({
      folders: [root],
      pattern: BY_ID,
      clock: { now: () => T0 + 3_600_000 },
      log: silentLog,
      after,
    });

  it("are read before anybody asks, all of them, and those of now again", () =>
    inTempDir(async (root) => {
      for (const path of ["2024/02/03", "2025/11/30", "any/deeper"]) {
        await recordingFile(root, `${path}/in-${RECORDED_ID}.mp3`, { content: path });
      }
      const timer = handTimer();
      const recordings = open(root, timer.after);
      expect(recordings.bytes()).toBe(0);
      await recordings.follow();
      const read = recordings.bytes();
      expect(read).toBeGreaterThan(7 * 400);
      await recordingFile(root, `2025/11/30/in-${OTHER_ID}.mp3`, { content: "new" });
      timer.fire();
      while (!timer.isSet()) await Bun.sleep(1);
      expect(recordings.bytes()).toBeGreaterThan(read);
      await recordings.close();
      expect(timer.isSet()).toBe(false);
    }));

  it("are read for who asks where that changes under no watcher's eyes, and told by it where there is one", () =>
    inTempDir(async (root) => {
      const call = await recordedCall();
      for (let index = 0; index < 300; index++) {
        await writeFile(join(root, `in-${1764400000 + index}.${index}.mp3`), "x");
      }
      const recordings = open(root, handTimer().after);
      const names = async (): Promise<string[]> =>
        (await recordings.find(call)).map(({ name }) => name);
      expect(await names()).toEqual([]);
      await recordingFile(root, `a-${RECORDED_ID}.mp3`, { content: "a" });
      expect(await names()).toEqual([`a-${RECORDED_ID}.mp3`]);
      await recordingFile(root, `b-${RECORDED_ID}.mp3`, { content: "bb" });
      while ((await names()).length < 2) await Bun.sleep(1);
      // A folder that comes is more than a name.
      await recordingFile(root, `any/c-${RECORDED_ID}.mp3`, { content: "ccc" });
      while ((await names()).length < 3) await Bun.sleep(1);
      // So is another folder in its place.
      await rename(root, `${root}-away`);
      await recordingFile(root, `d-${RECORDED_ID}.mp3`, { content: "dddd" });
      expect(await names()).toEqual([`d-${RECORDED_ID}.mp3`]);
      await rm(`${root}-away`, { recursive: true });
      await recordings.close();
    }));
});
