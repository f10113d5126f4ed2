// How loud a recording is over its length, for a drawing of it: read in pieces, so that an hour takes no more memory than a
// minute. Of WAV files alone: the others would have to be decoded.

import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { WavHeader } from "./wav.ts";

/** So many bars are drawn, whatever the length. */
export const PEAK_COUNT = 240;
/** Read at a time: an eighth of a millisecond's work, so that others have their turn in between. */
const PIECE_BYTES = 256 * 1024;

/** The loudest sample of each of `PEAK_COUNT` equal parts, from 0 to 1. */
export type Peaks = readonly number[];

/** ITU-T G.711: the amplitude of each code, from 0 to 1. */
const alawLevels = Float32Array.from({ length: 256 }, (_, code) => {
  const flipped = code ^ 0x55;
  const exponent = (flipped >> 4) & 7;
  const mantissa = ((flipped & 15) << 4) + 8;
  return (exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1)) / 32_768;
});
const ulawLevels = Float32Array.from({ length: 256 }, (_, code) => {
  const flipped = ~code & 0xff;
  return (((((flipped & 15) << 3) + 132) << ((flipped >> 4) & 7)) - 132) / 32_768;
});
/** Unsigned, with silence in the middle. */
const byteLevels = Float32Array.from({ length: 256 }, (_, code) => Math.abs(code - 128) / 128);

/** How a sample is read; undefined for what is not. */
const levelsOf = ({ coding, bitsPerSample }: WavHeader): Float32Array | "words" | undefined => {
  if (coding === "alaw" && bitsPerSample === 8) return alawLevels;
  if (coding === "ulaw" && bitsPerSample === 8) return ulawLevels;
  if (coding !== "pcm") return undefined;
  return bitsPerSample === 8 ? byteLevels : bitsPerSample === 16 ? "words" : undefined;
};

const loudestByte = (levels: Float32Array, bytes: Uint8Array, from: number, to: number): number => {
  let most = 0;
  for (let at = from; at < to; at++) {
    const level = levels[bytes[at] ?? 0] ?? 0;
    if (level > most) most = level;
  }
  return most;
};

const loudestWord = (words: Int16Array, from: number, to: number): number => {
  let most = 0;
  for (let at = from; at < to; at++) {
    const level = Math.abs(words[at] ?? 0);
    if (level > most) most = level;
  }
  return most / 32_768;
};

/**
 * Reads the peaks of an open WAV file; channels are taken together.
 *
 * @returns undefined where its sound is coded in another way than PCM of 8 or 16 bits, A-law or mu-law
 */
export const readPeaks = async (handle: FileHandle, wav: WavHeader): Promise<Peaks | undefined> => {
  const levels = levelsOf(wav);
  if (levels === undefined) return undefined;
  const width = levels === "words" ? 2 : 1;
  const samples = Math.floor(wav.dataBytes / width);
  const peaks = new Array<number>(PEAK_COUNT).fill(0);
  const piece = Buffer.from(new ArrayBuffer(Math.min(PIECE_BYTES, samples * width)));
  const words = new Int16Array(piece.buffer, 0, Math.floor(piece.length / 2));
  let done = 0;
  while (done < samples) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, wav.dataAt + done * width);
    const count = Math.min(Math.floor(bytesRead / width), samples - done);
    // The file became shorter: what there is, is drawn.
    if (count === 0) break;
    for (let at = 0; at < count; ) {
      const bar = Math.floor(((done + at) * PEAK_COUNT) / samples);
      const next = Math.ceil(((bar + 1) * samples) / PEAK_COUNT) - done;
      const to = Math.max(at + 1, Math.min(count, next));
      const loudest =
        levels === "words" ? loudestWord(words, at, to) : loudestByte(levels, piece, at, to);
      peaks[bar] = Math.max(peaks[bar] ?? 0, loudest);
      at = to;
    }
    done += count;
  }
  return peaks;
};
