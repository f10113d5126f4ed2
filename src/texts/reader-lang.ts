// In which language a stranger is answered.

import type { Lang } from "../domain/lang.ts";

/** Languages whose speakers are likelier to read Russian than English. */
const READ_RUSSIAN = new Set(["ru", "be", "uk", "kk", "ky", "uz", "tg", "hy", "az"]);

/**
 * @param languageCode as the sender's Telegram has it, such as `en-GB`
 * @param standard the language where it has none
 */
export const readerLang = (languageCode: string | undefined, standard: Lang): Lang => {
  if (languageCode === undefined) return standard;
  return READ_RUSSIAN.has(languageCode.split("-", 1)[0]?.toLowerCase() ?? "") ? "ru" : "en";
};
