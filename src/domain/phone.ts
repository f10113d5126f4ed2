// Telephone numbers as people dial and read them. A PBX sends them as its country dials (`80291234567`, `8 (495) 123-45-67`,
// `810375…`) or as the world does; which is meant, libphonenumber decides by the numbering plan of the country, where one is
// set. What is no valid number stays as it was sent, and no digit of a subscriber is ever added, dropped or moved.

import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";

/** A country by ISO 3166, two capital letters: in its numbering plan local forms are read. */
export type Country = CountryCode;
/** Of an enterprise, or of the whole service; undefined where none is set. */
export type NumberPlan = Country | undefined;

/** Whether `text` is such a country, with a numbering plan that is known. */
export const isCountry = (text: string): text is Country => isSupportedCountry(text);

const digitsOf = (text: string): string => text.replace(/\D/g, "");

/** What stands in numbers for reading: `8 (495) 123-45-67`. */
const DIALLABLE = /^\+?[\d\s().-]+$/;
/** An extension is shorter; E.164 allows 15, and a prefix for calls abroad stands before them. */
const MIN_DIGITS = 7;
const MAX_DIGITS = 18;
/** Fewer bare digits are a number without its country in most plans (10 in RU, US; 9 in BY, PL), and a country's by chance. */
const MIN_BARE_DIGITS = 11;
/** How calls abroad begin where the plan itself has another prefix: 00 by ITU-T E.123, 810 in the former Soviet Union. */
const ABROAD = /^(?:00|810)(?=[1-9])/;
/** A local form of 11 digits: 8 before the number, in RU, BY, KZ and their neighbours. It would pass for Vietnam. */
const LOCAL_WITH_8 = /^8\d{10}$/;

/** The number where it is valid, by the plan of the country or by its own prefix; made of the digits that are there. */
const parsed = (text: string, country: NumberPlan): string | undefined => {
  const number = parsePhoneNumberFromString(text, country);
  const isValid = number?.isValid() === true && text.endsWith(number.nationalNumber);
  return isValid ? number.number : undefined;
};

/** The same, where its digits stay what they are. */
const parsedAsItStands = (digits: string): string | undefined => {
  const number = parsed(`+${digits}`, undefined);
  return number === `+${digits}` ? number : undefined;
};

const read = (number: string, country: NumberPlan): string | undefined => {
  const digits = digitsOf(number);
  if (!DIALLABLE.test(number) || digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) {
    return undefined;
  }
  if (number.startsWith("+")) return parsedAsItStands(digits);
  const abroad = ABROAD.test(digits) ? parsedAsItStands(digits.replace(ABROAD, "")) : undefined;
  if (abroad !== undefined && country !== undefined) return abroad;
  const local = country === undefined ? undefined : parsed(digits, country);
  if (local !== undefined) return local;
  const isBare = digits.length >= MIN_BARE_DIGITS && !LOCAL_WITH_8.test(digits);
  return isBare ? parsedAsItStands(digits) : undefined;
};

/** Numbers that were read, since lists show the same ones again and again. */
const KEPT = 4096;
const known = new Map<string, string | undefined>();

/**
 * The number by E.164 with its `+`, where it is valid so: `375291112233` anywhere, `80291112233` in BY. Undefined for what
 * is no such number (`151`, `anonymous`, `80291112233` where no country is set).
 */
export const internationalNumber = (number: string, country?: NumberPlan): string | undefined => {
  const key = `${country ?? ""} ${number}`;
  if (known.has(key)) return known.get(key);
  const international = read(number, country);
  if (known.size >= KEPT) known.clear();
  known.set(key, international);
  return international;
};

const shown = new Map<string, string>();

/** `375291112233` and `+375291112233`, in BY `80291112233` too, as `+375 29 111 22 33`; all else unchanged. */
export const readableNumber = (number: string, country?: NumberPlan): string => {
  const international = internationalNumber(number, country);
  if (international === undefined) return number;
  const before = shown.get(international);
  if (before !== undefined) return before;
  const text = parsePhoneNumberFromString(international)?.formatInternational() ?? international;
  if (shown.size >= KEPT) shown.clear();
  shown.set(international, text);
  return text;
};

/** Local numbers are 7 to 11 digits long, with their prefix. */
const LOCAL = /^\d{7,11}$/;

/**
 * What a telephone dials to reach the number: `+375291112233`; a local number as it was sent, since telephones of the same
 * country dial it so. Undefined for what cannot be dialled: an extension, a word, digits that are no country's.
 */
export const diallableNumber = (number: string, country?: NumberPlan): string | undefined => {
  const international = internationalNumber(number, country);
  if (international !== undefined) return international;
  const digits = digitsOf(number);
  if (!DIALLABLE.test(number) || number.startsWith("+")) return undefined;
  const isAbroad =
    ABROAD.test(digits) && parsedAsItStands(digits.replace(ABROAD, "")) !== undefined;
  return LOCAL.test(digits) || isAbroad ? digits : undefined;
};

/** By which two spellings are one subscriber: E.164 where the number is valid, else its digits; "" where it has none. */
export const subscriberKey = (number: string, country?: NumberPlan): string =>
  internationalNumber(number, country) ?? digitsOf(number);

/** The number without its country, as every spelling of it ends: `291112233`; its digits where it is no valid number. */
export const nationalDigits = (number: string, country?: NumberPlan): string => {
  const international = internationalNumber(number, country);
  const national = international && parsePhoneNumberFromString(international)?.nationalNumber;
  return national ?? digitsOf(number);
};

/** Whether a call shows no number: there is none, or a word that networks put in its place. */
export const isWithheld = (number: string | null): boolean =>
  number === null ||
  /^(?:anonymous|restricted|private|withheld|unavailable|unknown)?$/i.test(number.trim());
