// How the files of recordings are named (`--recording-pattern`): which path belongs to a call of which ids. Pure. An id counts
// only as a whole token: `1764493655.61` is neither in `1764493655.610` nor in `11764493655.61`.

/** How the recordings of a call are named. */
export type RecordingPattern = {
  /** Literal text, `*`, and names in braces, in their order. */
  readonly parts: readonly string[];
};

/** Anywhere in the file's name: what FreePBX, MikoPBX and a plain `MixMonitor(${UNIQUEID}.wav)` write. */
const ANYWHERE = "*{uniqueId}*";

export const RECORDING_PATTERN_RULE =
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

/** Reads `--recording-pattern`; undefined where it breaks `RECORDING_PATTERN_RULE`. */
export const parseRecordingPattern = (text: string): RecordingPattern | undefined => {
  // A lone id is the whole of the name where it stands between slashes, and anywhere in it where nothing else is said.
  const written = text === "{uniqueId}" ? ANYWHERE : text;
  const parts = written.match(PARTS) ?? [];
  const count = (part: string): number => parts.filter((other) => other === part).length;
  const isBroken = parts.some((part) => part === "{" || part === "}");
  if (isBroken || count("{uniqueId}") !== 1 || count("*") > MAX_STARS) return undefined;
  if (/\p{Cc}|\/\/|^\/|\/$|(?:^|\/)\.{1,2}(?:\/|$)/u.test(written)) return undefined;
  return { parts };
};

/** Whether the pattern tells whose a file is, so that enterprises' recordings are kept apart. */
export const tellsEnterprise = ({ parts }: RecordingPattern): boolean =>
  parts.includes("{enterprise}");

/**
 * Makes the rule for a call of an enterprise.
 *
 * @returns whether a file belongs to it, told by its path below the recordings' folder, without the extension
 */
export const recordingRule = (
  { parts }: RecordingPattern,
  enterprise: string,
  uniqueIds: readonly string[],
): ((pathWithoutExtension: string) => boolean) => {
  if (uniqueIds.length === 0) return () => false;
  const rule = new RegExp(`(?:^|/)${sourceOf(parts, enterprise, uniqueIds)}$`);
  return (path) => rule.test(path);
};
