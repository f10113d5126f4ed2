// The lines of an enterprise's files, oldest first, in pieces: no file stays open between two of them, since a node has some
// thousands of enterprises. What is added meanwhile may be among them; no day may be finished.

import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { finishedNames, RUNNING_NAME, tryParseFinishedName } from "../format/files.ts";
import { dayOf, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { listFolder, openIfThere } from "../read/open-files.ts";

export type FileLine = {
  /** Its stamp, in milliseconds since the epoch. */
  readonly at: number;
  /** Everything of the line after its stamp and the `|` behind that. */
  readonly fields: string;
};

const PIECE_BYTES = 256 * 1024;
const NEWLINE = 10;

type PlacedLine = FileLine & {
  /** Where it begins in its file. */
  readonly start: number;
};

export class FileLines {
  readonly #folder: string;
  readonly #from: number;
  /** Files that are not read to their end, the one that is being read first. */
  #names: string[] | undefined;
  #offset = 0;
  /** Read and not handed out, last first. */
  #ready: PlacedLine[] = [];

  /** @param from lines of an earlier stamp are passed over; in milliseconds since the epoch */
  constructor(dataDir: string, enterprise: string, from = 0) {
    this.#folder = join(dataDir, enterprise);
    this.#from = from;
  }

  /** The next lines; none at the end. @throws the system's error */
  async next(): Promise<readonly FileLine[]> {
    await this.#fill();
    const lines = this.#ready.reverse();
    this.#ready = [];
    return lines;
  }

  /** The next lines as long as their stamp is not later. @throws the system's error */
  async upTo(at: number): Promise<readonly FileLine[]> {
    const lines: FileLine[] = [];
    for (;;) {
      await this.#fill();
      const line = this.#ready.at(-1);
      if (line === undefined || line.at > at) return lines;
      lines.push(line);
      this.#ready.pop();
    }
  }

  /** Whether all was handed out. @throws the system's error */
  async isAtEnd(): Promise<boolean> {
    await this.#fill();
    return this.#ready.length === 0;
  }

  /** Lets go of what was read ahead: it is read again. */
  release(): void {
    const next = this.#ready.at(-1);
    if (next === undefined) return;
    this.#offset = next.start;
    this.#ready = [];
  }

  async #fill(): Promise<void> {
    this.#names ??= await this.#allNames();
    while (this.#ready.length === 0) {
      const [name] = this.#names;
      if (name === undefined) return;
      const file = await openIfThere(join(this.#folder, name));
      const end = file === undefined ? undefined : await this.#readPiece(file);
      if (end !== undefined) {
        this.#offset = end;
        continue;
      }
      this.#names.shift();
      this.#offset = 0;
    }
  }

  /** @returns where the next piece begins; undefined at the end of the file */
  async #readPiece(file: FileHandle): Promise<number | undefined> {
    try {
      for (let length = PIECE_BYTES; ; length *= 4) {
        const bytes = Buffer.alloc(length);
        const { bytesRead } = await file.read(bytes, 0, length, this.#offset);
        const last = bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE);
        if (last === -1 && bytesRead === length) continue;
        // What is behind the last line break is the torn end of a line.
        if (last === -1) return undefined;
        this.#ready = this.#linesIn(bytes.subarray(0, last + 1)).reverse();
        return this.#offset + last + 1;
      }
    } finally {
      await file.close();
    }
  }

  #linesIn(bytes: Buffer): PlacedLine[] {
    const lines: PlacedLine[] = [];
    let start = 0;
    for (let stop = bytes.indexOf(NEWLINE); stop !== -1; stop = bytes.indexOf(NEWLINE, start)) {
      const text = bytes.toString("utf8", start, stop);
      const lineStart = this.#offset + start;
      start = stop + 1;
      const at = tryParseStamp(text.slice(0, STAMP_LENGTH));
      if (at === undefined || at < this.#from || text[STAMP_LENGTH] !== "|") continue;
      lines.push({ start: lineStart, at, fields: text.slice(STAMP_LENGTH + 1) });
    }
    return lines;
  }

  async #allNames(): Promise<string[]> {
    const finished = finishedNames(await listFolder(this.#folder));
    const from = dayOf(this.#from);
    return [
      ...finished.filter((name) => (tryParseFinishedName(name) ?? from) >= from),
      RUNNING_NAME,
    ];
  }
}

/** All lines that are still to come. */
export async function* allLines(lines: FileLines): AsyncGenerator<FileLine> {
  for (let piece = await lines.next(); piece.length > 0; piece = await lines.next()) yield* piece;
}
