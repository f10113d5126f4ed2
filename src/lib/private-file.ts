// Small files that only the service's own user reads, in a dot-named folder of the data folder. Each is there whole or not
// at all, and its name is taken once: link(2) succeeds for exactly one.

import { randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "./errors.ts";

/** What a killed process may leave of a file it was writing. */
const UNFINISHED = ".new";

/**
 * Gives `path` to the owner of the data folder: made by root (an operator's sudo), it must still be the service's to read
 * and remove. Nothing for other users.
 */
export const giveToOwner = (path: string, dataDir: string): void => {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  chownSync(path, uid, gid);
};

/** Makes the folder with mode 0700 where it is missing, the data folder too. */
export const makePrivateFolder = (folder: string, dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) === undefined) return;
  chmodSync(folder, 0o700);
  giveToOwner(folder, dataDir);
};

/**
 * Puts a whole file of mode 0600 under that name, in a folder that is there; false where the name is taken.
 *
 * @throws Error as the file system says
 */
export const putPrivateFile = (path: string, text: string, dataDir: string): boolean => {
  const unfinished = join(dirname(path), `${randomUUID()}${UNFINISHED}`);
  try {
    writeFileSync(unfinished, text, { mode: 0o600 });
    giveToOwner(unfinished, dataDir);
    linkSync(unfinished, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
};

/** The names in a folder; none where there is no folder. @throws Error as the file system says */
export const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
};

/** What a file of JSON holds; undefined where it is gone, or holds no JSON. @throws Error as the file system says */
export const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
};
