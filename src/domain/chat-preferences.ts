// What a chat wants of the cards of an enterprise, and how its preferences are written: in a table, on the command line, in
// the chat. Text in, text out; a value that makes no sense counts as not set.

import type { TextRule } from "../lib/text-rule.ts";
import type { Lang } from "./lang.ts";
import { localStamp } from "./zone-day.ts";

/** `all`: every step; `final`: how calls ended; `missed`: only calls that nobody answered; `none`: nothing. */
export const CARD_CHOICES = ["all", "final", "missed", "none"] as const;
export type CardChoice = (typeof CARD_CHOICES)[number];

/** Minutes of the day, in the enterprise's zone; over midnight where it begins later than it ends. */
export type QuietHours = { readonly from: number; readonly to: number };

export type ChatPreferences = {
  readonly cards: CardChoice;
  /** Only calls that rang or were answered by one of them; null: all. */
  readonly extensions: readonly string[] | null;
  /** The forum topic of a group (Bot API, `message_thread_id`); null: General. */
  readonly topic: number | null;
  /** Cards come without a sound then; null: never. */
  readonly quiet: QuietHours | null;
  /** When the day's digest comes, in minutes of the day; null: it does not. */
  readonly digest: number | null;
  /** Of the outside party on cards; the page has them whole. */
  readonly numbers: "full" | "masked";
  /** Of cards and answers; null: that of the service. */
  readonly lang: Lang | null;
};

/** As it is without any preferences. */
export const DEFAULT_PREFERENCES: ChatPreferences = {
  cards: "all",
  extensions: null,
  topic: null,
  quiet: null,
  digest: null,
  numbers: "full",
  lang: null,
};

export type PreferenceName = keyof ChatPreferences;
export const PREFERENCE_NAMES = Object.keys(DEFAULT_PREFERENCES) as readonly PreferenceName[];

/** The preferences of one chat in one enterprise. */
export type ChatPreferencesOf = {
  readonly chatId: string;
  readonly enterpriseNumber: string;
  readonly preferences: ChatPreferences;
};

const MINUTE = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const MAX_EXTENSIONS = 100;

const minuteOf = (text: string): number | undefined => {
  const [, hours, minutes] = MINUTE.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 60 + Number(minutes);
};

const clockOf = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** Each value as text, and back; undefined for a text that is none. */
const FORMS: {
  readonly [Name in PreferenceName]: {
    readonly rule: string;
    readonly read: (text: string) => ChatPreferences[Name] | undefined;
    readonly write: (value: ChatPreferences[Name]) => string;
  };
} = {
  cards: {
    rule: `one of ${CARD_CHOICES.join(", ")}`,
    read: (text) => CARD_CHOICES.find((choice) => choice === text),
    write: (choice) => choice,
  },
  extensions: {
    rule: `extensions with commas between them (151,152; at most ${MAX_EXTENSIONS}), or all`,
    read: (text) => {
      if (text === "all") return null;
      const list = text.split(",").map((one) => one.trim());
      const isGood =
        list.length <= MAX_EXTENSIONS && list.every((one) => /^[\w+*#.-]{1,32}$/.test(one));
      return isGood ? [...new Set(list)] : undefined;
    },
    write: (list) => list?.join(",") ?? "all",
  },
  topic: {
    rule: "the id of a forum topic, a whole number above 0, or none",
    read: (text) =>
      text === "none" ? null : /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined,
    write: (topic) => (topic === null ? "none" : String(topic)),
  },
  quiet: {
    rule: "a span of the day such as 21:00-08:00, or none",
    read: (text) => {
      if (text === "none") return null;
      const [from, to, ...rest] = text.split("-").map((one) => minuteOf(one.trim()));
      const isGood = from !== undefined && to !== undefined && from !== to && rest.length === 0;
      return isGood ? { from, to } : undefined;
    },
    write: (quiet) => (quiet === null ? "none" : `${clockOf(quiet.from)}-${clockOf(quiet.to)}`),
  },
  digest: {
    rule: "a time of the day such as 18:00, or none",
    read: (text) => (text === "none" ? null : minuteOf(text)),
    write: (minute) => (minute === null ? "none" : clockOf(minute)),
  },
  numbers: {
    rule: "full or masked",
    read: (text) => (text === "full" || text === "masked" ? text : undefined),
    write: (numbers) => numbers,
  },
  lang: {
    rule: "ru, en or default",
    read: (text) => (text === "default" ? null : text === "ru" || text === "en" ? text : undefined),
    write: (lang) => lang ?? "default",
  },
};

/** What a value may be, as it is written. */
export const preferenceRule = (name: PreferenceName): TextRule => ({
  allows: (text) => FORMS[name].read(text) !== undefined,
  rule: FORMS[name].rule,
});

/** A value as it is written: `21:00-08:00`, `none`, `151,152`. */
export const preferenceText = (preferences: ChatPreferences, name: PreferenceName): string =>
  (FORMS[name].write as (value: unknown) => string)(preferences[name]);

/** Preferences from texts, as a table or the command line has them; what is not there, or is no such value, stays as in `base`. */
export const readPreferences = (
  texts: { readonly [Name in PreferenceName]?: string | null | undefined },
  base: ChatPreferences = DEFAULT_PREFERENCES,
): ChatPreferences => {
  const read = PREFERENCE_NAMES.flatMap((name) => {
    const text = texts[name]?.trim();
    const value = text === undefined || text === "" ? undefined : FORMS[name].read(text);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...base, ...Object.fromEntries(read) };
};

/** What is to be stored: null where it is as without preferences. */
export const storedPreferences = (
  preferences: ChatPreferences,
): { readonly [Name in PreferenceName]: string | null } =>
  Object.fromEntries(
    PREFERENCE_NAMES.map((name) => {
      const text = preferenceText(preferences, name);
      return [name, text === preferenceText(DEFAULT_PREFERENCES, name) ? null : text];
    }),
  ) as { readonly [Name in PreferenceName]: string | null };

/** The minute of the day that the clocks of the zone show. */
export const minuteIn = (ms: number, timeZone: string): number => {
  const stamp = localStamp(ms, timeZone);
  return Number(stamp.slice(11, 13)) * 60 + Number(stamp.slice(14, 16));
};

/** Whether cards come without a sound at that moment. */
export const isQuiet = (quiet: QuietHours | null, ms: number, timeZone: string): boolean => {
  if (quiet === null) return false;
  const minute = minuteIn(ms, timeZone);
  const { from, to } = quiet;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
};
