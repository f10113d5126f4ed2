import { describe, expect, it } from "bun:test";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { wavFile } from "../../tests/support/wav.ts";
import { parseWav } from "./wav.ts";

const secondsOf = (file: Buffer, fileBytes = file.length): number | undefined => {
  const wav = parseWav(file.subarray(0, 4096), fileBytes);
  return wav === undefined ? undefined : wav.dataBytes / wav.bytesPerSecond;
};

describe("parseWav", () => {
  it("tells how the sound is coded", () => {
    const codings = ([1, 6, 7, 49] as const).map(
      (tag) => parseWav(wavFile({ seconds: 1, tag }), 99_999)?.coding,
    );
    expect(codings).toEqual(["pcm", "alaw", "ulaw", "gsm"]);
  });

  it("tells how long it is", () => {
    expect(secondsOf(wavFile({ seconds: 2.5 }))).toBe(2.5);
    expect(secondsOf(wavFile({ seconds: 2.5, tag: 6 }))).toBe(2.5);
  });

  it("counts what is there where the header does not say, or says more", () => {
    expect(secondsOf(wavFile({ seconds: 2, toldBytes: 0 }))).toBe(2);
    expect(secondsOf(wavFile({ seconds: 2, toldBytes: 0xffff_ffff }))).toBe(2);
  });

  it("reads the code of the long form from its GUID, past chunks that it does not know", () => {
    const plain = wavFile({ seconds: 1 });
    const long = Buffer.alloc(12 + 8 + 3 + 1 + 8 + 40);
    plain.copy(long, 0, 0, 12);
    long.write("LIST", 12, "latin1");
    long.writeUInt32LE(3, 16);
    long.write("fmt ", 24, "latin1");
    long.writeUInt32LE(40, 28);
    plain.copy(long, 32, 20, 36);
    long.writeUInt16LE(0xfffe, 32);
    long.writeUInt16LE(1, 56);
    const file = Buffer.concat([long, plain.subarray(36)]);
    expect(parseWav(file, file.length)).toMatchObject({ coding: "pcm", dataBytes: 16_000 });
  });

  it("answers nothing for what is none, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasHead) => {
        const head = hasHead ? wavFile({ seconds: 0 }).subarray(0, 20) : Buffer.alloc(0);
        const file = Buffer.concat([head, bytes]);
        const wav = parseWav(file, file.length);
        if (wav !== undefined) expect(wav.dataBytes).toBeLessThanOrEqual(file.length);
      }),
    );
  });
});
