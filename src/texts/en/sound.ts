// Recordings in English.

import type { SoundTexts } from "../types/sound.ts";

export const en: SoundTexts = {
  title: (count) => (count === 1 ? "Recording" : "Recordings"),
  player: (number, time) => `Recording ${number}${time === "" ? "" : `, from ${time}`}`,
  nth: (number) => `Recording ${number}`,
  save: "Save",
  saveThat: (number) => `Save recording ${number}`,
  cannotPlay: {
    gsm: "The recording is in the GSM format, which browsers do not play: save it and open it in a player.",
    other: "Browsers do not play this format: save the recording and open it in a player.",
  },
  hint: "Click the wave, a bar of the drawing or the time of a record to listen from there.",
  size: (megabytes) => `${megabytes}\u00a0MB`,
  mark: "There is a recording",
};
