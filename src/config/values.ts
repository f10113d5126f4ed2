// The kinds of value a setting can have: how each is written, and the rule that is quoted when one is written wrong.
// A kind reads text alone: it touches neither the network nor the disk, so a value it takes may still fail later.

import { isIP } from "node:net";
import { resolve } from "node:path";
import { isCountry, type NumberPlan } from "../domain/phone.ts";
import {
  parseRecordingPattern,
  RECORDING_PATTERN_RULE,
  type RecordingPattern,
} from "../domain/recording-pattern.ts";
import {
  parseWorkingHours,
  WORKING_HOURS_RULE,
  type WorkingHours,
} from "../domain/working-hours.ts";
import { type Network, parseNetwork } from "../lib/addresses.ts";
import { err, ok, type Result } from "../lib/result.ts";
import { DAY_MS, HOUR_MS } from "../lib/time.ts";

/** How the text of a setting becomes its value; the error is the rule, worded to follow "must be". */
export type ValueKind<T> = {
  /** What stands for the value in `--help`, such as `PORT`. */
  readonly placeholder: string;
  /** What may be written, in words: completes "must be …". */
  readonly rule: string;
  readonly parse: (text: string, cwd: string) => Result<T, string>;
};

const kind = <T>(
  placeholder: string,
  rule: string,
  read: (text: string, cwd: string) => T | undefined,
): ValueKind<T> => ({
  placeholder,
  rule,
  parse: (text, cwd) => {
    const value = read(text, cwd);
    return value === undefined ? err(rule) : ok(value);
  },
});

const wholeNumber = (text: string): number | undefined =>
  /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const within = (value: number | undefined, min: number, max: number): number | undefined =>
  value !== undefined && value >= min && value <= max ? value : undefined;

/** A TCP port; 0 lets the system choose a free one. */
export const port: ValueKind<number> = kind("PORT", "a whole number from 0 to 65535", (text) =>
  within(wholeNumber(text), 0, 65_535),
);

export const DURATION_UNITS_MS = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
} as const;
export type DurationUnit = keyof typeof DURATION_UNITS_MS;

/**
 * Reads `10s`, `5m`, `4h`, `14d`, `250ms`, or a plain whole number of `plainUnit`; answers in milliseconds,
 * undefined where the text is none of these.
 */
export const parseDurationMs = (text: string, plainUnit: DurationUnit): number | undefined => {
  const match = /^(\d{1,12})(ms|s|m|h|d)?$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const unit = (match[2] as DurationUnit | undefined) ?? plainUnit;
  const ms = Number(match[1]) * DURATION_UNITS_MS[unit];
  return Number.isSafeInteger(ms) ? ms : undefined;
};

const UNIT_WORDS = { ms: "milliseconds", s: "seconds", m: "minutes", h: "hours", d: "days" };

/** A span of time from `min` to `max` (both as text), in milliseconds; a plain number is in `plainUnit`. */
export const duration = (plainUnit: DurationUnit, min: string, max: string): ValueKind<number> => {
  const [least, most] = [parseDurationMs(min, plainUnit), parseDurationMs(max, plainUnit)];
  return kind(
    "DURATION",
    `a duration from ${min} to ${max}, such as 10s, 5m, 4h or 14d (a plain number is in ${UNIT_WORDS[plainUnit]})`,
    (text) => within(parseDurationMs(text, plainUnit), least ?? 0, most ?? Number.MAX_SAFE_INTEGER),
  );
};

/** A whole number of days, written `14` or `14d` (`48h` is 2). */
export const days = (min: number, max: number): ValueKind<number> =>
  kind("DAYS", `a whole number of days from ${min} to ${max}, such as 14 or 14d`, (text) => {
    const count = (parseDurationMs(text, "d") ?? Number.NaN) / DURATION_UNITS_MS.d;
    return Number.isInteger(count) ? within(count, min, max) : undefined;
  });

const SIZE_UNITS_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gb: 1_000_000_000,
  gib: 1_073_741_824,
};

/** Reads `256KiB`, `1MiB`, `500kB` or plain bytes; undefined where the text is none of these. */
export const parseSizeBytes = (text: string): number | undefined => {
  const match = /^(\d{1,12}) ?([A-Za-z]*)$/.exec(text);
  const unitBytes = SIZE_UNITS_BYTES[match?.[2]?.toLowerCase() ?? "-"];
  if (match?.[1] === undefined || unitBytes === undefined) return undefined;
  const bytes = Number(match[1]) * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
};

/** A size from `min` to `max` (both as text), in bytes. */
export const size = (min: string, max: string): ValueKind<number> => {
  const [least, most] = [parseSizeBytes(min), parseSizeBytes(max)];
  return kind("SIZE", `a size from ${min} to ${max}, such as 256KiB, 1MiB or plain bytes`, (text) =>
    within(parseSizeBytes(text), least ?? 0, most ?? Number.MAX_SAFE_INTEGER),
  );
};

/** One of a few words. */
export const choice = <const W extends string>(...words: readonly W[]): ValueKind<W> =>
  kind(words.join("|"), `one of ${words.join(", ")}`, (text) => words.find((w) => w === text));

/** Networks and addresses separated by commas; undefined where one of them is neither. */
const readNetworks = (text: string): readonly Network[] | undefined => {
  const networks = text.split(",").map((part) => parseNetwork(part.trim()));
  const read = networks.filter((network) => network !== undefined);
  return read.length === networks.length ? read : undefined;
};

/** Addresses and networks in CIDR notation; `word` stands for the default, whose value is `meaning`. */
export const networksOr = <T>(word: string, meaning: T): ValueKind<readonly Network[] | T> =>
  kind(
    "NETWORKS",
    `${word}, or IPv4 and IPv6 addresses and networks separated by commas, such as 10.88.10.0/24,192.0.2.7,::1`,
    (text) => (text === word ? meaning : readNetworks(text)),
  );

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** An address to listen on: IPv4, IPv6 (without brackets), or a host name. */
export const address: ValueKind<string> = kind(
  "ADDRESS",
  "an IPv4 address, an IPv6 address without brackets, or a host name, such as 0.0.0.0, :: or localhost",
  (text) => {
    if (isIP(text) !== 0) return text;
    // `10.0.0.256` has the letters of a host name and was meant as an address.
    return HOST_NAME.test(text) && !/^[\d.]+$/.test(text) ? text : undefined;
  },
);

/** `https://host/path` without a slash at its end; undefined where the text is no such address. */
const readWebAddress = (text: string): string | undefined => {
  if (!/^https?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return undefined;
  const { origin, pathname, username, password } = new URL(text);
  if (username !== "" || password !== "" || /[?#]/.test(text)) return undefined;
  return `${origin}${pathname.replace(/\/+$/, "")}`;
};

const WEB_ADDRESS_RULE =
  "an http or https address without a user name, ? or #, such as https://calls.example.by";

/** An address on the web to which paths are added; kept without a slash at its end. */
export const webAddress: ValueKind<string> = kind("URL", WEB_ADDRESS_RULE, readWebAddress);

/** The same, or `none`, which is null. */
export const webAddressOrNone: ValueKind<string | null> = kind(
  "URL",
  `${WEB_ADDRESS_RULE}, or none`,
  (text) => (text === "none" ? null : readWebAddress(text)),
);

/** A webhook token as senders have it, or `none`, which is null. */
export const tokenOrNone: ValueKind<string | null> = kind(
  "TOKEN",
  "4 to 128 of A-Z a-z 0-9 _ + -, or none",
  (text) => (text === "none" ? null : /^[A-Za-z0-9_+-]{4,128}$/.test(text) ? text : undefined),
);

/** A folder; kept absolute, relative ones counted from the working directory. */
export const folder: ValueKind<string> = kind(
  "FOLDER",
  "the path of a folder, without NUL bytes",
  (text, cwd) => (text === "" || text.includes("\0") ? undefined : resolve(cwd, text)),
);

/** A folder like the others; `word` stands for the default, whose value is `meaning`. */
export const folderOr = <T>(word: string, meaning: T): ValueKind<string | T> =>
  kind("FOLDER", `the path of a folder, without NUL bytes, or ${word}`, (text, cwd) =>
    text === word ? meaning : text === "" || text.includes("\0") ? undefined : resolve(cwd, text),
  );

const FOLDERS_RULE = "paths of folders without spaces, several separated by spaces, or none";

/** Folders, each absolute, in their order and each once; `none` is the empty list. */
export const foldersOrNone: ValueKind<readonly string[]> = kind(
  "FOLDER",
  FOLDERS_RULE,
  (text, cwd) => {
    if (text === "none") return [];
    const folders = text.split(/\s+/).filter((part) => part !== "");
    const isBad = folders.length === 0 || folders.includes("none") || text.includes("\0");
    return isBad ? undefined : [...new Set(folders.map((path) => resolve(cwd, path)))];
  },
);

/** How the files of recordings are named. */
export const recordingPattern: ValueKind<RecordingPattern> = kind(
  "PATTERN",
  RECORDING_PATTERN_RULE,
  parseRecordingPattern,
);

/** A file, kept absolute like a folder; null for `none`. */
export const fileOrNone: ValueKind<string | null> = kind(
  "FILE",
  "the path of a file, without NUL bytes, or none",
  (text, cwd) =>
    text === "none"
      ? null
      : text === "" || text.endsWith("/") || text.includes("\0")
        ? undefined
        : resolve(cwd, text),
);

/** A chat, and the enterprise whose bot writes there; null for `none`. */
export const operatorChatOrNone: ValueKind<{
  readonly enterprise: string;
  readonly chatId: string;
} | null> = kind(
  "ENT:CHAT_ID",
  "the number of an enterprise and the id of a chat, such as 0367:374573193 or ops:-1001234567890, or none",
  (text) => {
    if (text === "none") return null;
    const [, enterprise, chatId] = /^([A-Za-z0-9_-]{1,32}):(-?[1-9]\d{0,15})$/.exec(text) ?? [];
    return enterprise === undefined || chatId === undefined ? undefined : { enterprise, chatId };
  },
);

/** A number of things. */
export const wholeNumberKind = (min: number, max: number): ValueKind<number> =>
  kind("NUMBER", `a whole number from ${min} to ${max}`, (text) =>
    within(wholeNumber(text), min, max),
  );

/** After how long a missed call is worth a reminder, in milliseconds: for all enterprises, or for one of them. */
export const reminderDelay: ValueKind<number> = duration("m", "1m", "3d");

/** A value of that kind, or `none`, which is null. */
export const orNone = <T>({ placeholder, rule, parse }: ValueKind<T>): ValueKind<T | null> => {
  return {
    placeholder,
    rule: `${rule}; or none`,
    parse: (text, cwd) => (text === "none" ? ok(null) : parse(text, cwd)),
  };
};

/** When people work. */
export const workingHours: ValueKind<WorkingHours> = kind(
  "HOURS",
  WORKING_HOURS_RULE.rule,
  parseWorkingHours,
);

const COUNTRY_RULE = "a country as ISO 3166 has it, in two capital letters (BY, RU, DE), or none";

/** A country by ISO 3166 with a numbering plan; `none` is undefined. */
export const countryOrNone: ValueKind<NumberPlan> = {
  placeholder: "COUNTRY",
  rule: COUNTRY_RULE,
  parse: (text) => {
    if (text === "none") return ok(undefined);
    return isCountry(text) ? ok(text) : err(COUNTRY_RULE);
  },
};

/** A time zone of the IANA list; `system` is the zone this machine is set to. */
export const timeZone: ValueKind<string> = kind(
  "ZONE",
  "a time zone name such as Europe/Minsk or UTC, or system",
  (text) => {
    try {
      const timeZone = text === "system" ? undefined : text;
      return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
);
