// What a command may touch of the process it runs in, as one value: tests hand in their own and run commands in-process.

import type { Clock } from "../lib/clock.ts";
import type { Output } from "../lib/output.ts";

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
