// Finds the records of keys over all files of an enterprise, oldest first. Indexed files are read at the indexed
// offsets, the others are scanned backwards; decoding decides in both cases, so that both give the same lines. Runs
// beside writers, rotation and retention: when files were renamed meanwhile, it starts again. Which keys belong to one
// call is decided by the caller.

import type * as fsp from "node:fs/promises";
import { join } from "node:path";
import type { StoredRecord } from "../../domain/record.ts";
import { mapAtMost } from "../../lib/at-most.ts";
import { pause } from "../../lib/pause.ts";
import {
  enterpriseFolder,
  finishedNames,
  MERGE_NOTES_NAME,
  RUNNING_NAME,
  tryParseFinishedName,
} from "../format/files.ts";
import { dayOf, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { faultHash, hashOfKey } from "../index/index-table.ts";
import type { Indexes } from "../index/indexes.ts";
import type { FindResult, LineFault, Part } from "../types.ts";
import { areNotesAbout, HEAD_BYTES, type MergeNotes, parseMergeNotes } from "../write/rotation.ts";
import { type FileFacts, isSameFile } from "../write/trace-fs.ts";
import { type Find, type Wanted, wantedBy } from "./candidates.ts";
import { readLinesAt } from "./forward-lines.ts";
import {
  factsNow,
  factsOf,
  type HotFile,
  hotFile,
  listNow,
  openIfThere,
  sourceOf,
} from "./open-files.ts";
import { type ByteSource, blocksBackwards } from "./reverse-lines.ts";
import { createPacer, nextTurn, urgently } from "./turns.ts";

export type FileFinds = { readonly name: string; readonly finds: readonly Find[] };

/** The records and faults among finds. */
export const resultOf = (finds: readonly Find[]): FindResult => {
  const records: StoredRecord[] = [];
  const faults: LineFault[] = [];
  for (const find of finds) {
    if (find.record !== undefined) records.push(find.record);
    if (find.fault !== undefined) faults.push(find.fault);
  }
  return { records, faults };
};

/** What was seen: the finds, and how much of the running file. */
export type LookupResult = FindResult & {
  /** The finds of each file that was read, by its name: of finished ones, and of the running one, last. */
  readonly perFile: readonly FileFinds[];
  /** The running file as far as it was read; undefined where there was none. */
  readonly running: FileFacts | undefined;
};

export type Lookup = {
  /**
   * Every record of the enterprise that bears one of the keys.
   *
   * @throws Error where a file is there and cannot be read.
   */
  readonly find: (
    enterprise: string,
    keys: readonly string[],
    part?: Part,
  ) => Promise<LookupResult>;
};

/** Files read at the same time: what the system's read threads can do at once. */
const PARALLEL_FILES = 4;
/** A rotation during a search happens once a night at most; more of them in a row are a fault. */
const MAX_ATTEMPTS = 10;
const RETRY_MS = 20;

/** A file that is open, and its name for messages. */
type NamedSource = { readonly source: ByteSource; readonly name: string };

/** What is looked for, and where. */
type Search = {
  readonly enterprise: string;
  readonly hashes: readonly number[];
  readonly wanted: Wanted;
  readonly part: Part | undefined;
};

/** Whether a finished file is in the part that is searched. */
const isInPart = (name: string, part: Part | undefined): boolean => {
  if (part === undefined) return true;
  return (tryParseFinishedName(name) === dayOf(part.at)) === (part.part === "near");
};

/** Whether the running file is: with what is near, unless all of it was written on later days. */
const isRunningInPart = async (running: HotFile, part: Part | undefined): Promise<boolean> => {
  if (part === undefined) return true;
  const head = Buffer.alloc(STAMP_LENGTH);
  await running.read(head, STAMP_LENGTH, 0);
  const at = tryParseStamp(head.toString("latin1"));
  const isNear = at === undefined || dayOf(at) <= dayOf(part.at);
  return isNear === (part.part === "near");
};

/** The finds of a byte range by scanning it backwards, oldest first. `from` must be the start of a line. */
export const scanRange = async (
  { source, name: file }: NamedSource,
  { from, to }: { readonly from: number; readonly to: number },
  wanted: Wanted,
): Promise<Find[]> => {
  const finds: Find[] = [];
  const look = wanted.lookIn(file);
  const pacer = createPacer();
  for await (const block of blocksBackwards(source, from, to)) {
    await nextTurn();
    for (const { start, end } of wanted.candidates(block.bytes)) {
      const find = look(block.bytes, start, end, block.at + start);
      if (find !== undefined) finds.push(find);
      await pacer.pause();
    }
    if (block.hasOverlongLine) {
      finds.push({ at: block.at, fault: { file, reason: "a line too long to be read" } });
    }
  }
  return finds.reverse();
};

const readRange = async (
  { source, name }: NamedSource,
  offsets: readonly number[],
  size: number,
  wanted: Wanted,
): Promise<Find[]> => {
  const finds: Find[] = [];
  const look = wanted.lookIn(name);
  await readLinesAt(source, offsets, size, (bytes, start, end, at) => {
    const find = look(bytes, start, end, at);
    if (find !== undefined) finds.push(find);
  });
  return finds;
};

/** The merge of this running file that is under way, or was broken off: its target counts up to the noted size. */
const mergeOf = async (
  folder: string,
  running: HotFile | undefined,
): Promise<MergeNotes | undefined> => {
  const path = join(folder, MERGE_NOTES_NAME);
  // Nearly always so: to find that out by opening it cost more than all the rest of a look-up.
  if (running === undefined || factsNow(path) === undefined) return undefined;
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  try {
    const notes = parseMergeNotes(await file.readFile());
    const head = Buffer.alloc(HEAD_BYTES);
    const bytesRead = await running.read(head, HEAD_BYTES, 0);
    return notes !== undefined && areNotesAbout(notes, head.subarray(0, bytesRead))
      ? notes
      : undefined;
  } finally {
    await file.close();
  }
};

/** Looks up records over the files of a data folder. */
export const createLookup = (dir: string, indexes: Indexes): Lookup => {
  const inFinished = async (
    { enterprise, hashes, wanted }: Search,
    name: string,
    handle: fsp.FileHandle,
    size: number,
  ): Promise<Find[]> => {
    const file = { source: sourceOf(handle), name };
    const offsets = await indexes.inFinished(enterprise, name, handle, hashes);
    return offsets === undefined
      ? scanRange(file, { from: 0, to: size }, wanted)
      : readRange(file, offsets, size, wanted);
  };

  const inRunning = async (
    { enterprise, hashes, wanted }: Search,
    source: HotFile,
    facts: FileFacts,
  ): Promise<Find[]> => {
    const file = { source, name: RUNNING_NAME };
    const { offsets, to } = await indexes.inRunning(enterprise, source, facts, hashes);
    const known = await readRange(file, offsets, facts.size, wanted);
    return [...known, ...(await scanRange(file, { from: to, to: facts.size }, wanted))];
  };

  const findOnce = async (search: Search): Promise<LookupResult | undefined> => {
    const { enterprise, hashes, wanted, part } = search;
    const folder = enterpriseFolder(dir, enterprise);
    const runningPath = join(folder, RUNNING_NAME);
    // The running file first: when it is finished in the middle, the list shows the same file under its new name.
    const running = hotFile(runningPath);
    try {
      const facts = running === undefined ? undefined : factsOf(running);
      const names = listNow(folder);
      const notes = names.includes(MERGE_NOTES_NAME) ? await mergeOf(folder, running) : undefined;
      const read = async (name: string): Promise<Find[] | undefined> => {
        if (indexes.isAbsentFrom(enterprise, name, hashes)) return [];
        const handle = await openIfThere(join(folder, name));
        if (handle === undefined) return undefined;
        try {
          const own = factsOf(handle);
          // A file that has both names is read below.
          if (facts !== undefined && isSameFile(own, facts)) return [];
          if (notes?.target !== name || notes.size >= own.size) {
            return await inFinished(search, name, handle, own.size);
          }
          return await scanRange(
            { source: sourceOf(handle), name },
            { from: 0, to: notes.size },
            wanted,
          );
        } finally {
          await handle.close();
        }
      };
      const finished = finishedNames(names).filter((name) => isInPart(name, part));
      const perName = await mapAtMost(PARALLEL_FILES, finished, read);
      const perFile: FileFinds[] = finished.flatMap((name, index) => {
        const finds = perName[index];
        // Gone since the folder was listed.
        return finds === undefined ? [] : [{ name, finds }];
      });
      if (running !== undefined && facts !== undefined && (await isRunningInPart(running, part))) {
        perFile.push({ name: RUNNING_NAME, finds: await inRunning(search, running, facts) });
      }
      const now = factsNow(runningPath);
      const isSame =
        now === undefined ? facts === undefined : facts !== undefined && isSameFile(now, facts);
      if (!isSame) return undefined;
      if (notes === undefined && (await mergeOf(folder, running)) !== undefined) return undefined;
      return { ...resultOf(perFile.flatMap(({ finds }) => finds)), perFile, running: facts };
    } finally {
      running?.close();
    }
  };

  const find: Lookup["find"] = async (enterprise, keys, part) => {
    const wanted = wantedBy(keys);
    const hashes = [...new Set(keys.map(hashOfKey)), faultHash];
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const sight = await urgently(() => findOnce({ enterprise, hashes, wanted, part }));
      if (sight !== undefined) return sight;
      await pause(RETRY_MS * attempt);
    }
    throw new Error(`cannot search ${enterprise}: its files change faster than they can be read`);
  };

  return { find };
};
