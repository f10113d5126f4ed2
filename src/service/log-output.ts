// Where the service's log goes: standard error, or a file of its own that is rotated by size. A log that cannot be
// written never stops the service: what could not be written goes to standard error instead.

import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createStream } from "rotating-file-stream";
import type { Output } from "../lib/output.ts";

export type LogOutput = {
  /** Takes whole lines with their line break. */
  write(text: string): void;
  /** Whether it goes to a terminal, which a person reads. */
  readonly isTTY: boolean;
  /** Resolves when everything written is in the file. */
  close(): Promise<void>;
};

/** A file is rotated when it has grown to this many bytes. */
const MAX_FILE_SIZE = "10M";
/** Rotated files that are kept: `logger.log.1` is the newest. */
const MAX_OLD_FILES = 5;

const toFile = (file: string, stderr: Output): LogOutput => {
  const folder = dirname(file);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new Error(
      `cannot make the folder of --log-file ${file}: ${String(cause)}; choose another place, or none`,
      { cause },
    );
  }
  const name = basename(file);
  const stream = createStream((index) => (index === null ? name : `${name}.${String(index)}`), {
    path: folder,
    size: MAX_FILE_SIZE,
    rotate: MAX_OLD_FILES,
    // Phone numbers and names stand in it.
    mode: 0o600,
  });
  let lastFault = "";
  stream.on("error", (error) => {
    if (error.message === lastFault) return;
    lastFault = error.message;
    stderr.write(`calllog: cannot write the log to ${file}: ${error.message}\n`);
  });
  return {
    isTTY: false,
    write: (text) => {
      stream.write(text, (error) => {
        if (error) stderr.write(text);
      });
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
};

/**
 * Opens where the log goes. Close it last.
 *
 * @param file absolute; null for standard error
 * @throws Error in one line where its folder cannot be made.
 */
export const openLogOutput = (file: string | null, stderr: Output): LogOutput =>
  file === null
    ? {
        isTTY: stderr.isTTY,
        write: (text) => stderr.write(text),
        close: () => Promise.resolve(),
      }
    : toFile(file, stderr);
