// WAV files as a PBX writes them, from a function of time.

import { Buffer } from "node:buffer";

export type WavOptions = {
  readonly seconds: number;
  /** Amplitude from -1 to 1 at a time in seconds; silence unless given. */
  readonly sound?: (seconds: number) => number;
  /** 1: PCM of 16 bits; 6: A-law, 7: mu-law, both silent; 49: GSM, silent. */
  readonly tag?: 1 | 6 | 7 | 49;
  readonly sampleRate?: number;
  /** What the header says of the sound's length; default: what is there. */
  readonly toldBytes?: number;
};

/** The whole file. */
export const wavFile = (options: WavOptions): Buffer => {
  const { seconds, sound = () => 0, tag = 1, sampleRate = 8000, toldBytes } = options;
  const bytesPerSample = tag === 1 ? 2 : 1;
  const samples = Math.round(seconds * sampleRate);
  const data = Buffer.alloc(samples * bytesPerSample, tag === 6 ? 0xd5 : tag === 7 ? 0xff : 0);
  if (tag === 1) {
    for (let index = 0; index < samples; index++) {
      data.writeInt16LE(Math.round(32_767 * sound(index / sampleRate)), index * 2);
    }
  }
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(tag, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * bytesPerSample, 28);
  head.writeUInt16LE(bytesPerSample, 32);
  head.writeUInt16LE(8 * bytesPerSample, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(toldBytes ?? data.length, 40);
  return Buffer.concat([head, data]);
};

/** A tone of that pitch, in hertz. */
export const tone =
  (hertz: number, amplitude = 0.5) =>
  (seconds: number): number =>
    amplitude * Math.sin(2 * Math.PI * hertz * seconds);
