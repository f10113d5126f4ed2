// Makes foreign text safe for one line of a terminal or a log.

/** Control and format characters and line separators: what a terminal would obey, or a reader would not see. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/**
 * The text on one line, with nothing in it that a terminal would obey: each run of such characters becomes a space.
 *
 * @param maxLength UTF-16 units of the result at most; default: no limit
 */
export const printable = (text: string, maxLength = Number.POSITIVE_INFINITY): string => {
  const shown = text.replace(UNPRINTABLE, " ");
  return shown.length <= maxLength ? shown : shown.slice(0, maxLength).toWellFormed();
};
