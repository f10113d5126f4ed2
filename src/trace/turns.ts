// Giving the event loop its turn in the middle of long work.

/** Resolves in the next turn of the event loop, after what was waiting has run. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that would go on longer than this at a stretch, in milliseconds, lets others run in between. */
const sliceMs = 3;

/**
 * A watch over one stretch of work: `await pause()` often; it waits only when the stretch has been long enough.
 *
 * @param restMs how long to leave the machine to others after each slice; 0 for work somebody waits for.
 */
export const createPacer = (restMs = 0): { readonly pause: () => Promise<void> | undefined } => {
  let since = performance.now();
  const rest = (): Promise<void> =>
    restMs === 0 ? nextTurn() : new Promise((resolve) => setTimeout(resolve, restMs));
  return {
    pause: () => {
      if (performance.now() - since < sliceMs) return undefined;
      return rest().then(() => {
        since = performance.now();
      });
    },
  };
};
