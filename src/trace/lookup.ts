// From keys to records, over all of an enterprise's files, oldest first. Reads while others write, rotate and sweep:
// when the files changed their names in the middle, it looks again.
// Leaves to the callers which keys belong to one call.

import * as fsp from "node:fs/promises";
import { join } from "node:path";
import type { StoredRecord } from "../domain/record.ts";
import { type Find, type Wanted, wantedBy } from "./candidates.ts";
import { systemCode } from "./errors.ts";
import { finishedNames, runningName } from "./files.ts";
import { type ByteSource, blocksBackwards } from "./reverse-lines.ts";
import { type FileFacts, isSameFile } from "./trace-fs.ts";
import { createPacer } from "./turns.ts";
import type { FindResult, LineFault } from "./types.ts";

/** What was seen: the finds, and up to where in the running file. */
export type Sight = FindResult & {
  /** The running file as far as it was read; undefined where there was none. */
  readonly running: FileFacts | undefined;
};

const openIfThere = async (path: string): Promise<fsp.FileHandle | undefined> => {
  try {
    return await fsp.open(path, "r");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") return undefined;
    throw cause;
  }
};

const listFolder = async (folder: string): Promise<string[]> => {
  try {
    return await fsp.readdir(folder);
  } catch (cause) {
    if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") return [];
    throw cause;
  }
};

export const sourceOf = (handle: fsp.FileHandle): ByteSource => ({
  read: async (into, length, position) => (await handle.read(into, 0, length, position)).bytesRead,
});

/** The finds of a byte range by scanning it backwards, oldest first. */
export const scanRange = async (
  source: ByteSource,
  file: string,
  from: number,
  to: number,
  wanted: Wanted,
): Promise<Find[]> => {
  const finds: Find[] = [];
  const pacer = createPacer();
  for await (const block of blocksBackwards(source, from, to)) {
    for (const { start, end } of wanted.candidates(block.bytes)) {
      const find = wanted.look(file, block.bytes, start, end, block.at + start);
      if (find !== undefined) finds.push(find);
      await pacer.pause();
    }
    if (block.hasOverlongLine) {
      finds.push({ at: block.at, fault: { file, reason: "a line too long to be read" } });
    }
  }
  return finds.reverse();
};

const factsOf = async (handle: fsp.FileHandle): Promise<FileFacts> => await handle.stat();

const findOnce = async (folder: string, wanted: Wanted): Promise<Sight | "changed"> => {
  // The running file first: if it is finished in between, it shows up in the list under its new name as well, and
  // its inode tells that it is the same.
  const running = await openIfThere(join(folder, runningName));
  try {
    const runningFacts = running === undefined ? undefined : await factsOf(running);
    const perFile: Find[][] = [];
    for (const name of finishedNames(await listFolder(folder))) {
      const handle = await openIfThere(join(folder, name));
      if (handle === undefined) continue;
      try {
        const facts = await factsOf(handle);
        if (runningFacts !== undefined && isSameFile(facts, runningFacts)) return "changed";
        perFile.push(await scanRange(sourceOf(handle), name, 0, facts.size, wanted));
      } finally {
        await handle.close();
      }
    }
    if (running !== undefined && runningFacts !== undefined) {
      perFile.push(await scanRange(sourceOf(running), runningName, 0, runningFacts.size, wanted));
    }
    const now = await fsp.stat(join(folder, runningName)).catch(() => undefined);
    const isUnchanged =
      now === undefined
        ? runningFacts === undefined
        : runningFacts !== undefined && isSameFile(now, runningFacts);
    if (!isUnchanged) return "changed";
    const records: StoredRecord[] = [];
    const faults: LineFault[] = [];
    for (const find of perFile.flat()) {
      if (find.record !== undefined) records.push(find.record);
      if (find.fault !== undefined) faults.push(find.fault);
    }
    return { records, faults, running: runningFacts };
  } finally {
    await running?.close();
  }
};

/** Rotations in the middle of a search are a matter of one night's moment; more of them in a row are a fault. */
const maxAttempts = 10;

/**
 * Every record of the folder that bears one of the keys.
 *
 * @throws Error where a file is there and cannot be read.
 */
export const findIn = async (folder: string, keys: readonly string[]): Promise<Sight> => {
  const wanted = wantedBy(keys);
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const sight = await findOnce(folder, wanted);
    if (sight !== "changed") return sight;
  }
  throw new Error(`cannot search ${folder}: its files change faster than they can be read`);
};
