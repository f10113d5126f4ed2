// The name under which a recording is saved: what somebody looks for in a folder of downloads, the day, the time and the
// number, in the reader's language and in plain Latin letters for what knows no others. Pure.

import type { Call } from "../call/index.ts";
import type { Lang } from "../domain/lang.ts";
import { isWithheld } from "../domain/phone.ts";
import type { Recording } from "../recordings/index.ts";

export type DownloadNames = {
  /** Letters of ASCII, without quotes and backslashes. */
  readonly plain: string;
  /** As it is meant. */
  readonly full: string;
};

const WORDS: { readonly [lang in Lang]: string } = { ru: "звонок", en: "call" };

/** `2026-11-22 10-15-00` in that zone: no colons, which Windows does not take. */
const stampOf = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" })
    .format(at)
    .replaceAll(":", "-");

/** What of a number can be part of a name anywhere. */
const numberOf = (phone: string | null): string =>
  phone === null || isWithheld(phone) ? "" : phone.replaceAll(/[^0-9A-Za-z+]/g, "").slice(0, 32);

/**
 * Names a recording of a call.
 *
 * @param n its number among the call's; the second and further ones bear it
 */
export const downloadNames = (
  { startedAt, modifiedAt, name }: Pick<Recording, "startedAt" | "modifiedAt" | "name">,
  call: Pick<Call, "phone" | "startedAt">,
  { n, lang, timeZone }: { readonly n: number; readonly lang: Lang; readonly timeZone: string },
): DownloadNames => {
  const stamp = stampOf(startedAt ?? call.startedAt ?? modifiedAt, timeZone);
  const parts = [stamp, numberOf(call.phone), n > 1 ? `(${n})` : ""].filter((part) => part !== "");
  const extension = name.slice(name.lastIndexOf(".")).toLowerCase();
  const named = (word: string): string => `${[word, ...parts].join(" ")}${extension}`;
  return { plain: named(WORDS.en), full: named(WORDS[lang]) };
};

/** RFC 8187: what may stand in an extended value as it is; `encodeURIComponent` leaves some more. */
const extended = (text: string): string =>
  encodeURIComponent(text).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** `Content-Disposition` with both names (RFC 6266). */
export const contentDisposition = (
  type: "inline" | "attachment",
  { plain, full }: DownloadNames,
): string => {
  const named = `${type}; filename="${plain}"`;
  return plain === full ? named : `${named}; filename*=UTF-8''${extended(full)}`;
};
