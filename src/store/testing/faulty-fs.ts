// The machine's files with faults put in: an operation fails, or everything after a chosen step does, as if the
// process had been killed there.

import { realFs, type TraceFs } from "../write/trace-fs.ts";

/** An error as the system gives it. */
export const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: injected`), { code });

export type FaultyFs = TraceFs & {
  /** Operations done since the last `dieAfter`. */
  steps(): number;
  /** After so many operations that change something, every further one fails. Infinity: none. */
  dieAfter(steps: number): void;
};

/** Real files whose changing operations stop working after a number of steps; `faults` replaces single operations. */
export const createFaultyFs = (faults: Partial<TraceFs> = {}): FaultyFs => {
  let left = Number.POSITIVE_INFINITY;
  let done = 0;
  const step = (): void => {
    if (left <= 0) throw systemError("EIO");
    left -= 1;
    done += 1;
  };
  const counted =
    <A extends unknown[], R>(operation: (...args: A) => R) =>
    (...args: A): R => {
      step();
      return operation(...args);
    };
  return {
    ...realFs,
    openAppend: counted(realFs.openAppend),
    write: counted(realFs.write),
    truncate: counted(realFs.truncate),
    unlink: counted(realFs.unlink),
    rename: counted(realFs.rename),
    makeFolder: counted(realFs.makeFolder),
    writeWhole: counted(realFs.writeWhole),
    syncNow: counted(realFs.syncNow),
    ...faults,
    steps: () => done,
    dieAfter: (steps) => {
      left = steps;
      done = 0;
    },
  };
};
