// What a running service tells of itself, and what a process feels of work that goes on in it.

/** Reads `GET /metrics` of a service: answers a figure without labels by its name, NaN where there is none. */
export const readFigures = async (
  url: string,
  signal?: AbortSignal,
): Promise<(name: string) => number> => {
  const answer = await fetch(`${url}/metrics`, signal === undefined ? {} : { signal });
  const text = await answer.text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
};

/** The longest time in which nothing else could run while `work` went on, in milliseconds. */
export const longestStall = async (work: () => Promise<unknown>): Promise<number> => {
  let longest = 0;
  let isDone = false;
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  await work();
  isDone = true;
  return longest;
};
