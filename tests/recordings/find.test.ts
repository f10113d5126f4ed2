// Recordings found in real folders: whose they are, in which layouts, and what becomes of folders that change.

import { describe, expect, it } from "bun:test";
import { writeFileSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { T0 } from "../support/calls.ts";
import {
  OTHER_ID,
  RECORDED_ID,
  recordedCall,
  recordingFile,
  recordingsIn,
} from "../support/recordings.ts";
import { inTempDir } from "../support/temp-dir.ts";
import { wavFile } from "../support/wav.ts";

const found = async (
  folder: string,
  more: { readonly [key: string]: unknown } = {},
  pattern?: string,
): Promise<string[]> => {
  const recordings = recordingsIn([folder], pattern === undefined ? {} : { pattern });
  const names = await recordings.find(await recordedCall(more));
  await recordings.close();
  return names.map(({ place }) => place.path);
};

describe("recordings of a call", () => {
  const LAYOUTS: readonly [name: string, path: string][] = [
    ["one folder", `${RECORDED_ID}.wav`],
    ["the other channel's", `${OTHER_ID}.wav`],
    ["FreePBX", `2025/11/30/in-375172001122-375291112233-20251130-150000-${RECORDED_ID}.wav`],
    ["MikoPBX", `mikopbx/2025/11/30/15/mikopbx-${RECORDED_ID}_Tq8fWz.mp3`],
    ["a day in one name", `2025-11-30/${RECORDED_ID}.wav`],
    ["the day after, by a clock east of here", `2025/12/01/${RECORDED_ID}.wav`],
    ["an enterprise's number that looks like a year", `2031/${RECORDED_ID}.wav`],
    ["the same above days", `2031/2025/11/30/${RECORDED_ID}.wav`],
    ["a line break and quotes in the name", `"'\n<b> ${RECORDED_ID}.wav`],
  ];
  for (const [name, path] of LAYOUTS) {
    it(`are found: ${name}`, () =>
      inTempDir(async (folder) => {
        await recordingFile(folder, path, { changedAt: T0 + 15_000 });
        await recordingFile(folder, `2025/11/30/q-${RECORDED_ID}0.wav`);
        await recordingFile(folder, "2024/11/30/other.wav");
        expect(await found(folder)).toEqual([path]);
      }));
  }

  it("are not looked for under other days", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, `2025/10/30/${RECORDED_ID}.wav`);
      expect(await found(folder)).toEqual([]);
    }));

  it("are none where there is no folder, and found when there is", () =>
    inTempDir(async (folder) => {
      const late = join(folder, "late");
      const recordings = recordingsIn([late]);
      const call = await recordedCall();
      expect(await recordings.find(call)).toEqual([]);
      await recordingFile(late, `${RECORDED_ID}.wav`);
      expect(await recordings.find(call)).toHaveLength(1);
      await rm(late, { recursive: true });
      expect(await recordings.find(call)).toEqual([]);
    }));

  it("say how long they are, when they began, and what plays", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, `a-${RECORDED_ID}.wav`, { content: wavFile({ seconds: 12 }) });
      await recordingFile(folder, `b-${RECORDED_ID}.mp3`, {
        content: "ID3",
        changedAt: T0 + 20_000,
      });
      await recordingFile(folder, `c-${RECORDED_ID}.WAV`, {
        content: wavFile({ seconds: 4, tag: 49 }),
        changedAt: T0 + 14_000,
      });
      const told = (await recordingsIn([folder]).find(await recordedCall())).map(
        ({ name, seconds, startedAt, isPlayable, mediaType, bytes }) =>
          [name[0], seconds, startedAt && startedAt - T0, isPlayable, mediaType, bytes] as const,
      );
      expect(told).toEqual([
        ["a", 12, 3000, true, "audio/wav", 44 + 12 * 16_000],
        ["c", 4, 10_000, false, "audio/wav", 44 + 4 * 8000],
        ["b", null, null, true, "audio/mpeg", 3],
      ]);
    }));

  it("began with the call or its talk where the file was copied later and is as long", () =>
    inTempDir(async (folder) => {
      const [copied, call] = [T0 + 86_400_000, await recordedCall()];
      const beginning = async (seconds: number): Promise<number | null | undefined> => {
        await recordingFile(folder, `${RECORDED_ID}.wav`, {
          content: wavFile({ seconds }),
          changedAt: copied,
        });
        const [first] = await recordingsIn([folder]).find(call);
        return first?.startedAt && first.startedAt - T0;
      };
      expect([await beginning(15), await beginning(10), await beginning(7)]).toEqual([
        0,
        5000,
        null,
      ]);
    }));

  it("are shown once, in the format that plays, and not where nothing was recorded", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, `a-${RECORDED_ID}.gsm`, { content: "gsm" });
      await recordingFile(folder, `a-${RECORDED_ID}.mp3`, { content: "ID3" });
      await recordingFile(folder, `b-${RECORDED_ID}.wav`, { content: wavFile({ seconds: 0 }) });
      await recordingFile(folder, `c-${RECORDED_ID}.mp3`, { content: "" });
      expect(await found(folder)).toEqual([`a-${RECORDED_ID}.mp3`]);
    }));

  it("are found again after the folder was taken away and put back, and after files came and went", () =>
    inTempDir(async (folder) => {
      const [recordings, call] = [recordingsIn([folder]), await recordedCall()];
      const paths = async () => (await recordings.find(call)).map(({ place }) => place.path);
      await recordingFile(folder, `2025/11/30/a-${RECORDED_ID}.wav`);
      expect(await paths()).toEqual([`2025/11/30/a-${RECORDED_ID}.wav`]);
      await rename(join(folder, "2025"), join(folder, "away"));
      expect(await paths()).toEqual([`away/11/30/a-${RECORDED_ID}.wav`]);
      await rename(join(folder, "away"), join(folder, "2025"));
      await rm(join(folder, `2025/11/30/a-${RECORDED_ID}.wav`));
      await recordingFile(folder, `2025/11/30/b-${RECORDED_ID}.wav`);
      expect(await paths()).toEqual([`2025/11/30/b-${RECORDED_ID}.wav`]);
    }));

  it("follow the folder's time of change: a folder that has not changed is not read again", () =>
    inTempDir(async (folder) => {
      const recordings = recordingsIn([folder], { clock: { now: () => T0 + 3_600_000 } });
      const call = await recordedCall();
      await recordingFile(folder, `a-${RECORDED_ID}.wav`);
      await utimes(folder, T0 / 1000, T0 / 1000);
      expect(await recordings.find(call)).toHaveLength(1);
      await recordingFile(folder, `b-${RECORDED_ID}.wav`, { changedAt: T0 + 14_000 });
      await utimes(folder, T0 / 1000, T0 / 1000);
      expect(await recordings.find(call)).toHaveLength(1);
      await utimes(folder, T0 / 1000 + 1, T0 / 1000 + 1);
      expect(await recordings.find(call)).toHaveLength(2);
    }));
});

describe("a recording that an event names", () => {
  const CLAIMS: readonly [name: string, said: string, file: string, isFound: boolean][] = [
    ["a file's name", "talk-7.wav", "talk-7.wav", true],
    ["a name without its extension", "talk-7", "talk-7.mp3", true],
    [
      "the PBX's own path",
      "/var/spool/asterisk/monitor/2025/11/30/talk-7.wav",
      "2025/11/30/talk-7.wav",
      true,
    ],
    ["an address", "https://pbx.example/rec/talk-7.wav", "rec/talk-7.wav", true],
    ["another name", "talk-7.wav", "talk-70.wav", false],
    ["a way out", "../talk-7.wav", "talk-7.wav", false],
    ["another call's id in the name", "in-1764500000.5.wav", "in-1764500000.5.wav", false],
    ["another call's id, hidden", "in-7.1764500000.5.wav", "in-7.1764500000.5.wav", false],
    ["an empty name", "/", "talk-7.wav", false],
  ];
  for (const [name, said, file, isFound] of CLAIMS) {
    it(`${isFound ? "is found" : "is not"}: ${name}`, () =>
      inTempDir(async (folder) => {
        await recordingFile(folder, file);
        expect(await found(folder, { Recording: said })).toEqual(isFound ? [file] : []);
      }));
  }

  it("is the one whose folders were named, and none where that leaves several", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, "a/2025-11-30/talk-7.wav");
      await recordingFile(folder, "b/2025-11-30/talk-7.wav", { content: wavFile({ seconds: 3 }) });
      const said = (Recording: string) => found(folder, { Recording });
      expect(await said("/rec/b/2025-11-30/talk-7.wav")).toEqual(["b/2025-11-30/talk-7.wav"]);
      expect(await said("talk-7.wav")).toEqual([]);
    }));
});

describe("--recording-pattern", () => {
  it("keeps enterprises apart whose PBXs count alike", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, `0367/${RECORDED_ID}.wav`);
      await recordingFile(folder, `0368/${RECORDED_ID}.wav`);
      expect(await found(folder, {}, "{enterprise}/{uniqueId}")).toEqual([
        `0367/${RECORDED_ID}.wav`,
      ]);
    }));

  it("keeps them apart also where an event names a file", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, "0367/a/talk-7.wav");
      await recordingFile(folder, "0368/talk-8.wav");
      const said = (Recording: string) => found(folder, { Recording }, "{enterprise}/{uniqueId}");
      expect(await said("talk-7.wav")).toEqual(["0367/a/talk-7.wav"]);
      expect(await said("0368/talk-8.wav")).toEqual([]);
    }));
});

describe("a folder of very many names", () => {
  it("shows a file that comes while nobody reads the folder again", () =>
    inTempDir(async (folder) => {
      const call = await recordedCall();
      await mkdir(join(folder, "flat"));
      const flat = join(folder, "flat");
      for (let index = 0; index < 4100; index++) {
        writeFileSync(join(flat, `in-${1764400000 + index}.${index}.mp3`), "x");
      }
      // A clock that stands: no rest is ever over.
      const recordings = recordingsIn([flat]);
      expect(await recordings.find(call)).toEqual([]);
      await recordingFile(flat, `${RECORDED_ID}.wav`);
      let seen = await recordings.find(call);
      while (seen.length === 0) seen = await recordings.find(call);
      expect(seen.map(({ name }) => name)).toEqual([`${RECORDED_ID}.wav`]);
      expect(recordings.bytes()).toBeLessThan(1024 * 1024);
      await recordings.close();
    }));
});

describe("has", () => {
  it("tells of each call whether a name is its", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, `2025/11/30/in-${RECORDED_ID}.wav`);
      const listed = (uniqueId: string, startedAt = T0) => ({
        enterprise: "0367",
        uniqueIds: [uniqueId],
        startedAt,
      });
      const recordings = recordingsIn([folder]);
      expect(
        await recordings.has([listed(RECORDED_ID), listed(OTHER_ID), listed("1764504000.6")]),
      ).toEqual([true, false, false]);
    }));
});
