// The way from a call to the files that are its recordings: down the folders that may hold its days, a look at each one's
// names, the rule of the pattern, and what events claimed. Answers paths; whether a file may be opened is for safe-open.ts.

import { join } from "node:path";
import {
  type RecordingPattern,
  recordingRule,
  tellsEnterprise,
} from "../domain/recording-pattern.ts";
import type { Log } from "../lib/log.ts";
import { bestOf, type Claim, keyOfClaim, mayBeClaimed } from "./claims.ts";
import { keyOfId, parseName } from "./file-name.ts";
import { dayOfFolder, type FolderDay, isMonthName, mayHold } from "./folder-day.ts";
import type { Folder, Folders } from "./folders.ts";

/** What is looked for. */
export type Wanted = {
  readonly enterprise: string;
  readonly uniqueIds: readonly string[];
  readonly claims: readonly Claim[];
  /** The days that its recordings may be filed under, such as `2026-11-22`. */
  readonly days: ReadonlySet<string>;
};

/** Where a recording lies: one of the folders that were given, and the path below it. */
export type Place = { readonly root: string; readonly path: string };

/** Folders within folders, at most. */
export const MAX_DEPTH = 10;
/** Folders that are looked at for one call: a tree without days in its names would be walked whole for every page. */
const MAX_FOLDERS = 2000;

/** Looks of one page, or of one list: no folder is asked twice for it. */
export type Round = { readonly look: (path: string) => Promise<Folder | undefined> };

export const openRound = (folders: Folders): Round => {
  const asked = new Map<string, Promise<Folder | undefined>>();
  return {
    look: (path) => {
      const known = asked.get(path);
      if (known !== undefined) return known;
      const looked = folders.look(path);
      asked.set(path, looked);
      return looked;
    },
  };
};

type Walk = {
  readonly root: string;
  readonly days: ReadonlySet<string>;
  readonly round: Round;
  readonly onFolder: (folder: Folder, path: string) => void;
  left: number;
};

/** A folder called like a year is one where it holds months alone; it may as well be an enterprise's number. */
const isYear = ({ folders }: Folder): boolean => folders.length > 0 && folders.every(isMonthName);

/**
 * The folders below one that may hold recordings of the days (undefined: of any), and what is known of the day of each.
 * Undefined where the folder itself turns out to be a year without them.
 */
export const foldersBelow = (
  folder: Folder,
  day: FolderDay,
  days: ReadonlySet<string> | undefined,
): { readonly name: string; readonly its: FolderDay }[] | undefined => {
  const isOnlyYear = day.year !== undefined && day.month === undefined;
  const isOtherYear = isOnlyYear && isYear(folder) && days !== undefined && !mayHold(day, days);
  if (isOtherYear) return undefined;
  const known = isOnlyYear && !isYear(folder) ? {} : day;
  return folder.folders.flatMap((name) => {
    const its = dayOfFolder(known, name);
    const isSure = its.month !== undefined && days !== undefined;
    return isSure && !mayHold(its, days) ? [] : [{ name, its }];
  });
};

const walk = async (from: Walk, path: string, day: FolderDay, depth: number): Promise<void> => {
  if (from.left <= 0 || depth > MAX_DEPTH) return;
  from.left -= 1;
  const folder = await from.round.look(join(from.root, path));
  const below = folder && foldersBelow(folder, day, from.days);
  if (folder === undefined || below === undefined) return;
  from.onFolder(folder, path);
  await Promise.all(
    below.map(({ name, its }) =>
      walk(from, path === "" ? name : `${path}/${name}`, its, depth + 1),
    ),
  );
};

const withoutExtension = (path: string): string => path.slice(0, path.lastIndexOf("."));

export type SearchOptions = {
  /** Absolute. */
  readonly roots: readonly string[];
  readonly pattern: RecordingPattern;
  readonly log: Log;
};

/** Makes the search; it keeps nothing but whether it complained. */
export const createSearch = ({ roots, pattern, log }: SearchOptions) => {
  let hasComplained = false;

  const walkAll = async (
    round: Round,
    days: ReadonlySet<string>,
    onFolder: (root: string, folder: Folder, path: string) => void,
  ): Promise<void> => {
    for (const root of roots) {
      const from: Walk = {
        root,
        days,
        round,
        onFolder: (folder, path) => onFolder(root, folder, path),
        left: MAX_FOLDERS,
      };
      await walk(from, "", {}, 0);
      if (from.left > 0 || hasComplained) continue;
      hasComplained = true;
      log.warn("a folder of recordings has too many folders without a day in their names", {
        folder: root,
        looked: MAX_FOLDERS,
      });
    }
  };

  const byName = (
    wanted: Pick<Wanted, "enterprise" | "uniqueIds">,
  ): ((folder: Folder, path: string) => string[]) => {
    const matches = recordingRule(pattern, wanted.enterprise, wanted.uniqueIds);
    const keys = [...new Set(wanted.uniqueIds.map(keyOfId))];
    return ({ names }, path) =>
      keys
        .flatMap((key) => names.candidates(key))
        .map((name) => (path === "" ? name : `${path}/${name}`))
        .filter((found) => matches(withoutExtension(found)));
  };

  return {
    /** Every file that belongs to the call, unsorted, each once. */
    find: async (wanted: Wanted, round: Round): Promise<Place[]> => {
      const named = byName(wanted);
      const claims = wanted.claims.filter(({ stem }) => mayBeClaimed(stem, wanted.uniqueIds));
      // Where the pattern keeps enterprises apart, what an event says does not lead from one to another.
      const isOwn = (path: string): boolean =>
        !tellsEnterprise(pattern) || path.split("/").slice(0, -1).includes(wanted.enterprise);
      const found = new Map<string, Place>();
      const claimed = new Map<Claim, Place[]>(claims.map((claim) => [claim, []]));
      await walkAll(round, wanted.days, (root, folder, path) => {
        for (const file of named(folder, path)) found.set(join(root, file), { root, path: file });
        for (const claim of claims) {
          for (const name of folder.names.candidates(keyOfClaim(claim))) {
            const file = path === "" ? name : `${path}/${name}`;
            if (parseName(name)?.stem !== claim.stem || !isOwn(file)) continue;
            claimed.get(claim)?.push({ root, path: file });
          }
        }
      });
      for (const [claim, places] of claimed) {
        const best = bestOf(
          claim,
          places.map(({ path }) => path),
        );
        for (const place of places) {
          if (withoutExtension(place.path) === best) found.set(join(place.root, place.path), place);
        }
      }
      return [...found.values()];
    },

    /** For each of several calls of the same days, whether a file's name is its own; none is opened. */
    among: async (
      calls: readonly Pick<Wanted, "enterprise" | "uniqueIds">[],
      days: ReadonlySet<string>,
      round: Round,
    ): Promise<boolean[]> => {
      const rules = calls.map(byName);
      const found = calls.map(() => false);
      await walkAll(round, days, (_, folder, path) => {
        rules.forEach((named, index) => {
          found[index] ||= named(folder, path).length > 0;
        });
      });
      return found;
    },
  };
};

export type Search = ReturnType<typeof createSearch>;
