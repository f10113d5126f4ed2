// Reads whole days of an enterprise for callers that need every event rather than a key: files in order, their AST
// records forwards, backwards or at known offsets. Works beside writers and rotation: a file is identified by its
// inode, not by its name, and a file that vanished counts as absent.

import type * as fsp from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import { EventFields } from "../../domain/event-fields.ts";
import { type GivenName, givenName, NAMING_PATHS } from "../../domain/names.ts";
import { type AstRecord, eventKeys, type StoredRecord } from "../../domain/record.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { DAY_MS } from "../../lib/time.ts";
import { bareLine, decodeLine } from "../format/codec.ts";
import { finishedNames, RUNNING_NAME, tryParseFinishedName } from "../format/files.ts";
import { dayOf, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import type { Indexes } from "../index/indexes.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import { type FileFacts, isSameFile } from "../write/trace-fs.ts";
import { blocksForwards, readLinesAt } from "./forward-lines.ts";
import { factsAt, factsOf, listFolder, openIfThere, sourceOf } from "./open-files.ts";
import { type ByteSource, blocksBackwards, lineBounds } from "./reverse-lines.ts";
import { createPacer, nextTurn } from "./turns.ts";

export type DayFile = {
  readonly name: string;
  readonly isRunning: boolean;
  /** As it was when the folder was looked at. */
  readonly facts: FileFacts;
  /** Beginning of its UTC day, in milliseconds since the epoch: no record of the file was received before. */
  readonly from: number;
};

/** A record and the offset of its line. */
export type PlacedRecord = {
  readonly offset: number;
  readonly record: StoredRecord;
  /** Of the event, where they were read for its index. */
  readonly fields?: EventFields;
};

export type OpenDay = {
  readonly handle: fsp.FileHandle;
  readonly facts: FileFacts;
  /**
   * The AST records of whole lines from `from` (the start of a line) to `to`, a block at a time; `to` of a block is
   * where the next one begins. The last line of a finished file needs no break.
   *
   * @param restMs how long to leave the machine to others between slices
   */
  events(
    from: number,
    to: number,
    restMs?: number,
  ): AsyncGenerator<{
    readonly records: PlacedRecord[];
    /** Names that were given for numbers, by recorded requests among them. */
    readonly names: readonly GivenName[];
    readonly to: number;
  }>;
  /** The same from the end of the file to its beginning; the records of a block oldest first. */
  eventsBackwards(): AsyncGenerator<{
    readonly records: PlacedRecord[];
    readonly names: readonly GivenName[];
    readonly from: number;
  }>;
  /** The records of the lines that begin at `offsets`, ascending; a line that cannot be read is left out. */
  recordsAt(offsets: readonly number[]): Promise<PlacedRecord[]>;
  close(): Promise<void>;
};

const HEAD_BYTES = 256 * 1024;
const WINDOW_BYTES = 1024 * 1024;
/** What is read at once backwards: a first page needs little, and a large block holds the loop. */
const BACKWARDS_BYTES = 256 * 1024;
const HTTP = Buffer.from("|HTTP|");
const otherKinds = ["|TG|", "|HTTP|", "|SQL|"].map((mark) => Buffer.from(mark));
const A_OF_AST = 0x41;

const isMarkedBy = (mark: Buffer, bytes: Buffer, at: number, end: number): boolean =>
  at + mark.length <= end && bytes.compare(mark, 0, mark.length, at, at + mark.length) === 0;

/** Whether a line is a record of another kind than AST. */
const isOtherKind = (bytes: Buffer, kindAt: number, end: number): boolean =>
  bytes[kindAt + 1] !== A_OF_AST && otherKinds.some((mark) => isMarkedBy(mark, bytes, kindAt, end));

/** The AST record of a line, given as bounds in `bytes`; undefined for other kinds and what cannot be read. */
const eventIn = (
  bytes: Buffer,
  start: number,
  end: number,
): (StoredRecord & AstRecord) | undefined => {
  const kindAt = start + STAMP_LENGTH;
  if (end <= kindAt || end - start > MAX_LINE_BYTES) return undefined;
  if (isOtherKind(bytes, kindAt, end)) return undefined;
  const raw = bareLine(bytes.toString("utf8", start, end));
  const decoded = decodeLine(raw);
  if (!decoded.ok || decoded.value.kind !== "AST") return undefined;
  const { kind, at, event, uniqueId, body } = decoded.value;
  return { kind, at, event, uniqueId, body, raw };
};

const SEPARATOR = 0x7c;
/** Requests whose answers are kept: the same names are asked for in call after call. */
const MAX_KNOWN_REQUESTS = 2000;

/**
 * Makes a reader of the name that a line gives for a number, where it is the record of a request for one. What a request
 * said is kept by its own text, so that each is read once.
 */
const createNameReader = () => {
  const known = new LRUCache<string, { readonly name: GivenName | undefined }>({
    max: MAX_KNOWN_REQUESTS,
  });
  return (bytes: Buffer, start: number, end: number): GivenName | undefined => {
    const kindAt = start + STAMP_LENGTH;
    if (end - start > MAX_LINE_BYTES || bytes[kindAt + 1] !== HTTP[1]) return undefined;
    if (!isMarkedBy(HTTP, bytes, kindAt, end)) return undefined;
    const request = bytes.indexOf(SEPARATOR, kindAt + HTTP.length) + 1;
    const said = request === 0 || request > end ? "" : bytes.toString("utf8", request, end);
    if (!NAMING_PATHS.some((path) => said.includes(path))) return undefined;
    const before = known.get(said);
    if (before !== undefined) return before.name;
    const decoded = decodeLine(bareLine(bytes.toString("utf8", start, end)));
    const name = decoded.ok && decoded.value.kind === "HTTP" ? givenName(decoded.value) : undefined;
    known.set(said, { name });
    return name;
  };
};

/** Small reads near each other answered from one large one. */
const windowed = (source: ByteSource): ByteSource => {
  const window = Buffer.allocUnsafe(WINDOW_BYTES);
  let start = 0;
  let filled = 0;
  return {
    read: async (into, length, position) => {
      if (length > WINDOW_BYTES / 2) return await source.read(into, length, position);
      if (position < start || position + length > start + filled) {
        start = position;
        filled = await source.read(window, WINDOW_BYTES, position);
      }
      const from = position - start;
      return window.copy(into, 0, from, Math.min(filled, from + length));
    },
  };
};

/** The day of the first line that has a stamp: a running file's name does not tell. */
const firstDay = async (path: string): Promise<number | undefined> => {
  const handle = await openIfThere(path);
  if (handle === undefined) return undefined;
  try {
    const head = Buffer.alloc(Math.min(HEAD_BYTES, factsOf(handle).size));
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    for (let start = 0; start < bytesRead; ) {
      const at = tryParseStamp(bareLine(head.toString("latin1", start, start + STAMP_LENGTH)));
      if (at !== undefined) return dayOf(at);
      const stop = head.indexOf(NEWLINE, start);
      if (stop < 0) return undefined;
      start = stop + 1;
    }
    return undefined;
  } finally {
    await handle.close();
  }
};

const MAX_ATTEMPTS = 5;

/**
 * The files of an enterprise that hold something, oldest first, the running one last; none where there is no folder.
 * A running file without any stamp is left out.
 */
export const dayFiles = async (dir: string, enterprise: string): Promise<DayFile[]> => {
  if (!isEnterpriseNumber(enterprise)) return [];
  const folder = join(dir, enterprise);
  const running = join(folder, RUNNING_NAME);
  let files: DayFile[] = [];
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const before = await factsAt(running);
    const names = finishedNames(await listFolder(folder));
    const finished = await Promise.all(names.map((name) => factsAt(join(folder, name))));
    files = names.flatMap((name, index) => {
      const facts = finished[index];
      // A file that has both names is the running one.
      if (facts === undefined || facts.size === 0) return [];
      if (before !== undefined && isSameFile(facts, before)) return [];
      const from = (tryParseFinishedName(name) ?? 0) * DAY_MS;
      return [{ name, isRunning: false, facts, from }];
    });
    const day = before === undefined ? undefined : await firstDay(running);
    const after = await factsAt(running);
    const isSteady =
      before === undefined || after === undefined ? before === after : isSameFile(before, after);
    if (isSteady && after !== undefined && day !== undefined) {
      files.push({ name: RUNNING_NAME, isRunning: true, facts: after, from: day * DAY_MS });
    }
    if (isSteady) break;
  }
  return files;
};

/**
 * Opens a file that `dayFiles` gave; undefined where that name leads to another file now, or nowhere.
 *
 * @param indexes get the lines that are read forwards, so that they need not be read for an index once more
 */
export const openDay = async (
  dir: string,
  enterprise: string,
  file: DayFile,
  indexes?: Pick<Indexes, "feedOf">,
): Promise<OpenDay | undefined> => {
  const { name, isRunning, facts: expected } = file;
  const opened = await openIfThere(join(dir, enterprise, name));
  if (opened === undefined) return undefined;
  const handle: fsp.FileHandle = opened;
  const facts = factsOf(handle);
  if (!isSameFile(facts, expected)) {
    await handle.close();
    return undefined;
  }
  const source = sourceOf(handle);
  const near = windowed(source);
  const nameIn = createNameReader();

  async function* events(from: number, to: number, restMs = 0): ReturnType<OpenDay["events"]> {
    const pacer = createPacer(restMs);
    const feed = await indexes?.feedOf(enterprise, file, handle);
    let reached = from;
    for await (const { bytes, at, isOverlong } of blocksForwards(source, from, to)) {
      const records: PlacedRecord[] = [];
      const names: GivenName[] = [];
      const index = isOverlong ? undefined : feed?.blockAt(at);
      for (let start = 0; start < bytes.length && !isOverlong; ) {
        const end = bytes.indexOf(NEWLINE, start);
        const record = eventIn(bytes, start, end);
        if (record === undefined) {
          const name = nameIn(bytes, start, end);
          if (name !== undefined) names.push(name);
          index?.line(bytes, start, end, at + start);
        } else {
          const fields = new EventFields(record.body);
          records.push({ offset: at + start, record, fields });
          index?.keys(eventKeys(record, fields), at + start);
        }
        start = end + 1;
        const pause = pacer.pause();
        if (pause !== undefined) await pause;
      }
      index?.done(bytes);
      reached = at + bytes.length;
      yield { records, names, to: reached };
    }
    feed?.end();
    const rest = isRunning || to < facts.size ? 0 : to - reached;
    if (rest <= 0) return;
    const bytes = Buffer.alloc(Math.min(rest, MAX_LINE_BYTES + 1));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, reached);
    const isWhole = bytesRead === rest && !bytes.includes(NEWLINE);
    const record = isWhole ? eventIn(bytes, 0, rest) : undefined;
    yield { records: record === undefined ? [] : [{ offset: reached, record }], names: [], to };
  }

  async function* eventsBackwards(): ReturnType<OpenDay["eventsBackwards"]> {
    const pacer = createPacer();
    for await (const { bytes, at } of blocksBackwards(source, 0, facts.size, BACKWARDS_BYTES)) {
      const records: PlacedRecord[] = [];
      const names: GivenName[] = [];
      for (const { start, end } of lineBounds(bytes)) {
        const record = eventIn(bytes, start, end);
        if (record !== undefined) records.push({ offset: at + start, record });
        const name = record === undefined ? nameIn(bytes, start, end) : undefined;
        if (name !== undefined) names.push(name);
        await pacer.pause();
      }
      yield { records: records.reverse(), names: names.reverse(), from: at };
      await nextTurn();
    }
  }

  return {
    handle,
    facts,
    events,
    eventsBackwards,
    recordsAt: async (offsets) => {
      const records: PlacedRecord[] = [];
      await readLinesAt(near, offsets, facts.size, (bytes, start, end, offset) => {
        const record = eventIn(bytes, start, end);
        if (record !== undefined) records.push({ offset, record });
      });
      return records;
    },
    close: () => handle.close(),
  };
};
