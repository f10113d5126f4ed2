// What a channel name and a telephone number tell about who it is. `PJSIP/151-0000015c` is extension 151,
// `PJSIP/mts-0000015b` a trunk, `Local/152@from-internal-00000012;1` one end of a pipe inside Asterisk.

export type ChannelName = {
  /** `PJSIP`, `SIP`, `IAX2`, `Local`, … */
  readonly technology: string;
  /** What stands between the slash and the sequence: an endpoint, a trunk, a dialled number. */
  readonly peer: string;
};

/** Splits `Tech/peer-sequence`; undefined where the text is no channel name. */
export const parseChannelName = (name: string): ChannelName | undefined => {
  const match = /^([A-Za-z][A-Za-z0-9]*)\/(.+)$/.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { technology: match[1], peer: match[2].replace(/-[0-9a-fA-F]+(?:;[12])?$/, "") };
};

export const isLocal = (name: string): boolean => name.startsWith("Local/");

/** Whether a number is short enough to be an extension: 2 to 5 digits. */
export const looksLikeExtension = (number: string): boolean => /^\d{2,5}$/.test(number);

/**
 * A number as it may be shown and compared: a remote caller can put quotes, bars and line breaks into it, so that only
 * what telephones dial is kept (`+ 0-9 * #`), or a short word such as `anonymous`. Null where nothing is left.
 */
export const cleanNumber = (text: string): string | null => {
  const trimmed = text.trim();
  if (/^[A-Za-z][A-Za-z0-9._ -]{1,31}$/.test(trimmed)) {
    return trimmed === "s" || /^unknown$/i.test(trimmed) ? null : trimmed;
  }
  const dialled = /^[\s(]*(\+?[\d*#\s().-]*)/.exec(trimmed)?.[1]?.replace(/[\s().-]/g, "") ?? "";
  return dialled === "" || dialled === "+" ? null : dialled;
};

/** Whether two numbers are one telephone: equal, or long enough and equal in their last nine digits. */
export const sameNumber = (a: string | null, b: string | null): boolean => {
  if (a === null || b === null) return false;
  if (a === b) return true;
  const left = a.replace(/\D/g, "");
  const right = b.replace(/\D/g, "");
  if (left === "" || right === "") return false;
  return (
    left === right || (left.length >= 9 && right.length >= 9 && left.slice(-9) === right.slice(-9))
  );
};
