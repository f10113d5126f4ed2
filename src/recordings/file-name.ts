// What a file's name says: its kind of sound, which unique ids it holds, and whether it belongs to a call. Pure. An id
// counts only as a whole token: `1764493655.61` is neither in `1764493655.610` nor in `11764493655.61`.

/** A kind of file that a PBX keeps recordings in. */
export type SoundFormat = "wav" | "wav49" | "gsm" | "mp3" | "ogg" | "m4a" | "webm";

const FORMATS: { readonly [extension: string]: SoundFormat } = {
  wav: "wav",
  wav49: "wav49",
  gsm: "gsm",
  mp3: "mp3",
  ogg: "ogg",
  oga: "ogg",
  opus: "ogg",
  m4a: "m4a",
  webm: "webm",
};

/**
 * Media types of RFC 3003 (mp3), RFC 5334 (Ogg), RFC 4337 (m4a); `audio/wav` is what browsers know. GSM 06.10 in files has
 * no registered one.
 */
export const MEDIA_TYPES: { readonly [format in SoundFormat]: string } = {
  wav: "audio/wav",
  wav49: "audio/wav",
  gsm: "audio/x-gsm",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  m4a: "audio/mp4",
  webm: "audio/webm",
};

export type RecordingName = {
  /** The name without its extension. */
  readonly stem: string;
  /** As it is written, without the dot: Asterisk writes wav49 as `WAV`. */
  readonly extension: string;
  readonly format: SoundFormat;
};

/** Reads a file's name; undefined where its extension is not that of a recording. */
export const parseName = (name: string): RecordingName | undefined => {
  const dot = name.lastIndexOf(".");
  if (dot <= 0) return undefined;
  const extension = name.slice(dot + 1);
  const small = extension.toLowerCase();
  const format = Object.hasOwn(FORMATS, small) ? FORMATS[small] : undefined;
  return format === undefined ? undefined : { stem: name.slice(0, dot), extension, format };
};

/** `epoch.sequence`, as Asterisk ends every unique id; digits with more dots are something else, such as a date. */
const ID_CORES = /\d+(?:\.\d+)+/g;
const ID_CORE = /(?:^|[^\d.])(\d+\.\d+)$/;

/** A key for what is no `epoch.sequence`: the whole text. No core begins so. */
const wholeKey = (text: string): string => `=${text}`;

/** The `epoch.sequence` of every unique id in a name without its extension. */
export const idCoresOf = (stem: string): string[] => [
  ...new Set((stem.match(ID_CORES) ?? []).filter((run) => run.split(".").length === 2)),
];

/** The keys under which a name is found; see `keyOfId`. */
export const keysOfStem = (stem: string): string[] => {
  const cores = idCoresOf(stem);
  return cores.length > 0 ? cores : [wholeKey(stem)];
};

/** The key under which names that hold this unique id are found; others are there, too. */
export const keyOfId = (uniqueId: string): string =>
  ID_CORE.exec(uniqueId)?.[1] ?? wholeKey(uniqueId);

/** The key under which a name without any unique id is found. */
export const keyOfStem = wholeKey;

/** How the recordings of a call are named, from `--recording-pattern`. */
export type NamePattern = {
  /** As the operator wrote it. */
  readonly text: string;
  /**
   * Makes the rule for a call of an enterprise.
   * @returns whether a file belongs to it, told by its path below the recordings' folder, without the extension
   */
  readonly ruleFor: (
    enterprise: string,
    uniqueIds: readonly string[],
  ) => (pathWithoutExtension: string) => boolean;
};

/** Anywhere in the file's name: what FreePBX, MikoPBX and a plain `MixMonitor(${UNIQUEID}.wav)` write. */
export const DEFAULT_PATTERN = "*{uniqueId}*";

export const PATTERN_RULE =
  "the end of a recording's path without its extension, with {uniqueId} in it once; {enterprise}, {YYYY}, {MM}, {DD}, {HH} and * (anything but /) may be there, such as {enterprise}/*-{uniqueId}";

const PARTS = /\{uniqueId\}|\{enterprise\}|\{YYYY\}|\{MM\}|\{DD\}|\{HH\}|\*|[^{}*]+|[{}]/g;
const DIGITS: { readonly [part: string]: string } = {
  "{YYYY}": "\\d{4}",
  "{MM}": "\\d{2}",
  "{DD}": "\\d{2}",
  "{HH}": "\\d{2}",
};
/** More stars than any name has parts would only cost time. */
const MAX_STARS = 6;

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Beside a star nothing else says where the id ends. */
const WHOLE_BEFORE = "(?<![A-Za-z0-9]|\\d\\.)";
const WHOLE_AFTER = "(?![A-Za-z0-9]|\\.\\d)";

const sourceOf = (
  parts: readonly string[],
  enterprise: string,
  uniqueIds: readonly string[],
): string => {
  const ids = uniqueIds.map(escaped).join("|");
  return parts
    .map((part, index) => {
      if (part === "*") return "[^/]*";
      if (part === "{enterprise}") return escaped(enterprise);
      if (part !== "{uniqueId}") return DIGITS[part] ?? escaped(part);
      const before = parts[index - 1] === "*" ? WHOLE_BEFORE : "";
      const after = parts[index + 1] === "*" ? WHOLE_AFTER : "";
      return `${before}(?:${ids})${after}`;
    })
    .join("");
};

/** Reads `--recording-pattern`; undefined where it breaks `PATTERN_RULE`. */
export const parsePattern = (text: string): NamePattern | undefined => {
  // A lone id is the whole of the name where it stands between slashes, and anywhere in it where nothing else is said.
  const written = text === "{uniqueId}" ? DEFAULT_PATTERN : text;
  const parts = written.match(PARTS) ?? [];
  const count = (part: string): number => parts.filter((other) => other === part).length;
  const isBroken = parts.some((part) => part === "{" || part === "}");
  if (isBroken || count("{uniqueId}") !== 1 || count("*") > MAX_STARS) return undefined;
  if (/\p{Cc}|\/\/|^\/|\/$|(?:^|\/)\.{1,2}(?:\/|$)/u.test(written)) return undefined;
  return {
    text,
    ruleFor: (enterprise, uniqueIds) => {
      if (uniqueIds.length === 0) return () => false;
      const rule = new RegExp(`(?:^|/)${sourceOf(parts, enterprise, uniqueIds)}$`);
      return (path) => rule.test(path);
    },
  };
};
