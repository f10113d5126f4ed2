// Reads the top-level `"Key":value` pairs out of JSON that may be broken: unescaped quotes, raw line breaks, lone
// backslashes, a missing end. Invariant: on valid JSON it finds the pairs of the outer object, repeats included; on
// broken JSON a value whose end is not certain is left undefined rather than guessed. Linear in the text.
// Which of several equal keys counts is left to assemble.ts.

/** One pair, in the order of the text. */
export type Pair = {
  /** "" where something stood that is no pair. */
  readonly key: string;
  /** Undefined where the value is not certain. */
  readonly value: unknown;
  /** The value as it was written, without quotes: `1764493655.610` stays apart from `1764493655.61`. */
  readonly source: string;
  /** False behind an object that does not close: the pair may belong inside it. */
  readonly sure: boolean;
};

/** More pairs than any event has; bounds the work on hostile bodies. */
const MAX_PAIRS = 512;
/** Objects and arrays that never close, each of which costs a scan to the end of the text. */
const MAX_BROKEN_CONTAINERS = 16;
/** Values nested deeper than this are left out: nothing that Asterisk tells is, and deep ones overflow stacks. */
export const MAX_DEPTH = 32;

const isSpace = (char: string | undefined): boolean =>
  char === " " || char === "\t" || char === "\n" || char === "\r";

const skipSpace = (text: string, from: number): number => {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
};

/** Whether the quote at `at` has a backslash before it that is not itself escaped. */
const isEscaped = (text: string, at: number): boolean => {
  let before = at - 1;
  while (text[before] === "\\") before--;
  return (at - before) % 2 === 0;
};

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

type Key = { readonly key: string; readonly valueAt: number };

/** `"Key":` at `at` with something like a value behind it; `"cut"` where the text ends on the way. */
const keyAt = (text: string, at: number, quote: string): Key | "cut" | undefined => {
  if (text[at] !== quote) return undefined;
  let close = text.indexOf(quote, at + 1);
  while (close >= 0 && isEscaped(text, close)) close = text.indexOf(quote, close + 1);
  if (close < 0) {
    const rest = text.slice(at + 1, at + 130);
    return rest === "" || IDENTIFIER.test(rest) ? "cut" : undefined;
  }
  const name = text.slice(at + 1, close);
  if (name === "" || ",:{}[] \t\r\n".includes(name[0] ?? "")) return undefined;
  const colon = skipSpace(text, close + 1);
  const plain = IDENTIFIER.test(name);
  if (colon >= text.length) return plain ? "cut" : undefined;
  if (text[colon] !== ":") return undefined;
  const valueAt = skipSpace(text, colon + 1);
  const first = text[valueAt];
  if (first === undefined) return plain ? "cut" : undefined;
  if (!plain && first !== quote && !/[-0-9{[tfn]/.test(first)) return undefined;
  return { key: plain ? name : unquote(name, quote), valueAt };
};

/** Whether the object ends at `at`: `}` and nothing behind it. */
const closesObject = (text: string, at: number): boolean =>
  text[at] === "}" && skipSpace(text, at + 1) >= text.length;

/** Whether the comma at `at` separates two pairs (or is the last one). */
const separates = (text: string, at: number, quote: string): boolean => {
  const next = skipSpace(text, at + 1);
  return next >= text.length || closesObject(text, next) || keyAt(text, next, quote) !== undefined;
};

/**
 * Where the string that begins behind the quote at `open` ends: at the first quote that another pair or the end of
 * the object follows. A backslash before such a quote is no escape (a name that ends with one): in valid JSON that
 * sequence cannot occur inside a string.
 */
const stringEnd = (text: string, open: number, quote: string): number => {
  let loose = -1; // a `"}` with something behind it: believed where no better end is found
  for (let at = text.indexOf(quote, open + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    const next = skipSpace(text, at + 1);
    const escaped = isEscaped(text, at);
    if (next >= text.length) {
      if (!escaped) return at;
    } else if (text[next] === ",") {
      const behind = skipSpace(text, next + 1);
      if (escaped ? typeof keyAt(text, behind, quote) === "object" : separates(text, next, quote)) {
        return at;
      }
    } else if (text[next] === "}") {
      if (closesObject(text, next)) return at;
      // A second object: pairs go on in it, but they are not ours.
      if (!escaped && text[skipSpace(text, next + 1)] === "{") return at;
      if (!escaped && loose < 0) loose = at;
    }
  }
  return loose;
};

/** The end (exclusive) of the object or array at `from`, by strict rules; -1 where it does not close. */
const containerEnd = (text: string, from: number): number => {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
};

/** Whether `value` nests deeper than `maxDepth`. */
export const isTooDeep = (value: unknown, depth = 0): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (depth >= MAX_DEPTH) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof inner === "object" && isTooDeep(inner, depth + 1)) return true;
  }
  return false;
};

/** `JSON.parse`, with undefined (which JSON has no word for) where it fails. */
export const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The text between two quotes: escapes are resolved where all of them are right, else it is taken as it stands. */
const unquote = (slice: string, quote: string): string => {
  const inner = quote === "'" ? slice.replaceAll("\\'", "'") : slice;
  if (!/["\\]/.test(inner)) return inner;
  const fixed = inner.replace(/\\.|["\p{Cc}]/gsu, (part) =>
    part.startsWith("\\") ? part : JSON.stringify(part).slice(1, -1),
  );
  const value = tryParse(`"${fixed}"`);
  return typeof value === "string" ? value : inner;
};

/** A value that holds an unescaped `":` has swallowed the next pairs. */
const hasSwallowedPairs = (slice: string, quote: string): boolean => {
  for (let at = slice.indexOf(quote); at >= 0; at = slice.indexOf(quote, at + 1)) {
    if (!isEscaped(slice, at) && slice[skipSpace(slice, at + 1)] === ":") return true;
  }
  return false;
};

/** A value (undefined: not certain), and where to go on: -1 where the text is at its end. */
type Read = { readonly value: unknown; readonly source: string; readonly next: number };

const nothing = (next: number): Read => ({ value: undefined, source: "", next });

const readString = (text: string, at: number, quote: string): Read => {
  const end = stringEnd(text, at, quote);
  if (end < 0) return nothing(-1);
  const slice = text.slice(at + 1, end);
  if (hasSwallowedPairs(slice, quote)) return nothing(end + 1);
  const value = unquote(slice, quote);
  return { value, source: value, next: end + 1 };
};

const readContainer = (text: string, at: number): Read => {
  const end = containerEnd(text, at);
  if (end < 0) return nothing(at + 1);
  const source = text.slice(at, end);
  const value = tryParse(source);
  if (value === undefined) return nothing(at + 1);
  return isTooDeep(value) ? nothing(end) : { value, source, next: end };
};

const readScalar = (text: string, at: number, quote: string): Read => {
  let end = at;
  while (end < text.length && text[end] !== "," && text[end] !== "}") end++;
  // At the end of a cut text it may be the beginning of something longer.
  if (end >= text.length) return nothing(-1);
  if (text[end] === "," && !separates(text, end, quote)) return nothing(end);
  const source = text.slice(at, end).trim();
  if (source === "") return nothing(end);
  const parsed = tryParse(source);
  return { value: parsed === undefined ? source : parsed, source, next: end };
};

/** The pairs of the outer object of `text`, in order, with the gaps between them. */
export const scanPairs = (text: string): Pair[] => {
  const pairs: Pair[] = [];
  let at = skipSpace(text, 0);
  if (text[at] === "{") at = skipSpace(text, at + 1);
  const quote = text[at] === "'" ? "'" : '"';
  let brokenContainers = 0;
  let sure = true;
  while (at >= 0 && at < text.length && pairs.length < MAX_PAIRS) {
    const key = keyAt(text, at, quote);
    if (key === "cut") break;
    if (key === undefined) {
      pairs.push({ key: "", value: undefined, source: "", sure });
      const comma = text.indexOf(",", at);
      at = comma < 0 ? -1 : skipSpace(text, comma + 1);
      continue;
    }
    const first = text[key.valueAt];
    const isContainer = first === "{" || first === "[";
    const read =
      first === quote
        ? readString(text, key.valueAt, quote)
        : isContainer
          ? readContainer(text, key.valueAt)
          : readScalar(text, key.valueAt, quote);
    pairs.push({ key: key.key, value: read.value, source: read.source, sure });
    if (isContainer && read.next === key.valueAt + 1) {
      if (++brokenContainers > MAX_BROKEN_CONTAINERS) break;
      if (first === "{") sure = false;
    }
    if (read.next < 0) break;
    at = skipSpace(text, read.next);
    if (read.value !== undefined && text[at] === "}") break;
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return pairs;
};
