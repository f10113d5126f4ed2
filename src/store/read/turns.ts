// Giving the event loop its turn in the middle of long work.

import { pause } from "../../lib/pause.ts";

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

/** Searches under way that somebody waits for. */
let urgent = 0;
const held: (() => void)[] = [];
/** Nothing is held back longer than this for searches, in milliseconds: under constant load it must go on too. */
const LONGEST_HOLD_MS = 250;

/** Does something that somebody waits for: work in the background is held back meanwhile. */
export const urgently = async <T>(work: () => Promise<T>): Promise<T> => {
  urgent += 1;
  try {
    return await work();
  } finally {
    urgent -= 1;
    if (urgent === 0) for (const go of held.splice(0)) go();
  }
};

const calm = (): Promise<void> | undefined =>
  urgent === 0
    ? undefined
    : new Promise((resolve) => {
        held.push(resolve);
        setTimeout(resolve, LONGEST_HOLD_MS);
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
    if (restMs > 0) {
      await pause(restMs);
      await calm();
    }
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
