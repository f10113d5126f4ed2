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

/** How often a process is asked whether it still answers, in milliseconds: rarely, so that asking costs it nothing. */
const ASK_MS = 1;

/** The longest time in which nothing else could run while `work` went on, in milliseconds, to about one. */
export const longestStall = async (work: () => Promise<unknown>): Promise<number> => {
  let longest = 0;
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last - ASK_MS);
    last = now;
  };
  const asking = setInterval(look, ASK_MS);
  await work();
  look();
  clearInterval(asking);
  return longest;
};
