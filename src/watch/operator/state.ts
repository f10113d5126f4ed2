// What the operator was told, and the room there was, kept over restarts: one small file, replaced whole. Anyone may
// delete it; then what is the matter is told once more.

import { readFileSync } from "node:fs";
import { replaceFile } from "../../lib/replace-file.ts";
import type { FreeRoom } from "./disk.ts";
import type { ToldBefore } from "./news.ts";

export type OperatorState = {
  /** Since when somebody has been looking without a gap, in milliseconds since the epoch. */
  readonly watchedSince: number;
  /** The last look, in milliseconds since the epoch. */
  readonly lookedAt: number;
  readonly told: ToldBefore;
  readonly room: readonly FreeRoom[];
};

const VERSION = 1;

/** What is remembered; undefined where there is nothing that can be read. */
export const readState = (path: string): OperatorState | undefined => {
  try {
    const read = JSON.parse(readFileSync(path, "utf8")) as Partial<
      OperatorState & { version: number }
    >;
    const isWhole =
      read.version === VERSION &&
      typeof read.watchedSince === "number" &&
      typeof read.lookedAt === "number" &&
      typeof read.told === "object" &&
      Array.isArray(read.room);
    return isWhole ? (read as OperatorState) : undefined;
  } catch {
    return undefined;
  }
};

/** @throws the system's error where it cannot be written; the old state is still there then. */
export const writeState = (path: string, memory: OperatorState): void =>
  replaceFile(path, JSON.stringify({ version: VERSION, ...memory }), { isDurable: true });
