// The real process as a CliContext, and its end. A reader that went away (`calllog … | head`) is no error: writing
// stops and the program ends quietly.

import { systemClock } from "../lib/clock.ts";
import { type CliContext, EXIT_OK, type ExitCode, type Output } from "./context.ts";

const outputOf = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  isTTY: stream.isTTY === true,
  columns: stream.columns,
});

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

export type ProcessContext = {
  readonly context: CliContext;
  /** Ends the process with that code once everything written is out. */
  readonly finish: (code: ExitCode) => void;
};

/** Takes hold of the process; called once, by main.ts. */
export const processContext = (): ProcessContext => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(EXIT_OK);
      throw error;
    });
  }
  return {
    context: {
      argv: process.argv.slice(2),
      env: process.env,
      cwd: process.cwd(),
      stdout: outputOf(process.stdout),
      stderr: outputOf(process.stderr),
      clock: systemClock,
      stopSignal: stopSignal(),
    },
    finish: (code) => {
      process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
    },
  };
};
