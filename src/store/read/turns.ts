// Giving the event loop its turn in the middle of long work.

const waiting: (() => void)[] = [];
let isArmed = false;

const letOneGo = (): void => {
  isArmed = false;
  waiting.shift()?.();
  arm();
};

const arm = (): void => {
  if (isArmed || waiting.length === 0) return;
  isArmed = true;
  setImmediate(letOneGo);
};

/**
 * Resolves in a later turn of the event loop, after what was waiting has run: one caller a turn, so that several long
 * searches together hold the loop no longer than one does.
 */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    arm();
  });

/** Work that would go on longer than this at a stretch, in milliseconds, lets others run in between. */
const SLICE_MS = 2;

/**
 * A watch over one stretch of work: `await pause()` often; it waits only when the stretch has been long enough.
 *
 * @param restMs how long to leave the machine to others after each slice; 0 for work somebody waits for.
 */
export const createPacer = (restMs = 0): { readonly pause: () => Promise<void> | undefined } => {
  let since = performance.now();
  const rest = async (): Promise<void> => {
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    await nextTurn();
  };
  return {
    pause: () => {
      if (performance.now() - since < SLICE_MS) return undefined;
      return rest().then(() => {
        since = performance.now();
      });
    },
  };
};
