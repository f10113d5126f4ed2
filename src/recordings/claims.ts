// Recordings that an event names itself, in the key `Recording` (or `RecordingFile`): a path or a file's name, or several,
// as the PBX knows it. What it names is only looked for among what lies in the folders; no path is made of it. Pure.

import { Buffer } from "node:buffer";
import { bodyTexts } from "../domain/event.ts";
import type { TraceRecord } from "../domain/record.ts";
import { idCoresOf, keyOfId, keyOfStem, parseName } from "./file-name.ts";

/** A file that an event named. */
export type Claim = {
  /** Its name, perhaps without an extension. */
  readonly stem: string;
  /** The folders before it as far as they were told, the nearest first. */
  readonly folders: readonly string[];
};

const KEYS = ["Recording", "RecordingFile"] as const;
/** A name is at most so long on the file systems of a PBX, in bytes. */
const MAX_NAME_BYTES = 255;
/** More than a call has; a sender that names more is not followed any further. */
const MAX_CLAIMS = 64;

const claimOf = (text: string): Claim | undefined => {
  if (/\p{Cc}/u.test(text)) return undefined;
  const parts = text.split(/[/\\]+/).filter((part) => part !== "" && part !== ".");
  const name = parts.pop();
  if (name === undefined || Buffer.byteLength(name) > MAX_NAME_BYTES || parts.includes("..")) {
    return undefined;
  }
  return { stem: parseName(name)?.stem ?? name, folders: parts.reverse() };
};

/** What the records of a call say of its recordings. */
export const claimsOf = (records: readonly TraceRecord[]): Claim[] => {
  const claims = new Map<string, Claim>();
  for (const record of records) {
    if (record.kind !== "AST") continue;
    for (const key of KEYS) {
      for (const claim of bodyTexts(record.body, key).map(claimOf)) {
        if (claim !== undefined && claims.size < MAX_CLAIMS) {
          claims.set([claim.stem, ...claim.folders].join("/"), claim);
        }
      }
    }
  }
  return [...claims.values()];
};

/** The key under which a claimed name is found. */
export const keyOfClaim = ({ stem }: Claim): string => idCoresOf(stem)[0] ?? keyOfStem(stem);

/**
 * Whether a name may be one of a call at all, whatever an event says: whoever may post events of one enterprise must not
 * come to another's recordings by naming them. A name that holds unique ids must hold one of the call's.
 */
export const mayBeClaimed = (stem: string, uniqueIds: readonly string[]): boolean => {
  const cores = idCoresOf(stem);
  if (cores.length === 0) return !/\d{9,10}\.\d/.test(stem);
  return uniqueIds.some((id) => cores.includes(keyOfId(id)));
};

/**
 * Of the files with a claimed name, the one that is meant: whose folders are the claimed ones for the longest stretch.
 *
 * @param paths below the recordings' folders, with `/` between the parts
 * @returns undefined where several are equally good: a guess could be somebody else's
 */
export const bestOf = (claim: Claim, paths: readonly string[]): string | undefined => {
  const agreement = (path: string): number => {
    const folders = path.split("/").slice(0, -1).reverse();
    const differs = folders.findIndex((folder, index) => folder !== claim.folders[index]);
    return differs < 0 ? folders.length : differs;
  };
  const scored = paths.map((path) => ({ path, score: agreement(path) }));
  const most = Math.max(...scored.map(({ score }) => score));
  const best = scored.filter(({ score }) => score === most);
  // The same recording in two formats is one.
  const stems = new Set(best.map(({ path }) => path.slice(0, path.lastIndexOf("."))));
  return stems.size === 1 ? [...stems][0] : undefined;
};
