// Limits how many pieces of work run at the same time; the rest waits in order.

import pLimit from "p-limit";

/** Runs the work as soon as a place is free; its result or its failure is passed on. */
export type AtMost = <T>(work: () => Promise<T>) => Promise<T>;

/** A limit of `places` pieces of work at the same time. */
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
