// The real process as a CliContext, and its end. A reader that went away (`calllog … | head`) is no error: writing
// stops and the program ends quietly.

import { type Clock, systemClock } from "../lib/clock.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import type { Output } from "../lib/output.ts";
import type { CliContext } from "./context.ts";

type Writes = { underWay: number; onIdle: () => void };

const outputOf = (
  stream: NodeJS.WriteStream,
  writes: Writes,
  onError: (error: NodeJS.ErrnoException) => void,
): Output => {
  // Each failed write tells its own callback; without a listener the event would end the process.
  stream.on("error", () => undefined);
  return {
    write: (text) => {
      writes.underWay += 1;
      // Counted one by one: Bun calls back for an empty last write while earlier ones are still in the pipe.
      stream.write(text, (error) => {
        writes.underWay -= 1;
        if (error) onError(error);
        if (writes.underWay === 0) writes.onIdle();
      });
    },
    isTTY: stream.isTTY === true,
    columns: stream.columns,
  };
};

const endWithoutOutput = (error: NodeJS.ErrnoException): void => {
  if (error.code === "EPIPE") process.exit(EXIT_OK);
  process.stderr.write(`calllog: cannot write the output: ${error.message}\n`);
  process.exit(EXIT_FAILED);
};

const stopSignal = (): (() => AbortSignal) => {
  let controller: AbortController | undefined;
  return () => {
    if (controller !== undefined) return controller.signal;
    const created = new AbortController();
    controller = created;
    const stop = (): void => {
      // Removed, so that a second signal ends the program as it would without us.
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      created.abort();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
    return created.signal;
  };
};

/** Not a setting: moves the program's clock, so that tests of the whole program can see a midnight. In milliseconds. */
const CLOCK_VARIABLE = "_CALLLOG_CLOCK_AHEAD_MS";

const processClock = (): Clock => {
  const aheadMs = Number(process.env[CLOCK_VARIABLE] ?? 0);
  return Number.isFinite(aheadMs) && aheadMs !== 0
    ? { now: () => systemClock.now() + aheadMs }
    : systemClock;
};

export type ProcessContext = {
  readonly context: CliContext;
  /** Ends the process with that code once everything written is out. */
  readonly finish: (code: ExitCode) => void;
};

/** Takes hold of the process; called once, by main.ts. */
export const processContext = (): ProcessContext => {
  const writes: Writes = { underWay: 0, onIdle: () => undefined };
  return {
    context: {
      argv: process.argv.slice(2),
      env: process.env,
      cwd: process.cwd(),
      stdout: outputOf(process.stdout, writes, endWithoutOutput),
      // A lost log reader must not take the service with it, and there is nowhere left to say so.
      stderr: outputOf(process.stderr, writes, () => undefined),
      clock: processClock(),
      stopSignal: stopSignal(),
    },
    finish: (code) => {
      writes.onIdle = () => process.exit(code);
      if (writes.underWay === 0) process.exit(code);
    },
  };
};
