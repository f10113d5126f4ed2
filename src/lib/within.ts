// Limits how long a promise is waited for.

/**
 * The work's result where it comes in time, else what `onLate` answers (or throws). The work itself goes on; its later
 * failure is nobody's. Uses the machine's timer, which it always clears.
 *
 * @param timeoutMs milliseconds
 */
export const within = <T, L>(
  work: Promise<T>,
  timeoutMs: number,
  onLate: () => L,
): Promise<T | L> => {
  const { promise, resolve, reject } = Promise.withResolvers<T | L>();
  const timer = setTimeout(() => {
    try {
      resolve(onLate());
    } catch (error) {
      reject(error);
    }
  }, timeoutMs);
  work.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
};
