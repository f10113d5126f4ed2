// What a page that follows a call says of its connection, in both languages.

import type { Lang } from "./page.ts";

export type LiveTexts = { readonly on: string; readonly lost: string; readonly off: string };

const TEXTS: { readonly [lang in Lang]: LiveTexts } = {
  ru: {
    on: "Страница обновляется сама",
    lost: "Нет связи, подключаемся…",
    off: "Страница больше не обновляется. Откройте её заново.",
  },
  en: {
    on: "This page updates itself",
    lost: "No connection, trying again…",
    off: "This page no longer updates itself. Open it again.",
  },
};

export const liveTextsOf = (lang: Lang): LiveTexts => TEXTS[lang];
