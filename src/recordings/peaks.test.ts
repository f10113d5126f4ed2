import { describe, expect, it } from "bun:test";
import { open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { wavFile } from "../../tests/support/wav.ts";
import { PEAK_COUNT, type Peaks, readPeaks } from "./peaks.ts";
import { parseWav } from "./wav.ts";

const peaksOf = (file: Uint8Array): Promise<Peaks | undefined> =>
  inTempDir(async (folder) => {
    const path = join(folder, "x.wav");
    await Bun.write(path, file);
    const wav = parseWav(Buffer.from(file.subarray(0, 4096)), file.length);
    if (wav === undefined) throw new Error("no WAV file");
    const handle = await open(path);
    try {
      return await readPeaks(handle, wav);
    } finally {
      await handle.close();
    }
  });

describe("readPeaks", () => {
  it("tells where it is loud and where it is still", async () => {
    // Loud in its second quarter, half as loud in the last.
    const loudness = [0, 0.8, 0, 0.4];
    const sound = (at: number): number =>
      (loudness[Math.floor(at / 5)] ?? 0) * (Math.floor(at * 800) % 2 === 0 ? 1 : -1);
    const peaks = await peaksOf(wavFile({ seconds: 20, sound }));
    const quarter = PEAK_COUNT / 4;
    const told = loudness.map((_, index) =>
      peaks
        ?.slice(index * quarter, (index + 1) * quarter)
        .map((peak) => Math.round(peak * 10) / 10),
    );
    expect(told).toEqual(loudness.map((level) => new Array(quarter).fill(level)));
  });

  it("reads A-law, mu-law and 8 bits by their tables", async () => {
    const coded = async (tag: 6 | 7, silent: number, loud: number) => {
      const file = wavFile({ seconds: 1, tag });
      file.fill(silent, 44);
      file.fill(loud, 44 + 4000);
      const peaks = await peaksOf(file);
      return [peaks?.[10]?.toFixed(3), peaks?.[PEAK_COUNT - 10]?.toFixed(3)];
    };
    // G.711, tables 1a and 2a: the loudest code is 4032 of 4096, and 8031 of 8192.
    expect(await coded(6, 0xd5, 0xaa)).toEqual(["0.000", "0.984"]);
    expect(await coded(7, 0xff, 0x80)).toEqual(["0.000", "0.980"]);
    const bytes = wavFile({ seconds: 1, tag: 6 });
    bytes.writeUInt16LE(1, 20);
    bytes.fill(128, 44);
    bytes[44 + 7999] = 0;
    const peaks = await peaksOf(bytes);
    expect([peaks?.[0], peaks?.[PEAK_COUNT - 1]]).toEqual([0, 1]);
  });

  it("draws nothing of what is coded otherwise", async () => {
    expect(await peaksOf(wavFile({ seconds: 1, tag: 49 }))).toBeUndefined();
  });

  it("finds the loudest sample wherever it is, and of any length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300_000 }), fc.nat(), async (samples, seed) => {
        const at = seed % samples;
        const file = wavFile({ seconds: samples / 8000 });
        file.writeInt16LE(-16_384, 44 + 2 * at);
        const peaks = (await peaksOf(file)) ?? [];
        const loud = peaks.flatMap((peak, bar) => (peak > 0 ? [bar] : []));
        expect(loud).toEqual([Math.floor((at * PEAK_COUNT) / samples)]);
        expect(peaks[loud[0] ?? 0]).toBe(0.5);
      }),
      { numRuns: 40 },
    );
  });
});
