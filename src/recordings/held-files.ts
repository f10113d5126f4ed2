// Files on their way to readers. What is sent is the file that was checked, not whatever bears its name when the sending
// begins: it stays open for a moment, and is sent by the name of that open file. So nothing is held in memory, a file that
// is removed meanwhile is sent to its end, and one that grows only as far as was promised.

import { existsSync, openAsBlob } from "node:fs";
import type { After } from "../lib/within.ts";
import type { SafeFile } from "./safe-open.ts";

export type HeldFiles = {
  /**
   * The bytes of an open file from one place up to before another. Takes the handle over and closes it, whatever comes.
   * Undefined where too many files are on their way.
   */
  part(file: SafeFile, from: number, to: number): Promise<Blob | undefined>;
  close(): Promise<void>;
};

/** The server opens what it sends at once, and on a machine without a moment to spare within this, in milliseconds. */
const HOLD_MS = 10_000;
/** Files held at the same time: a process may have some thousand open. */
export const MAX_HELD = 256;

/** A timer that does not keep the process alive. */
export const backgroundTimer: After = (delayMs, work) => {
  const timer = setTimeout(work, delayMs);
  if (typeof timer === "object") timer.unref();
  return () => clearTimeout(timer);
};

/** The name of an open file, on systems that give it one; else its own, of which links have been resolved. */
const nameOf = ({ handle, realPath }: SafeFile): string => {
  const name = `/proc/self/fd/${handle.fd}`;
  return existsSync(name) ? name : realPath;
};

export const openHeldFiles = (after: After = backgroundTimer): HeldFiles => {
  const held = new Map<SafeFile, () => void>();
  const release = async (file: SafeFile): Promise<void> => {
    held.get(file)?.();
    held.delete(file);
    // Nothing was written: what a system may complain of here concerns nobody.
    await file.handle.close().catch(() => undefined);
  };
  return {
    part: async (file, from, to) => {
      if (held.size >= MAX_HELD) {
        await file.handle.close();
        return undefined;
      }
      held.set(
        file,
        after(HOLD_MS, () => void release(file)),
      );
      try {
        return (await openAsBlob(nameOf(file))).slice(from, to);
      } catch (error) {
        await release(file);
        throw error;
      }
    },
    close: async () => {
      await Promise.all([...held.keys()].map(release));
    },
  };
};
