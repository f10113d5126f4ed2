// The connection of a live page in Russian.

import type { LiveTexts } from "../types/live.ts";

export const ru: LiveTexts = {
  on: "Страница обновляется сама",
  lost: "Нет связи, подключаемся…",
  off: "Страница больше не обновляется. Откройте её заново.",
};
