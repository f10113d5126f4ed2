/** Resolves after that time, in milliseconds; keeps the process alive until then. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
