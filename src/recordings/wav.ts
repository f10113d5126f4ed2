// The header of a WAV file (RIFF, "Multimedia Programming Interface and Data Specifications 1.0", Microsoft and IBM, 1991):
// how its sound is coded and how long it is. Pure.

import type { Buffer } from "node:buffer";

/** Codes of the format's registry (RFC 2361): those that telephones use. */
const CODINGS: { readonly [tag: number]: WavCoding } = {
  1: "pcm",
  6: "alaw",
  7: "ulaw",
  49: "gsm",
};
/** WAVE_FORMAT_EXTENSIBLE: the code stands in the first bytes of its GUID. */
const EXTENSIBLE = 0xfffe;

/** `gsm` is Asterisk's wav49; `other`: whatever else. */
export type WavCoding = "pcm" | "alaw" | "ulaw" | "gsm" | "other";

export type WavHeader = {
  readonly coding: WavCoding;
  readonly channels: number;
  readonly bitsPerSample: number;
  readonly sampleRate: number;
  readonly bytesPerSecond: number;
  /** Where the sound begins, in bytes. */
  readonly dataAt: number;
  /** How much of it is in the file, in bytes. */
  readonly dataBytes: number;
};

/** Bytes of a file's beginning in which the header is looked for. */
export const WAV_HEADER_BYTES = 4096;

/**
 * Reads a header from the first bytes of a file.
 *
 * @param fileBytes size of the whole file: a program that was killed never wrote how long the sound is
 * @returns undefined where it is no WAV file, or has no sound within these bytes
 */
export const parseWav = (head: Buffer, fileBytes: number): WavHeader | undefined => {
  if (head.length < 12 || head.toString("latin1", 0, 4) !== "RIFF") return undefined;
  if (head.toString("latin1", 8, 12) !== "WAVE") return undefined;
  let format: Omit<WavHeader, "dataAt" | "dataBytes"> | undefined;
  for (let at = 12; at + 8 <= head.length; ) {
    const id = head.toString("latin1", at, at + 4);
    const size = head.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === "data") {
      if (format === undefined || format.bytesPerSecond === 0) return undefined;
      const there = Math.max(0, fileBytes - body);
      return { ...format, dataAt: body, dataBytes: size === 0 ? there : Math.min(size, there) };
    }
    if (id === "fmt " && size >= 16 && body + 16 <= head.length) {
      const tag = head.readUInt16LE(body);
      const isLong = tag === EXTENSIBLE && size >= 26 && body + 26 <= head.length;
      format = {
        coding: CODINGS[isLong ? head.readUInt16LE(body + 24) : tag] ?? "other",
        channels: head.readUInt16LE(body + 2),
        sampleRate: head.readUInt32LE(body + 4),
        bytesPerSecond: head.readUInt32LE(body + 8),
        bitsPerSample: head.readUInt16LE(body + 14),
      };
    }
    // Chunks begin at even places.
    at = body + size + (size % 2);
  }
  return undefined;
};
