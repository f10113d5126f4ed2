// The byte strings that a line must contain to hold a key: a prefilter that may let wrong lines through and never
// drops a right one; decoding confirms. A key may be written with JSON escapes (`\/`, `\u002b`) that only decoding
// sees. Not found: an id posted as a bare number in other than its shortest notation (`1e9`).

/** The part of a key (`id:1764493655.61`) that stands in a line. */
const searchedPartOf = (key: string): string => key.slice(key.indexOf(":") + 1);

/** Characters that JSON may only have escaped. */
const MUST_BE_ESCAPED = /["\\\p{Cc}]/u;
const NOT_ASCII = /[^\p{ASCII}]/u;

const escapesThatHide = (value: string): string[] => {
  if (MUST_BE_ESCAPED.test(value)) return ["\\"];
  if (NOT_ASCII.test(value)) return ["\\u", "\\/"];
  return ["\\u00"];
};

/**
 * What stands in a line however its slashes are written: PHP escapes them, others do not. A whole value would have to be looked
 * for beside every escaped slash, of which a folder of PHP's lines is full.
 */
const unslashed = (value: string): string =>
  value.split("/").reduce((longest, part) => (part.length > longest.length ? part : longest), "");

export type Needles = {
  /** Byte strings of which a line must contain one; none means: every line is to be looked at. */
  readonly anyOf: readonly Buffer[];
  /** Whether an unreadable line names one of the keys as it stands. */
  readonly isMentionedIn: (line: string) => boolean;
};

/** What may stand beside an id only as a part of a longer one: `….6` is not mentioned in `….61`. */
const ID_CHARACTER = /[A-Za-z0-9._:@+-]/;

const standsIn = (line: string, value: string): boolean => {
  for (let at = line.indexOf(value); at !== -1; at = line.indexOf(value, at + 1)) {
    const before = line[at - 1] ?? "";
    const after = line[at + value.length] ?? "";
    if (!ID_CHARACTER.test(before) && !ID_CHARACTER.test(after)) return true;
  }
  return false;
};

/** The bytes to look for, for any of `keys`. */
export const needlesOf = (keys: readonly string[]): Needles => {
  const values = [...new Set(keys.map(searchedPartOf))].filter((value) => value !== "");
  // U+FFFD stands for whatever bytes were no UTF-8.
  const isBytesUnknown = values.some((value) => value.includes("\ufffd"));
  const plain = values.map(unslashed);
  // Of slashes alone: every line is to be looked at.
  const isAnything = isBytesUnknown || plain.includes("");
  const texts = new Set([...plain, ...values.flatMap(escapesThatHide)]);
  return {
    anyOf: isAnything ? [] : [...texts].map((text) => Buffer.from(text, "utf8")),
    isMentionedIn: (line) => values.some((value) => standsIn(line, value)),
  };
};
