// The calls with given subscribers, out of the tables of a period: what a missed call's follow-up is read from. Numbers
// are compared by their last digits as columns first, whose answer is then checked by the one key of a subscriber.

import { isWithheld, type NumberPlan, subscriberKey } from "../../domain/phone.ts";
import { type FollowedCall, isOwed } from "../follow-up.ts";
import type { Layer } from "./day-book.ts";
import { directionOfCode, isLostCode, OPEN_CODE, rowAt, statusOfCode } from "./row.ts";
import type { ListMoment } from "./select.ts";
import { type CallTable, entryAt, firstBefore } from "./table.ts";
import type { CallRow } from "./types.ts";

/** Whatever stands before them, two spellings of a subscriber have the same last digits. */
const TAIL_DIGITS = 7;
const ZERO = 0x30;

/** By table: the last digits of each row's number as one number; -1 where it has none. Tables never change. */
const tails = new WeakMap<CallTable, Float64Array>();

const tailOfDigits = (digits: string): number =>
  digits === "" ? -1 : Number(`1${digits.slice(-TAIL_DIGITS)}`);

/** The last digits of a number, so that those of `0` and `00` differ. */
export const tailOf = (phone: string): number => tailOfDigits(phone.replace(/\D/g, ""));

const tailsOf = (table: CallTable): Float64Array => {
  const known = tails.get(table);
  if (known !== undefined) return known;
  const made = new Float64Array(table.count);
  const { bytes, ends } = table.phones;
  let start = 0;
  for (let index = 0; index < table.count; index += 1) {
    const end = ends[index] ?? start;
    // A line break stands before the digits.
    const from = Math.max(start + 1, end - TAIL_DIGITS);
    let tail = 1;
    for (let at = from; at < end; at += 1) tail = tail * 10 + (bytes[at] ?? ZERO) - ZERO;
    made[index] = end > from ? tail : -1;
    start = end;
  }
  tails.set(table, made);
  return made;
};

/** The key of a row's subscriber; "" where nobody can call him back. */
export const subscriberOf = (
  { phone, direction }: Pick<CallRow, "phone" | "direction">,
  country: NumberPlan,
): string =>
  phone === null || direction === "internal" || isWithheld(phone)
    ? ""
    : subscriberKey(phone, country);

/** Milliseconds since the epoch. */
export type Period = { readonly from: number; readonly to: number };

/** Visits the rows of calls from or to the outside that began in the period, with the last digits of their numbers. */
const eachOutside = (
  { table, dead }: Layer,
  { from, to }: Period,
  visit: (index: number, code: number, tail: number) => void,
): void => {
  const numbers = tailsOf(table);
  for (let index = firstBefore(table, to); index < table.count; index += 1) {
    if ((table.startedAt[index] ?? 0) < from) break;
    const [code, tail] = [table.codes[index] ?? 0, numbers[index] ?? -1];
    const isInside = code !== OPEN_CODE && directionOfCode(code) === "internal";
    if (tail >= 0 && dead?.[index] !== 1 && !isInside) visit(index, code, tail);
  }
};

/** The last digits of the numbers that have a missed call in the period, or one under way. */
export const missedTails = (layers: readonly Layer[], period: Period): Set<number> => {
  const found = new Set<number>();
  for (const layer of layers) {
    eachOutside(layer, period, (_, code, tail) => {
      const isMissedOne = isOwed({
        direction: directionOfCode(code),
        status: statusOfCode(code),
        isLost: isLostCode(code),
      });
      if (code === OPEN_CODE || isMissedOne) found.add(tail);
    });
  }
  return found;
};

/**
 * The calls of the period with numbers that end so, as follow-up asks for them; there may be others' among them.
 *
 * @param layers of tables, with what newer ones take out of older ones marked
 */
export const contactsWith = async (
  layers: readonly Layer[],
  wanted: ReadonlySet<number>,
  period: Period,
  { now, callTimeoutMs, country }: ListMoment & { readonly country: NumberPlan },
): Promise<FollowedCall[]> => {
  const found: FollowedCall[] = [];
  for (const layer of layers) {
    const places: number[] = [];
    eachOutside(layer, period, (index, _, tail) => {
      if (wanted.has(tail)) places.push(index);
    });
    if (places.length === 0) continue;
    const texts = await layer.table.texts.load();
    for (const index of places) {
      const row = rowAt(entryAt(texts, index), now, callTimeoutMs);
      const subscriber = subscriberOf(row, country);
      if (subscriber !== "") found.push({ ...row, subscriber });
    }
  }
  return found;
};
