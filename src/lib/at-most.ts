// Work that needs memory, a few at a time: the others wait in their order, holding next to nothing.

/** Runs work when one of the places is free; its result and its failure are passed on. */
export type AtMost = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes `places` places. */
export const createAtMost = (places: number): AtMost => {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to the next in line, so that nobody overtakes.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
};
