// What a file's name says by itself: its kind of sound, and the keys of the unique ids in it. Pure. Whether it belongs to a
// call is decided by the pattern (domain/recording-pattern.ts); keys only bring the two together.

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
