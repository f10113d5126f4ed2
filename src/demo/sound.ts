// What the demo's recordings hold: the ring-back tone until somebody answers, then two tones that take turns like voices.
// Made here, since nobody's voice belongs into a program.

import { Buffer } from "node:buffer";

const SAMPLE_RATE = 8000;
const HEADER_BYTES = 44;
/** ITU-T E.180: 425 Hz, a second on, four seconds off. */
const RINGING = { hertz: 425, onSeconds: 1, periodSeconds: 5 } as const;
/** Whose turn it is, and how it sounds. */
const VOICES = [
  { hertz: 196, seconds: 2.4 },
  { hertz: 294, seconds: 1.7 },
] as const;
const TURNS_SECONDS = VOICES[0].seconds + VOICES[1].seconds;

const wave = (hertz: number, at: number): number => Math.sin(2 * Math.PI * hertz * at);

/** Syllables, five a second, with a breath at the end of each turn. */
const voiceAt = (at: number): number => {
  const inTurns = at % TURNS_SECONDS;
  const isFirst = inTurns < VOICES[0].seconds;
  const voice = VOICES[isFirst ? 0 : 1];
  const said = isFirst ? inTurns : inTurns - VOICES[0].seconds;
  if (said > voice.seconds - 0.3) return 0;
  return 0.35 * wave(voice.hertz, at) * Math.abs(Math.sin(Math.PI * 2.5 * said));
};

const soundAt = (at: number, answeredAfter: number): number => {
  if (at >= answeredAfter) return voiceAt(at - answeredAfter);
  return at % RINGING.periodSeconds < RINGING.onSeconds ? 0.15 * wave(RINGING.hertz, at) : 0;
};

/**
 * A call's recording as a WAV file, PCM of 16 bits at 8 kHz: a megabyte a minute.
 *
 * @param seconds of the whole call
 * @param answeredAfter seconds from its beginning
 */
export const demoRecording = (seconds: number, answeredAfter: number): Buffer => {
  const samples = Math.floor(seconds * SAMPLE_RATE);
  const file = Buffer.alloc(HEADER_BYTES + 2 * samples);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(SAMPLE_RATE, 24);
  file.writeUInt32LE(2 * SAMPLE_RATE, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(2 * samples, 40);
  for (let index = 0; index < samples; index++) {
    const level = soundAt(index / SAMPLE_RATE, answeredAfter);
    file.writeInt16LE(Math.round(32_767 * level), HEADER_BYTES + 2 * index);
  }
  return file;
};
