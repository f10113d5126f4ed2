// A folder of recordings that somebody else writes into, with the worst of intentions: nothing outside it is ever opened,
// and nothing in it stops the page.

import { describe, expect, it } from "bun:test";
import { link, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "../../src/recordings/search.ts";
import { RECORDED_ID, recordedCall, recordingFile, recordingsIn } from "../support/recordings.ts";
import { inTempDir } from "../support/temp-dir.ts";
import { wavFile } from "../support/wav.ts";

const NAME = `${RECORDED_ID}.wav`;

/** A folder of recordings, and one beside it that is nobody's business. */
const inFolders = (work: (inside: string, outside: string) => Promise<void>): Promise<void> =>
  inTempDir(async (folder) => {
    const [inside, outside] = [join(folder, "rec"), join(folder, "record-of-others")];
    await mkdir(inside);
    await mkdir(outside);
    await recordingFile(outside, NAME);
    await work(inside, outside);
  });

const found = async (folders: readonly string[]): Promise<string[]> =>
  (await recordingsIn(folders).find(await recordedCall())).map(({ place }) => place.path);

describe("a hostile folder of recordings", () => {
  it("does not lead out by a link to a file", () =>
    inFolders(async (inside, outside) => {
      await symlink(join(outside, NAME), join(inside, NAME));
      await symlink("/etc/passwd", join(inside, `a-${NAME}`));
      await symlink(`../record-of-others/${NAME}`, join(inside, `b-${NAME}`));
      expect(await found([inside])).toEqual([]);
    }));

  it("does not lead out by a link to a folder, nor round in a circle", () =>
    inFolders(async (inside, outside) => {
      await symlink(outside, join(inside, "2025"));
      await symlink(inside, join(inside, "again"));
      await symlink(NAME, join(inside, NAME));
      expect(await found([inside])).toEqual([]);
    }));

  it("may link from one of the folders to another", () =>
    inFolders(async (inside, outside) => {
      await symlink(join(outside, NAME), join(inside, `a-${NAME}`));
      expect(await found([inside, outside])).toEqual([`a-${NAME}`, NAME]);
    }));

  it("may itself be reached by a link", () =>
    inFolders(async (inside, outside) => {
      await symlink(outside, join(inside, "link"));
      expect(await found([join(inside, "link")])).toEqual([NAME]);
    }));

  it("does not open what was exchanged for a link after it was found", () =>
    inFolders(async (inside, outside) => {
      await recordingFile(inside, `day/${NAME}`);
      const recordings = recordingsIn([inside]);
      const [recording] = await recordings.find(await recordedCall());
      if (recording === undefined) throw new Error("not found");
      await rename(join(inside, "day"), join(inside, "gone"));
      await symlink(outside, join(inside, "day"));
      expect(await recordings.open(recording)).toBeUndefined();
    }));

  it("opens nothing above it, whatever the place says", () =>
    inFolders(async (inside) => {
      const recordings = recordingsIn([inside]);
      const places: Place[] = [
        `../record-of-others/${NAME}`,
        `x/../../record-of-others/${NAME}`,
        "",
        ".",
        "..",
        `${NAME}\0.wav`,
      ].map((path) => ({ root: inside, path }));
      for (const place of places) {
        expect([place.path, await recordings.open({ place })]).toEqual([place.path, undefined]);
      }
    }));

  it("does not stop at a pipe, a folder or a socket called like a recording", () =>
    inFolders(async (inside) => {
      await mkdir(join(inside, `a-${NAME}`));
      expect(Bun.spawnSync(["mkfifo", join(inside, `b-${NAME}`)]).exitCode).toBe(0);
      await recordingFile(inside, `c-${NAME}`);
      expect(await found([inside])).toEqual([`c-${NAME}`]);
    }));

  it("does not stop at names of bytes that are no text, of blanks or of line breaks", () =>
    inFolders(async (inside) => {
      const raw = Buffer.concat([
        Buffer.from(`${inside}/`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(NAME),
      ]);
      await writeFile(raw, wavFile({ seconds: 1 }));
      await recordingFile(inside, `\r\n ${NAME}`);
      await recordingFile(inside, ` .wav`);
      expect(await found([inside])).toEqual([`\r\n ${NAME}`]);
    }));

  it("does not stop at files that lie about their sound", () =>
    inFolders(async (inside) => {
      const lie = Buffer.from(wavFile({ seconds: 1 }));
      lie.writeUInt32LE(0, 28);
      await recordingFile(inside, `a-${NAME}`, { content: lie });
      await recordingFile(inside, `b-${NAME}`, { content: "RIFF" });
      await recordingFile(inside, `c-${NAME}`, { content: "<script>alert(1)</script>" });
      const recordings = await recordingsIn([inside]).find(await recordedCall());
      expect(recordings.map(({ seconds, isPlayable }) => [seconds, isPlayable])).toEqual([
        [null, false],
        [null, false],
        [null, false],
      ]);
    }));

  it("shows a file that is there under two names as both, since both are its names", () =>
    inFolders(async (inside) => {
      const file = await recordingFile(inside, `a-${NAME}`);
      await link(file, join(inside, `b-${NAME}`));
      expect(await found([inside])).toHaveLength(2);
    }));

  it("ends, however deep its folders go", () =>
    inFolders(async (inside) => {
      await recordingFile(inside, `${"a/".repeat(40)}${NAME}`);
      expect(await found([inside])).toEqual([]);
    }));
});
