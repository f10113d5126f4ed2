// Limits how long a promise is waited for.

/** Does the work after that delay, in milliseconds. @returns a function that cancels it. */
export type After = (delayMs: number, work: () => void) => () => void;

const machineTimer: After = (delayMs, work) => {
  const timer = setTimeout(work, delayMs);
  return () => clearTimeout(timer);
};

/**
 * The work's result where it comes in time, else what `onLate` answers (or throws). The work itself goes on; if it
 * fails later, that is ignored. Always clears its timer.
 *
 * @param timeoutMs milliseconds
 * @param after default: the machine's timer, which keeps the process alive
 */
export const within = <T, L>(
  work: Promise<T>,
  timeoutMs: number,
  onLate: () => L,
  after: After = machineTimer,
): Promise<T | L> => {
  const { promise, resolve, reject } = Promise.withResolvers<T | L>();
  const callOff = after(timeoutMs, () => {
    try {
      resolve(onLate());
    } catch (error) {
      reject(error);
    }
  });
  // `finally` would cost three more promises, and every event passes here.
  work.then(
    (value) => {
      callOff();
      resolve(value);
    },
    (error: unknown) => {
      callOff();
      reject(error);
    },
  );
  return promise;
};
