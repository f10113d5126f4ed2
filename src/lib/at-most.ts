// Limits how many pieces of work run at the same time; the rest waits in order.

import pLimit from "p-limit";

/** Runs work when one of the places is free; its result and its failure are passed on. */
export type AtMost = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes `places` places. */
export const createAtMost = (places: number): AtMost => pLimit(places);

/** Works on all items, at most `places` at a time. The results are in the items' order; rejects with the first failure. */
export const mapAtMost = <T, R>(
  places: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const atMost = createAtMost(places);
  return Promise.all(items.map((item) => atMost(() => work(item))));
};
