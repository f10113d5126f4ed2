// Who may read what is created: the owner alone, since records are people's calls. Where an operator marked a folder as
// its group's by the setgid bit (`chmod 2750 call_tracer`), the group may read what is created in it as well. What
// exists already keeps its mode.

import { statSync } from "node:fs";
import { dirname } from "node:path";

const SETGID = 0o2000;

const isShared = (folder: string): boolean => {
  try {
    return (statSync(folder).mode & SETGID) !== 0;
  } catch {
    return false;
  }
};

/** The mode of a new file at `path`. */
export const newFileMode = (path: string): number => (isShared(dirname(path)) ? 0o640 : 0o600);

/** The mode of a new folder at `path`; the system hands the setgid bit on. */
export const newFolderMode = (path: string): number => (isShared(dirname(path)) ? 0o750 : 0o700);
