// A recording of a call, as it was found. Plain data; what opens it is recordings.ts.

import type { SoundFormat } from "./file-name.ts";
import type { Place } from "./search.ts";
import type { WavHeader } from "./wav.ts";

export type Recording = {
  readonly place: Place;
  /** The file's name. */
  readonly name: string;
  readonly format: SoundFormat;
  /** As it is served: `audio/wav`. */
  readonly mediaType: string;
  /** Whether browsers play it; GSM 06.10, alone or in a WAV file (Asterisk's wav49), they do not. */
  readonly isPlayable: boolean;
  readonly bytes: number;
  /** The file's last change, in milliseconds since the epoch. */
  readonly modifiedAt: number;
  /** How long it is, with fractions; null where its format does not say so at its beginning. */
  readonly seconds: number | null;
  /** When its sound begins, in milliseconds since the epoch; null where that cannot be told. */
  readonly startedAt: number | null;
  /** Of a WAV file. */
  readonly wav: WavHeader | undefined;
};
