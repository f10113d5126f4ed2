// How far a node has taken the stream into its files, kept beside them. Written before the lines it speaks of: after a crash
// the files say how many of them were written, so that a line comes once.

import { hash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { writeFully } from "../../lib/write-fully.ts";
import type { FileMark } from "../write/stamped-writer.ts";

/** Beside the enterprises' folders, dot-named: nothing takes it for one. */
export const clusterFolder = (dataDir: string): string => join(dataDir, ".cluster");

const placeFile = (dataDir: string): string => join(clusterFolder(dataDir), "place");

/** Whether a folder is a node's: what is written into it beside the stream is on no other node. */
export const isNodeFolder = (dataDir: string): boolean => existsSync(placeFile(dataDir));

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
  /** When the stream took that message, in milliseconds since the epoch: another one of that number is of another stream. */
  readonly at: number;
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

export const NO_PLACE: Place = { epoch: "", phase: "filling", seq: 0, at: 0, openAt: 0 };

const PHASES: readonly unknown[] = ["filling", "catching up", "open"] satisfies Phase[];

const isNoted = (value: unknown): value is NotedPlace => {
  const { place, upTo, before } = (value ?? {}) as Partial<NotedPlace>;
  return (
    typeof place?.epoch === "string" &&
    PHASES.includes(place.phase) &&
    Number.isSafeInteger(place.seq) &&
    Number.isSafeInteger(place.at) &&
    Number.isSafeInteger(place.openAt) &&
    Number.isSafeInteger(upTo) &&
    typeof before === "object" &&
    before !== null
  );
};

/**
 * The file has room for two places, written in turn: one that a loss of power has torn leaves the other. A slot is a line
 * `SUM NUMBER JSON` and spaces behind it.
 */
const SLOT_BYTES = 128 * 1024;

const slotText = (number: number, noted: NotedPlace): Buffer => {
  const text = `${number} ${JSON.stringify(noted)}`;
  const line = Buffer.from(`${hash("sha1", text)} ${text}\n`);
  if (line.length > SLOT_BYTES)
    throw new Error(`cannot note the place in the stream: it takes ${line.length} bytes`);
  return line;
};

type Slot = { readonly number: number; readonly noted: NotedPlace };

const readSlot = (bytes: Buffer): Slot | undefined => {
  const end = bytes.indexOf(10);
  const [, sum, text = "", number = "", json = ""] =
    /^([0-9a-f]{40}) ((\d{1,15}) (.*))$/s.exec(bytes.toString("utf8", 0, Math.max(0, end))) ?? [];
  if (sum === undefined || hash("sha1", text) !== sum) return undefined;
  try {
    const noted: unknown = JSON.parse(json);
    return isNoted(noted) ? { number: Number(number), noted } : undefined;
  } catch {
    return undefined;
  }
};

const readNewest = (dataDir: string): Slot | undefined => {
  const path = placeFile(dataDir);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const halves = [bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES)];
  // Made, and nothing written yet.
  if (halves.every((half) => (half[0] ?? 0) === 0)) return undefined;
  const slots = halves.map(readSlot);
  const [one, other] = slots;
  const newest =
    one !== undefined && (other === undefined || one.number > other.number) ? one : other;
  if (newest !== undefined) return newest;
  throw new Error(
    `cannot read the place in the stream (${path}): it is damaged; move the whole data folder away and start again, and this node fills itself from the stream`,
  );
};

/**
 * The place of a data folder; that before any stream where none is kept.
 *
 * @throws Error where it is there and cannot be read: begun anew, lines would come twice
 */
export const readPlace = (dataDir: string): NotedPlace =>
  readNewest(dataDir)?.noted ?? { place: NO_PLACE, upTo: 0, before: {} };

/** Writes places down: a few microseconds each, since it is done for every few records. */
export class PlaceFile {
  readonly #dataDir: string;
  #open: { readonly fd: number; number: number } | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** @throws the system's error */
  write(noted: NotedPlace): void {
    this.#open ??= this.#openFile();
    const { fd, number } = this.#open;
    const bytes = slotText(number + 1, noted);
    const at = ((number + 1) % 2) * SLOT_BYTES;
    try {
      writeFully(bytes, (offset) =>
        writeSync(fd, bytes, offset, bytes.length - offset, at + offset),
      );
      this.#open.number = number + 1;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #openFile(): { readonly fd: number; number: number } {
    mkdirSync(clusterFolder(this.#dataDir), { recursive: true, mode: 0o700 });
    const number = readNewest(this.#dataDir)?.number ?? 0;
    const fd = openSync(placeFile(this.#dataDir), constants.O_RDWR | constants.O_CREAT, 0o600);
    ftruncateSync(fd, 2 * SLOT_BYTES);
    return { fd, number };
  }
}
