// Replaces a file atomically: written under another name and renamed, so that a reader, or a start after a crash, sees
// the old content or the new one, never a part.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as fsp from "node:fs/promises";
import { dirname } from "node:path";

export type ReplaceOptions = {
  /** Permission bits of the new file; default: its owner alone may read and write it. */
  readonly mode?: number;
  /**
   * Whether it must survive the loss of power: the file, then its folder, are on the disk before the call is done.
   * Default: no, which is enough for what can be made again.
   */
  readonly isDurable?: boolean;
  /** Where it is written aside, in the same folder; default: the name with `.tmp`. One writer a name at a time. */
  readonly aside?: string;
};

const PRIVATE = 0o600;

/** Makes the names in a folder last: those of files that were made, renamed or removed in it. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await fsp.open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** @throws the system's error; the old file is still there then, and no temporary file is left. */
export const replaceFile = (
  path: string,
  content: string | Uint8Array,
  { mode = PRIVATE, isDurable = false, aside = `${path}.tmp` }: ReplaceOptions = {},
): void => {
  try {
    writeFileSync(aside, content, { mode, flush: isDurable });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  if (!isDurable) return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

/** The same off this thread. @param parts written one behind the other, without being joined in memory */
export const replaceFileAsync = async (
  path: string,
  parts: readonly Uint8Array[],
  { mode = PRIVATE, isDurable = false, aside = `${path}.tmp` }: ReplaceOptions = {},
): Promise<void> => {
  try {
    const file = await fsp.open(aside, "w", mode);
    try {
      for (const part of parts) await file.writeFile(part);
      if (isDurable) await file.sync();
    } finally {
      await file.close();
    }
    await fsp.rename(aside, path);
  } catch (error) {
    await fsp.rm(aside, { force: true });
    throw error;
  }
  if (isDurable) await syncFolder(dirname(path));
};
