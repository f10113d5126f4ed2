// How a process ends. Scripts and service managers go by these numbers.

/** 0 fine, 1 failed, 2 used wrongly (nothing was done). */
export type ExitCode = 0 | 1 | 2;
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
