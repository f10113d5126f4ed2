// Russian grammar that several catalogues need: lists, plurals, spans of time.

import { wholeSeconds } from "../../lib/time.ts";

/** `151`, `151 и 152`, `151, 152 и 153`. */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} и ${items.at(-1)}`;

/** `18 с`, `2 мин 15 с`, `1 ч 2 мин`: whole seconds, half up. */
export const seconds = (ms: number): string => {
  const total = wholeSeconds(ms);
  if (total < 60) return `${total}\u00a0с`;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = total % 60;
  return [
    hours > 0 ? `${hours}\u00a0ч` : "",
    minutes > 0 ? `${minutes}\u00a0мин` : "",
    rest > 0 ? `${rest}\u00a0с` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
};

/** The count with the form of the word that goes with it: `1 запись`, `2 записи`, `5 записей`. */
export const plural = (count: number, one: string, few: string, many: string): string => {
  const rest = Math.abs(count) % 100;
  const last = rest % 10;
  const word =
    last === 1 && rest !== 11
      ? one
      : last >= 2 && last <= 4 && (rest < 12 || rest > 14)
        ? few
        : many;
  return `${count} ${word}`;
};
