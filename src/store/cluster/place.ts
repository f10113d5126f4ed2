// How far a node has taken the stream into its files, kept beside them. Written before the lines it speaks of: after a crash
// the files say how many of them were written, so that a line comes once.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import type { FileMark } from "../write/stamped-writer.ts";

/** Beside the enterprises' folders, dot-named: nothing takes it for one. */
export const clusterFolder = (dataDir: string): string => join(dataDir, ".cluster");

/**
 * `filling`: the stream was made anew and is being filled from the nodes' files; what is new in it waits. `catching up`: what
 * waited is taken, up to message `openAt`. `open`: all that comes is taken.
 */
export type Phase = "filling" | "catching up" | "open";

export type Place = {
  /** Of the stream; "" before any was seen. */
  readonly epoch: string;
  readonly phase: Phase;
  /** Every message up to this number is in the files, or needed not be. */
  readonly seq: number;
  /** The message that opened the stream; 0 while it is being filled. */
  readonly openAt: number;
};

/** A place, and the batch that was being written when it was. */
export type NotedPlace = {
  readonly place: Place;
  /** The last message of the batch behind the place; `place.seq` where none was begun. */
  readonly upTo: number;
  /** The enterprises of that batch, with their running files as they were before it; null where there was none. */
  readonly before: Readonly<Record<string, FileMark | null>>;
};

export const NO_PLACE: Place = { epoch: "", phase: "filling", seq: 0, openAt: 0 };

const PHASES: readonly unknown[] = ["filling", "catching up", "open"] satisfies Phase[];

const placeFile = (dataDir: string): string => join(clusterFolder(dataDir), "place");

const isNoted = (value: unknown): value is NotedPlace => {
  const { place, upTo, before } = (value ?? {}) as Partial<NotedPlace>;
  return (
    typeof place?.epoch === "string" &&
    PHASES.includes(place.phase) &&
    Number.isSafeInteger(place.seq) &&
    Number.isSafeInteger(place.openAt) &&
    Number.isSafeInteger(upTo) &&
    typeof before === "object" &&
    before !== null
  );
};

/**
 * The place of a data folder; that before any stream where none is kept.
 *
 * @throws Error where it is there and cannot be read: begun anew, lines would come twice
 */
export const readPlace = (dataDir: string): NotedPlace => {
  const path = placeFile(dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { place: NO_PLACE, upTo: 0, before: {} };
    throw error;
  }
  let noted: unknown;
  try {
    noted = JSON.parse(text);
  } catch {
    noted = undefined;
  }
  if (isNoted(noted)) return noted;
  throw new Error(
    `cannot read the place in the stream (${path}): it is damaged; move the whole data folder away and start again, and this node fills itself from the stream`,
  );
};

/** @throws the system's error */
export const writePlace = (dataDir: string, noted: NotedPlace): void => {
  mkdirSync(clusterFolder(dataDir), { recursive: true, mode: 0o700 });
  replaceFile(placeFile(dataDir), JSON.stringify(noted));
};
