// Whether events can be recorded now: a probe that is written to the disk and removed, off the event loop. Its answer is
// remembered for a second and shared, since anybody may ask for /health as often as they like.

import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import type { TraceStore } from "../types.ts";
import type { TraceFs } from "./trace-fs.ts";

export type WriteCheck = Awaited<ReturnType<TraceStore["check"]>>;

/** How long an answer is remembered, in milliseconds. */
const KEEP_MS = 1000;
/** Small enough for a page of any file system, large enough to need room of its own. */
const PROBE_BYTES = 4096;

/** @param dir the data folder, created where missing */
export const createWriteCheck = (
  fs: TraceFs,
  dir: string,
  clock: Clock,
): (() => Promise<WriteCheck>) => {
  let last: { readonly at: number; readonly answer: Promise<WriteCheck> } | undefined;

  const probe = async (): Promise<WriteCheck> => {
    try {
      fs.makeFolder(dir);
      await fs.probe(join(dir, `.check-${process.pid}`), Buffer.alloc(PROBE_BYTES, "."));
      return { ok: true };
    } catch (cause) {
      return { ok: false, reason: `cannot write into ${dir}: ${String(cause)}` };
    }
  };

  return () => {
    const now = clock.now();
    // A clock that was set back ends the time rather than stretch it.
    if (last !== undefined && now >= last.at && now - last.at < KEEP_MS) return last.answer;
    last = { at: now, answer: probe() };
    return last.answer;
  };
};
