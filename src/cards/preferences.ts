// What a chat's preferences make of a card: whether it gets it, in which words, and how it arrives. Pure.

import type { Call } from "../call/index.ts";
import type { ChatPreferences } from "../domain/chat-preferences.ts";
import type { Lang } from "../domain/lang.ts";
import { cleanName } from "../domain/names.ts";
import { type NumberPlan, readableNumber } from "../domain/phone.ts";

/** What is asked of a card and its call. */
export type CardFacts = {
  readonly isFinal: boolean;
  /** Nobody answered the customer, or he was lost again. */
  readonly isMissed: boolean;
  /** Everyone on our side: rung, or talked. */
  readonly ours: readonly string[];
};

/** Whoever of ours is in a call; on internal calls the caller too. */
export const oursIn = ({ extensions, answeredBy, direction, phone }: Call): readonly string[] => [
  ...extensions,
  ...answeredBy,
  ...(direction === "internal" && phone !== null ? [phone] : []),
];

/**
 * Whether a chat gets a card. A call of which none of ours is known yet is nobody's who chose extensions; a missed group
 * call is everybody's who was rung.
 */
export const wantsCard = (
  { cards, extensions }: Pick<ChatPreferences, "cards" | "extensions">,
  { isFinal, isMissed, ours }: CardFacts,
): boolean => {
  if (extensions !== null && !extensions.some((extension) => ours.includes(extension)))
    return false;
  switch (cards) {
    case "all":
      return true;
    case "final":
      return isFinal;
    case "missed":
      return isFinal && isMissed;
    case "none":
      return false;
  }
};

/** In which words a card comes. */
export type CardVariant = {
  /** Null: the language of the service. */
  readonly lang: Lang | null;
  /** The customer's number is hidden in part, and his name is not told. */
  readonly isMasked: boolean;
};

export const PLAIN_VARIANT: CardVariant = { lang: null, isMasked: false };

export const variantOf = ({ lang, numbers }: ChatPreferences): CardVariant => ({
  lang,
  isMasked: numbers === "masked",
});

/** Equal for variants that read the same. */
export const variantKey = ({ lang, isMasked }: CardVariant): string => `${lang ?? ""} ${isMasked}`;

const MASK = "•";
/** Fewer digits are an extension or a word: there is nothing to hide. */
const MIN_MASKED_DIGITS = 7;

/** `+375 29 530 •• 42` of `+375 29 530 59 42`: the two digits before the last two are hidden. */
export const maskedNumber = (shown: string): string => {
  const digits = [...shown.matchAll(/\d/g)].map(({ index }) => index);
  if (digits.length < MIN_MASKED_DIGITS) return shown;
  const hidden = new Set(digits.slice(-4, -2));
  return [...shown].map((character, index) => (hidden.has(index) ? MASK : character)).join("");
};

/** A number as a chat reads it. */
export const shownNumber = (text: string, country: NumberPlan): string =>
  readableNumber(cleanName(text) ?? "", country);

/** A customer's number as a chat reads it: in part where it asked for that. */
export const customerNumber = (
  phone: string,
  { country, isMasked }: { readonly country: NumberPlan; readonly isMasked: boolean },
): string => {
  const whole = shownNumber(phone, country);
  return isMasked ? maskedNumber(whole) : whole;
};
