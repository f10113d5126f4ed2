// Reads the folders of recordings before anybody asks, so that a page finds them read: all of them once, the newest days
// first, and then again and again those in which recordings of now are filed. In pieces between which others have their
// turn. What is read so is the same memory that pages ask; it is no second truth.

import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { After } from "../lib/within.ts";
import { daysAround, type FolderDay } from "./folder-day.ts";
import type { Folders } from "./folders.ts";
import { foldersBelow, MAX_DEPTH } from "./search.ts";

export type FollowOptions = {
  /** Absolute. */
  readonly roots: readonly string[];
  readonly folders: Folders;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of all that is remembered at which no more is read ahead: pages need room for what is not. */
  readonly maxBytes: number;
  /** Between two readings, in milliseconds. */
  readonly restMs: number;
  readonly after: After;
};

/** Folders read ahead: a PBX that makes one an hour has so many in two years. */
const MAX_FOLDERS = 20_000;
/** Folders looked at again each time. */
const MAX_RECENT = 200;

type Below = { readonly name: string; readonly its: FolderDay };

/** Those of days before others; names of one kind tell later days by later letters. */
const newestFirst = (folders: readonly Below[]): Below[] => {
  const isDated = ({ its }: Below): number => (its.year === undefined ? 0 : 1);
  return folders.toSorted((a, b) => isDated(b) - isDated(a) || (a.name < b.name ? 1 : -1));
};

/** Begins at once. @returns how to end it, and when everything was read once */
export const followFolders = (
  options: FollowOptions,
): { readonly close: () => void; readonly isRead: Promise<void> } => {
  const { roots, folders, clock, log, maxBytes, restMs, after } = options;
  let isClosed = false;
  let callOff: (() => void) | undefined;

  type Pass = { readonly days: ReadonlySet<string> | undefined; left: number };

  const read = async (
    pass: Pass,
    root: string,
    path: string,
    day: FolderDay,
    depth: number,
  ): Promise<void> => {
    if (isClosed || pass.left <= 0 || depth > MAX_DEPTH || folders.bytes() > maxBytes) return;
    pass.left -= 1;
    const folder = await folders.look(join(root, path));
    const below = folder === undefined ? [] : (foldersBelow(folder, day, pass.days) ?? []);
    for (const { name, its } of newestFirst(below)) {
      await read(pass, root, path === "" ? name : `${path}/${name}`, its, depth + 1);
    }
  };

  const readAll = async (pass: Pass): Promise<void> => {
    try {
      for (const root of roots) await read(pass, root, "", {}, 0);
    } catch (error) {
      log.warn("cannot read the folders of recordings ahead; they are read when somebody asks", {
        error,
      });
    }
  };

  const again = async (): Promise<void> => {
    await readAll({ days: daysAround([clock.now()]), left: MAX_RECENT });
    rest();
  };
  const rest = (): void => {
    if (!isClosed) callOff = after(restMs, () => void again());
  };

  return {
    isRead: readAll({ days: undefined, left: MAX_FOLDERS }).then(rest),
    close: () => {
      isClosed = true;
      callOff?.();
    },
  };
};
