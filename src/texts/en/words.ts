// English grammar that several catalogues need: lists, plurals, spans of time.

import { wholeSeconds } from "../../lib/time.ts";

/** `151`, `151 and 152`, `151, 152 and 153`. */
export const list = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

/** `18 s`, `2 min 15 s`, `1 h 2 min`: whole seconds, half up. */
export const seconds = (ms: number): string => {
  const total = wholeSeconds(ms);
  if (total < 60) return `${total}\u00a0s`;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = total % 60;
  return [
    hours > 0 ? `${hours}\u00a0h` : "",
    minutes > 0 ? `${minutes}\u00a0min` : "",
    rest > 0 ? `${rest}\u00a0s` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
};

export const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;
