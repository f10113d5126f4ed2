// Writes all bytes although the system may take fewer at a time.

import { errorCode } from "./errors.ts";

/** A signal may interrupt a write; more interruptions in a row than this are a fault. */
const MAX_RETRIES = 10;

/** How many bytes are written; right also after a failure. */
export type WriteProgress = { done: number };

const isPassing = (error: unknown): boolean => ["EAGAIN", "EINTR"].includes(errorCode(error));

/**
 * Writes until everything is written.
 *
 * @param write writes from an offset on; returns how many bytes the system took
 * @throws what `write` throws, except EAGAIN and EINTR; an Error where the system takes nothing again and again
 */
export const writeFully = (
  bytes: Uint8Array,
  write: (offset: number) => number,
  progress: WriteProgress = { done: 0 },
): void => {
  for (let retries = 0; progress.done < bytes.length; ) {
    let written = 0;
    try {
      written = write(progress.done);
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    progress.done += written;
    retries = written === 0 ? retries + 1 : 0;
    if (retries > MAX_RETRIES) throw new Error("the system takes no more bytes");
  }
};
