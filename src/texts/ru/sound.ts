// Recordings in Russian.

import type { SoundTexts } from "../types/sound.ts";

export const ru: SoundTexts = {
  title: (count) => (count === 1 ? "Запись разговора" : "Записи разговора"),
  player: (number, time) => `Запись ${number}${time === "" ? "" : `, с ${time}`}`,
  nth: (number) => `Запись ${number}`,
  save: "Скачать",
  saveThat: (number) => `Скачать запись ${number}`,
  cannotPlay: {
    gsm: "Запись в формате GSM, браузеры его не воспроизводят: скачайте её и откройте в проигрывателе.",
    other: "Браузеры не воспроизводят этот формат: скачайте запись и откройте её в проигрывателе.",
  },
  hint: "Нажмите на волну, на полосу в ходе звонка или на время события, чтобы слушать с этого места.",
  size: (megabytes) => `${megabytes}\u00a0МБ`,
  mark: "Есть запись разговора",
};
