// Where reading of a CEL file goes on after a restart, kept beside what waits to be handed over. It can be thrown away: then
// reading begins at the end of the file, and what was written in between is not known.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import type { CelPlace } from "./file.ts";

const NAME = "cel.json";
const VERSION = 1;

/** Two places of one file: calls under way began behind `from`, and everything before `through` was told. */
export type KeptPlace = {
  /** The file as the settings name it. */
  readonly path: string;
  readonly from: CelPlace;
  /** Undefined where another source told it. */
  readonly through?: CelPlace | undefined;
};

const isPlace = (value: unknown): value is CelPlace => {
  if (typeof value !== "object" || value === null) return false;
  const { inode, offset, mark } = value as Partial<Record<keyof CelPlace, unknown>>;
  return (
    Number.isSafeInteger(inode) &&
    Number.isSafeInteger(offset) &&
    Number(offset) >= 0 &&
    typeof mark === "string"
  );
};

/**
 * What is kept in that folder of that file; undefined where there is nothing.
 *
 * @throws the system's error, or SyntaxError where what is kept is damaged
 */
export const readPlace = (folder: string, path: string): KeptPlace | undefined => {
  let text: string;
  try {
    text = readFileSync(join(folder, NAME), "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const kept = JSON.parse(text);
  if (kept?.version !== VERSION || kept.path !== path || !isPlace(kept.from)) return undefined;
  return { path, from: kept.from, through: isPlace(kept.through) ? kept.through : undefined };
};

/** @throws the system's error */
export const writePlace = (folder: string, place: KeptPlace): void =>
  replaceFile(join(folder, NAME), `${JSON.stringify({ version: VERSION, ...place })}\n`);
