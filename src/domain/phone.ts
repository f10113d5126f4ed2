// Telephone numbers as people read them. Extensions, short codes and words stay as they are; no digit is ever added,
// dropped or moved, whatever the numbering plan says, since a number is also something to call back.

import { parsePhoneNumberFromString } from "libphonenumber-js/min";

const digitsOf = (text: string): string => text.replace(/\D/g, "");

/**
 * The number with its `+`: one of 10 to 15 digits gets it where a country begins so (`375291112233`), and one that has
 * it keeps it. Undefined for what is no international number (`151`, `80291112233`, `anonymous`).
 */
export const internationalNumber = (number: string): string | undefined => {
  if (!/^(?:\+\d{7,15}|\d{10,15})$/.test(number)) return undefined;
  const international = `+${digitsOf(number)}`;
  return number.startsWith("+") || parsePhoneNumberFromString(international) !== undefined
    ? international
    : undefined;
};

/** `375291112233` and `+375291112233` as `+375 29 111 22 33`; anything that is no international number unchanged. */
export const readableNumber = (number: string): string => {
  const international = internationalNumber(number);
  if (international === undefined) return number;
  const formatted = parsePhoneNumberFromString(international)?.formatInternational();
  // A digit that the country's plan takes for a prefix (`+44 0 20…`) would be left out.
  return formatted !== undefined && digitsOf(formatted) === digitsOf(number)
    ? formatted
    : international;
};

/** Whether a call shows no number: there is none, or a word that networks put in its place. */
export const isWithheld = (number: string | null): boolean =>
  number === null ||
  /^(?:anonymous|restricted|private|withheld|unavailable|unknown)?$/i.test(number.trim());
