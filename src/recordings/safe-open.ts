// Opens a file of a folder that others write into, and nothing else: links are resolved and must end inside the folders
// that were given, and what was opened is checked again by what it is, not by its name. So neither a link nor a change
// between the check and the opening leads out.

import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { errorCode } from "../lib/errors.ts";
import type { Place } from "./search.ts";

export type SafeFile = {
  /** Whoever opens it closes it. */
  readonly handle: FileHandle;
  readonly facts: Stats;
  /** Without links. */
  readonly realPath: string;
};

/** Gone, a link to nowhere or in a circle, a folder where a file was, a socket: there is no such recording. */
const NOT_THERE = ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ENAMETOOLONG"];

const isInside = (path: string, root: string): boolean =>
  path.startsWith(root.endsWith(sep) ? root : root + sep);

/** Neither waits for a pipe's other end nor follows a link that has just been put there. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

const isSame = (a: Stats, b: Stats): boolean => a.ino === b.ino && a.dev === b.dev;

/**
 * Opens a recording for reading.
 *
 * @param roots every folder that was given: a link may lead from one to another
 * @returns undefined where there is none any more, where it lies elsewhere or is no regular file
 * @throws Error where it is there and this user may not read it, or the machine cannot
 */
export const safeOpen = async (
  { root, path }: Place,
  roots: readonly string[],
): Promise<SafeFile | undefined> => {
  const named = join(root, path);
  if (path.includes("\0") || !isInside(named, root)) return undefined;
  let handle: FileHandle | undefined;
  try {
    const [realPath, ...realRoots] = await Promise.all([
      realpath(named),
      ...roots.map((each) => realpath(each).catch(() => undefined)),
    ]);
    const isOurs = (real: string): boolean =>
      realRoots.some((each) => each !== undefined && isInside(real, each));
    if (!isOurs(realPath) || !(await lstat(realPath)).isFile()) return undefined;
    handle = await open(realPath, FLAGS);
    // A folder above it may have become a link meanwhile: what is open must lie inside now.
    const [facts, realNow] = await Promise.all([handle.stat(), realpath(realPath)]);
    const isIt = isOurs(realNow) && facts.isFile() && isSame(await lstat(realNow), facts);
    if (!isIt) {
      await handle.close();
      return undefined;
    }
    return { handle, facts, realPath: realNow };
  } catch (error) {
    await handle?.close();
    if (NOT_THERE.includes(errorCode(error))) return undefined;
    throw error;
  }
};
