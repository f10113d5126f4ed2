// Times, durations and numbers as a reader expects them. Pure; the language comes in as a tag, the zone by name.

import { diallableNumber, type NumberPlan, readableNumber } from "../src/domain/phone.ts";
import { wholeSeconds } from "../src/lib/time.ts";

/** `0:03`, `2:15`, `1:02:15`: whole seconds, half up. */
export const clockDuration = (ms: number): string => {
  const total = wholeSeconds(ms);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = String(total % 60).padStart(2, "0");
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`
    : `${minutes}:${seconds}`;
};

/** `+0:02.061`, in Russian `+0:02,061`: how long after the start of the call. */
export const offset = (ms: number, { lang }: Zone): string => {
  const sign = ms < 0 ? "−" : "+";
  const whole = Math.abs(Math.round(ms));
  const minutes = Math.floor(whole / 60_000);
  const seconds = ((whole % 60_000) / 1000).toFixed(3).padStart(6, "0");
  return `${sign}${minutes}:${lang === "ru" ? seconds.replace(".", ",") : seconds}`;
};

/** `0.15 s`, in Russian `0,15 с`: a short while with its hundredths; from ten seconds on in whole seconds. */
export const delay = (ms: number, { lang }: Zone): string => {
  const [unit, comma] = lang === "ru" ? ["с", ","] : ["s", "."];
  const seconds = ms / 1000;
  return `${seconds < 10 ? seconds.toFixed(2).replace(".", comma) : Math.round(seconds)}\u00a0${unit}`;
};

/** Countries that write the code of the area in brackets and the rest with dashes. */
const BRACKETED = /^(\+(?:375|380|7)) (\d{2,3}) (\d{3}) (\d{2}) (\d{2})$/;

/** In which country's plan numbers are read. */
type Reading = { readonly country?: NumberPlan };

/**
 * A telephone number for reading, `+375 (29) 111-22-33`, kept on one line by no-break spaces; extensions and words as
 * they are.
 */
export const telephone = (number: string, { country }: Reading = {}): string =>
  readableNumber(number, country).replace(BRACKETED, "$1 ($2) $3-$4-$5").replaceAll(" ", "\u00a0");

/** `href` of a number that can be dialled; undefined for extensions and words. */
export const telephoneHref = (number: string, { country }: Reading = {}): string | undefined => {
  const dialled = diallableNumber(number, country);
  return dialled === undefined ? undefined : `tel:${dialled}`;
};

/** How a page is read: the clock of the enterprise, the language of the reader, the numbering plan of the enterprise. */
export type Zone = {
  readonly timeZone: string;
  readonly lang: "ru" | "en";
  readonly country?: NumberPlan;
};

const formatters = new Map<string, Intl.DateTimeFormat>();
const formatter = ({ timeZone: timezone, lang }: Zone, options: Intl.DateTimeFormatOptions) => {
  const key = `${lang} ${timezone} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(lang === "ru" ? "ru-RU" : "en-GB", {
    ...options,
    timeZone: timezone,
  });
  formatters.set(key, made);
  return made;
};

/** `30 ноября 2025 г., 12:00:01` in the reader's language and the enterprise's zone. */
export const dateAndTime = (ms: number, zone: Zone): string =>
  formatter(zone, { dateStyle: "long", timeStyle: "medium" }).format(ms).replace(" г.", "\u00a0г.");

/** `12:00:01.250` in the enterprise's zone. */
export const timeOfDay = (ms: number, zone: Zone): string =>
  formatter(zone, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  }).format(ms);

/** `12:00` in the enterprise's zone. */
export const hourOfDay = (ms: number, zone: Zone): string =>
  formatter(zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);

/** `12:00:01` in the enterprise's zone. */
export const secondOfDay = (ms: number, zone: Zone): string =>
  formatter(zone, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(ms);

/** `суббота, 22 ноября 2026 г.`: a day of the calendar, written `2026-11-22`. */
export const dayInWords = (day: string, lang: Zone["lang"]): string =>
  formatter(
    { lang, timeZone: "UTC" },
    { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  )
    .format(Date.parse(`${day}T12:00:00Z`))
    .replace(" г.", "\u00a0г.");
