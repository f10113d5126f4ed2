// Limits how long a promise is waited for.

/** Does the work so much later, in milliseconds. @returns how to call it off. */
export type After = (delayMs: number, work: () => void) => () => void;

const machineTimer: After = (delayMs, work) => {
  const timer = setTimeout(work, delayMs);
  return () => clearTimeout(timer);
};

/**
 * The work's result where it comes in time, else what `onLate` answers (or throws). The work itself goes on; its later
 * failure is nobody's. Always clears its timer.
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
  work.finally(callOff).then(resolve, reject);
  return promise;
};
