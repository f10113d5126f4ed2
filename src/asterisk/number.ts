// What stands in the fields of numbers. A remote caller can put quotes, bars and line breaks into them, so that only what
// telephones dial is kept (`+ 0-9 * #`), or a short word such as `anonymous`.

/** Whether it is what Asterisk writes in a field whose value it does not know. */
export const isUnknown = (text: string): boolean => text === "<unknown>";

/** A field's value; "" for what Asterisk writes where it knows none: `<unknown>`, and `s` for an extension. */
export const known = (text: string | undefined): string =>
  text === undefined || isUnknown(text) || text === "s" ? "" : text;

const WORD = /^[A-Za-z][A-Za-z0-9._ -]{1,31}$/;
const DIALLED = /^[\s(]*(\+?[\d*#\s().-]*)/;
const DECORATION = /[\s().-]/g;

const ZERO = 0x30;
const NINE = 0x39;
const PLUS = 0x2b;

/** Whether it is digits alone, after a plus or not: nearly all numbers are, and nothing is to be cut from them. */
const isDigits = (text: string): boolean => {
  const from = text.charCodeAt(0) === PLUS ? 1 : 0;
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < ZERO || code > NINE) return false;
  }
  return text.length > from;
};

/** A number as it may be handed on, shown and compared; "" where nothing is left, or the field says that it is unknown. */
export const plainNumber = (text: string | undefined): string => {
  const given = known(text?.trim());
  if (isDigits(given)) return given;
  if (WORD.test(given)) return /^unknown$/i.test(given) ? "" : given;
  const dialled = DIALLED.exec(given)?.[1]?.replace(DECORATION, "") ?? "";
  return dialled === "+" ? "" : dialled;
};

/** The same; null where nothing is left. */
export const cleanNumber = (text: string): string | null => plainNumber(text) || null;

/**
 * The number that was dialled over a trunk: `375296254070@mts` (PJSIP), `mts/375296254070` (SIP, IAX2, DAHDI) and
 * `mts/sip:375296254070@host` all name it.
 */
export const dialledNumber = (dialString: string, callerIdOfLeg: string): string => {
  const behindHost = /@[^/]*\/([^/@]+)$/.exec(dialString)?.[1];
  const dialled = behindHost ?? (dialString.split("@")[0] ?? "").replace(/^.*\//, "");
  const number = dialled.replace(/^(?:sips?|tel):/, "");
  return /^\+?[\d*#]{2,}$/.test(number) ? number : plainNumber(callerIdOfLeg);
};

/** Numbers this long are compared by their end: before it stands a prefix of the country or of the exchange. */
const COMPARED_DIGITS = 9;

const digitsOf = (text: string): string => {
  if (!isDigits(text)) return text.replace(/\D/g, "");
  return text.charCodeAt(0) === PLUS ? text.slice(1) : text;
};

/** Whether two numbers are one telephone: equal, or long enough and equal in their last nine digits. */
export const sameNumber = (a: string | null, b: string | null): boolean => {
  if (a === null || b === null) return false;
  if (a === b) return true;
  const left = digitsOf(a);
  const right = digitsOf(b);
  if (left === "" || right === "") return false;
  const areLong = left.length >= COMPARED_DIGITS && right.length >= COMPARED_DIGITS;
  return (
    left === right || (areLong && left.slice(-COMPARED_DIGITS) === right.slice(-COMPARED_DIGITS))
  );
};
