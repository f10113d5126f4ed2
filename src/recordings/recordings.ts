// The recordings of calls in the operator's folders: found for a call, opened for whoever may hear it. Reads only. Every
// answer is about files that lie inside those folders; who may hear them is decided elsewhere.

import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { LRUCache } from "lru-cache";
import { epochSecondOf } from "../asterisk/index.ts";
import type { AssembledCall, Call } from "../call/index.ts";
import type { RecordingPattern } from "../domain/recording-pattern.ts";
import { createAtMost } from "../lib/at-most.ts";
import type { Clock } from "../lib/clock.ts";
import { createComplaints } from "../lib/complaints.ts";
import type { Log } from "../lib/log.ts";
import type { After } from "../lib/within.ts";
import { claimsOf } from "./claims.ts";
import { contentHashOf } from "./content-hash.ts";
import { MEDIA_TYPES, parseName } from "./file-name.ts";
import { daysAround } from "./folder-day.ts";
import { MAX_BYTES, openFolders } from "./folders.ts";
import { followFolders } from "./follow.ts";
import { backgroundTimer, openHeldFiles } from "./held-files.ts";
import { beginningOf, shownOf } from "./order.ts";
import { type Peaks, readPeaks } from "./peaks.ts";
import { type SafeFile, safeOpen } from "./safe-open.ts";
import { createSearch, openRound, type Place, type Wanted } from "./search.ts";
import type { Recording } from "./types.ts";
import { parseWav, WAV_HEADER_BYTES, type WavHeader } from "./wav.ts";

/** What a list knows of a call. */
export type ListedCall = {
  readonly enterprise: string;
  readonly uniqueIds: readonly string[];
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
};

export type Recordings = {
  /** The recordings of a call in the order in which they began; what cannot be read is logged and left out. */
  find(assembled: Pick<AssembledCall, "call" | "records">): Promise<Recording[]>;
  /** For each of the calls, whether a file's name says that it is its recording. Opens none. */
  has(calls: readonly ListedCall[]): Promise<boolean[]>;
  /** Opens a recording that was found; undefined where it is not there any more. Whoever opens it closes it. */
  open(recording: Pick<Recording, "place">): Promise<SafeFile | undefined>;
  /**
   * The bytes of an opened recording from one place up to before another, to be sent; takes the file over. Undefined where too
   * many are on their way.
   */
  part(file: SafeFile, from: number, to: number): Promise<Blob | undefined>;
  /**
   * How loud it is over its length; undefined where its format does not tell, or it cannot be read. Remembered: a recording
   * of an hour is read in a tenth of a second.
   */
  peaks(recording: Recording): Promise<Peaks | undefined>;
  /**
   * Reads all folders in the background from now on, so that pages find them read; without it a folder is read when somebody
   * first asks for a call of its day. @returns when all of them were read once
   */
  follow(): Promise<void>;
  /**
   * The hash of its content, as a vCon has it; undefined where it is longer than a gigabyte, changed, or cannot be read.
   * Remembered: some hundred megabytes are read in a second.
   */
  contentHash(recording: Recording): Promise<string | undefined>;
  /** What is remembered of the folders, in bytes. */
  bytes(): number;
  close(): Promise<void>;
};

export type RecordingsOptions = {
  /** Absolute. */
  readonly folders: readonly string[];
  readonly pattern: RecordingPattern;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: the machine's timer, which does not keep the process alive. */
  readonly after?: After;
};

/** Folders are read ahead until they take so much: the rest is for what pages ask. */
const MAX_AHEAD_BYTES = 0.75 * MAX_BYTES;
/** Folders of now are read again so often in the background, in milliseconds. */
const FOLLOW_MS = 30_000;

/** A call with more files has something else in its ids' place. */
const MAX_FILES = 50;
/** Recordings whose peaks are remembered: some two kilobytes each. */
const MAX_PEAKS = 500;
/** Recordings whose hashes are remembered: some two hundred bytes each. */
const MAX_HASHES = 5000;
/** Longer ones are not read whole for their hash, in bytes. */
const MAX_HASHED_BYTES = 1024 ** 3;
/** Recordings read for their peaks, or for their hashes, at the same time. */
const MAX_READINGS = 2;

const momentsOf = (moments: readonly (number | null)[], uniqueIds: readonly string[]): number[] => {
  const ofIds = uniqueIds.map((id) => (epochSecondOf(id) ?? Number.NaN) * 1000);
  return [...moments, ...ofIds].filter((at): at is number => at !== null && Number.isFinite(at));
};

const headerOf = async (handle: FileHandle, bytes: number): Promise<WavHeader | undefined> => {
  const head = Buffer.alloc(Math.min(WAV_HEADER_BYTES, bytes));
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  return parseWav(head.subarray(0, bytesRead), bytes);
};

const describe = async (
  place: Place,
  { handle, facts }: SafeFile,
  call: Call,
): Promise<Recording | undefined> => {
  const name = basename(place.path);
  const parsed = parseName(name);
  if (parsed === undefined || facts.size === 0) return undefined;
  const isWav = parsed.format === "wav" || parsed.format === "wav49";
  const wav = isWav ? await headerOf(handle, facts.size) : undefined;
  // What Asterisk leaves of a recording that never began.
  if (wav?.dataBytes === 0) return undefined;
  const isGsm = parsed.format === "gsm" || parsed.format === "wav49" || wav?.coding === "gsm";
  const format = isWav && isGsm ? "wav49" : parsed.format;
  const seconds = wav === undefined ? null : wav.dataBytes / wav.bytesPerSecond;
  return {
    place,
    name,
    format,
    mediaType: MEDIA_TYPES[format],
    isPlayable: !isGsm && (!isWav || (wav !== undefined && wav.coding !== "other")),
    bytes: facts.size,
    modifiedAt: facts.mtimeMs,
    seconds,
    startedAt: beginningOf(call, facts.mtimeMs, seconds),
    wav,
  };
};

/** Another file, or another content, has another one. */
const keyOf = ({ place, bytes, modifiedAt }: Recording): string =>
  JSON.stringify([place.root, place.path, bytes, modifiedAt]);

/** Starts with nothing read: folders are looked into when somebody asks. */
export const openRecordings = (options: RecordingsOptions): Recordings => {
  const { folders: roots, pattern, clock, log, after = backgroundTimer } = options;
  const folders = openFolders({ clock, log });
  const search = createSearch({ roots, pattern, log });
  const complain = createComplaints(log, clock);
  const held = openHeldFiles(after);
  let following: ReturnType<typeof followFolders> | undefined;

  const open = async ({ place }: Pick<Recording, "place">): Promise<SafeFile | undefined> => {
    try {
      return await safeOpen(place, roots);
    } catch (error) {
      complain("error", "cannot read a recording; may the service's user read its folder?", {
        folder: place.root,
        file: place.path,
        error,
      });
      return undefined;
    }
  };

  const inspect = async (place: Place, call: Call): Promise<Recording[]> => {
    const file = await open({ place });
    if (file === undefined) return [];
    try {
      const recording = await describe(place, file, call);
      return recording === undefined ? [] : [recording];
    } finally {
      await file.handle.close();
    }
  };

  const peaks = new LRUCache<string, Promise<Peaks | undefined>>({ max: MAX_PEAKS });
  const readings = createAtMost(MAX_READINGS);

  const readPeaksOf = async (recording: Recording): Promise<Peaks | undefined> => {
    const { wav } = recording;
    const file = wav === undefined ? undefined : await open(recording);
    if (wav === undefined || file === undefined) return undefined;
    try {
      return await readPeaks(file.handle, wav);
    } catch (error) {
      complain("warn", "cannot draw a recording: its file cannot be read", {
        file: recording.place.path,
        error,
      });
      return undefined;
    } finally {
      await file.handle.close();
    }
  };

  const hashes = new LRUCache<string, Promise<string | undefined>>({ max: MAX_HASHES });
  const hashings = createAtMost(MAX_READINGS);

  const hashOf = async (recording: Recording): Promise<string | undefined> => {
    if (recording.bytes > MAX_HASHED_BYTES) return undefined;
    const file = await open(recording);
    if (file === undefined) return undefined;
    try {
      return await contentHashOf(file.handle, recording.bytes);
    } catch (error) {
      const { path } = recording.place;
      complain("warn", "cannot hash a recording: its file cannot be read", { file: path, error });
      return undefined;
    } finally {
      await file.handle.close();
    }
  };

  return {
    open,
    contentHash: (recording) => {
      const key = keyOf(recording);
      const known = hashes.get(key);
      if (known !== undefined) return known;
      const reading = hashings(() => hashOf(recording)).then((hash) => {
        // It may be read the next time: only what is known is remembered.
        if (hash === undefined) hashes.delete(key);
        return hash;
      });
      hashes.set(key, reading);
      return reading;
    },
    peaks: (recording) => {
      const key = keyOf(recording);
      const known = peaks.get(key);
      if (known !== undefined) return known;
      const reading = readings(() => readPeaksOf(recording));
      peaks.set(key, reading);
      return reading;
    },
    find: async ({ call, records }) => {
      const { enterprise, uniqueIds, startedAt, endedAt } = call;
      const wanted: Wanted = {
        enterprise,
        uniqueIds,
        claims: claimsOf(records),
        days: daysAround(momentsOf([startedAt, endedAt], uniqueIds)),
      };
      const places = await search.find(wanted, openRound(folders));
      const found = await Promise.all(
        places.slice(0, MAX_FILES).map((place) => inspect(place, call)),
      );
      return shownOf(found.flat());
    },
    has: async (calls) => {
      const round = openRound(folders);
      const daysOf = ({ startedAt, uniqueIds }: ListedCall): Set<string> =>
        daysAround(momentsOf([startedAt], uniqueIds));
      // Most calls of a list are of the same days: their folders are gone through once for all.
      const groups = Map.groupBy(calls, (call) => [...daysOf(call)].sort().join(" "));
      const found = new Map<ListedCall, boolean>();
      for (const [days, group] of groups) {
        const among = await search.among(group, new Set(days.split(" ")), round);
        group.forEach((call, index) => void found.set(call, among[index] ?? false));
      }
      return calls.map((call) => found.get(call) ?? false);
    },
    part: held.part,
    follow: () => {
      const ways = { roots, folders, clock, log, after };
      following ??= followFolders({ ...ways, maxBytes: MAX_AHEAD_BYTES, restMs: FOLLOW_MS });
      return following.isRead;
    },
    bytes: () => folders.bytes(),
    close: () => {
      following?.close();
      folders.close();
      return held.close();
    },
  };
};
