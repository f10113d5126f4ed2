// What a command may touch of the process it runs in, as one value: tests hand in their own and run commands in-process.

import type { Clock } from "../lib/clock.ts";

/** A stream for text that people or other programs read. */
export type Output = {
  write(text: string): void;
  /** Whether a person sits in front of it. */
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns?: number | undefined;
};

export type CliContext = {
  /** What follows the program's name. */
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  /**
   * Aborts when the program is asked to stop (SIGINT, SIGTERM). Commands that run until stopped call it; for the others
   * the signals keep ending the program at once. A second signal ends it at once too.
   */
  readonly stopSignal: () => AbortSignal;
};

/** 0 fine, 1 failed, 2 used wrongly (nothing was done). */
export type ExitCode = 0 | 1 | 2;
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
