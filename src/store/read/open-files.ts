// Opening files that may vanish at any moment: what is not there is undefined, every other failure an error.

import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import * as fsp from "node:fs/promises";
import { systemCode } from "../errors.ts";
import type { FileFacts } from "../write/trace-fs.ts";
import type { ByteSource } from "./reverse-lines.ts";

const orUndefined = async <T>(promise: Promise<T>): Promise<T | undefined> => {
  try {
    return await promise;
  } catch (cause) {
    if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") return undefined;
    throw cause;
  }
};

/** The file, open for reading, or undefined where there is none. The caller must close it. */
export const openIfThere = (path: string): Promise<fsp.FileHandle | undefined> =>
  orUndefined(fsp.open(path, "r"));

/** The names in a folder; none where there is no folder. */
export const listFolder = async (folder: string): Promise<string[]> =>
  (await orUndefined(fsp.readdir(folder))) ?? [];

/** What is known of a file by name, or undefined where there is none. */
export const factsAt = (path: string): Promise<FileFacts | undefined> =>
  orUndefined(fsp.stat(path));

/** What is known of an open file. Answered from memory by the kernel, so it is asked directly. */
export const factsOf = (handle: Pick<fsp.FileHandle, "fd">): FileFacts => fstatSync(handle.fd);

export const sourceOf = (handle: Pick<fsp.FileHandle, "read">): ByteSource => ({
  read: async (into, length, position) => (await handle.read(into, 0, length, position)).bytesRead,
});

/** An open file that is read at once. */
export type HotFile = ByteSource & {
  readonly fd: number;
  readonly close: () => void;
};

/**
 * The same for the running file, whose end was written a moment ago: it lies in the machine's memory, and is written by this
 * thread as well. A thread of its own for each of a dozen calls a look-up took several times what they do.
 */
export const hotFile = (path: string): HotFile | undefined => {
  try {
    const fd = openSync(path, "r");
    return {
      fd,
      read: (into, length, position) => Promise.resolve(readSync(fd, into, 0, length, position)),
      close: () => closeSync(fd),
    };
  } catch (cause) {
    if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") return undefined;
    throw cause;
  }
};

/** `factsAt`, at once. */
export const factsNow = (path: string): FileFacts | undefined =>
  statSync(path, { throwIfNoEntry: false });

/** `listFolder`, at once. */
export const listNow = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") return [];
    throw cause;
  }
};
