// The CEL file as a journal of a PBX: messages in the order in which they were written, from where the oldest call under way
// began. Who reads it tells what the messages mean; this keeps the place, over restarts too.

import pLimit from "p-limit";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { AmiMessage, Journal, JournalBlock } from "../ami/types.ts";
import { type CelTranslator, createCelTranslator } from "./as-ami.ts";
import { CallsInFile } from "./calls-under-way.ts";
import { CelFile, type CelLine, type CelPlace, type ReadEnd } from "./file.ts";
import { type CelEvent, readCelLine } from "./line.ts";
import { readPlace, writePlace } from "./place-file.ts";

export type CelJournalOptions = {
  /** The file that cel_custom of that Asterisk writes. */
  readonly path: string;
  /** Where the place is kept. */
  readonly spoolDir: string;
  readonly clock: Clock;
  readonly log: Log;
};

type ReadLine = { readonly event: CelEvent; readonly place: () => CelPlace };

/** The place is kept no more often than this, in milliseconds. */
const KEEP_EVERY_MS = 1000;

export class CelJournal implements Journal {
  readonly #options: CelJournalOptions;
  /** Readings and rewindings of one file do not overlap. */
  readonly #oneAtATime = pLimit(1);
  #file: CelFile;
  #calls = new CallsInFile();
  #translator: CelTranslator = createCelTranslator();
  /** Lines before it were told by an earlier process. */
  #through: CelPlace | undefined;
  #keptAt = Number.NEGATIVE_INFINITY;
  #kept: CelPlace | undefined;
  #isMissing = false;
  #isClosed = false;
  #gaps = 0;
  /** Nothing is known of the time before: there was no place to begin at. */
  isFresh: boolean;

  constructor(options: CelJournalOptions) {
    this.#options = options;
    const kept = this.#keptBefore();
    this.isFresh = kept === undefined;
    this.#through = kept?.through;
    this.#file = this.#open(kept?.from ?? "end");
  }

  /** There is no such file now. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  rewind(): Promise<void> {
    return this.#oneAtATime(() => this.#rewind());
  }

  read(take: (block: JournalBlock) => Promise<void>): Promise<ReadEnd> {
    return this.#oneAtATime(() => this.#read(take));
  }

  async #rewind(): Promise<void> {
    const from = this.#from();
    await this.#file.close();
    if (from !== undefined) this.#file = this.#open(from);
    this.#calls = new CallsInFile();
    this.#translator = createCelTranslator();
  }

  async #read(take: (block: JournalBlock) => Promise<void>): Promise<ReadEnd> {
    if (this.#isClosed) return "missing";
    const end = await this.#file.read(async (lines) => {
      for (const { block, read } of this.#blocks(lines)) {
        await take(block);
        // Only now: where a reader breaks off, its calls are still under way.
        for (const { event, place } of read) this.#calls.note(event, place);
      }
    });
    if (end === "end") {
      this.#through = undefined;
      this.isFresh = false;
    }
    this.#tellMissing(end === "missing");
    this.#tellGaps();
    return end;
  }

  keep(isTold: boolean): void {
    const now = this.#options.clock.now();
    if (now - this.#keptAt >= KEEP_EVERY_MS) this.#keep(isTold, now);
  }

  /** The file ended in the middle of a line when it was read last. */
  get isInLine(): boolean {
    return this.#file.isInLine;
  }

  close(isTold: boolean): Promise<void> {
    return this.#oneAtATime(async () => {
      this.#keep(isTold, this.#options.clock.now());
      this.#isClosed = true;
      await this.#file.close();
    });
  }

  #open(place: CelPlace | "end"): CelFile {
    const { path, clock } = this.#options;
    return new CelFile({ path, place, now: () => clock.now() });
  }

  #keptBefore(): ReturnType<typeof readPlace> {
    const { spoolDir, path, log } = this.#options;
    try {
      return readPlace(spoolDir, path);
    } catch (error) {
      log.warn("cannot read where in the CEL file to go on; reading begins at its end", {
        reason: errorText(error),
      });
      return undefined;
    }
  }

  #from(): CelPlace | undefined {
    return this.#calls.oldest() ?? this.#file.place;
  }

  #keep(isTold: boolean, now: number): void {
    const { spoolDir, path, log } = this.#options;
    const from = this.#from();
    const through = this.#file.place;
    if (from === undefined || through === this.#kept) return;
    this.#keptAt = now;
    try {
      writePlace(spoolDir, { path, from, ...(isTold ? { through } : {}) });
      this.#kept = through;
    } catch (error) {
      log.warn("cannot keep where in the CEL file to go on; after a restart more of it is read", {
        reason: errorText(error),
      });
    }
  }

  /** The messages of lines; those that were told before are a block of their own. */
  *#blocks(lines: readonly CelLine[]): Generator<{ block: JournalBlock; read: ReadLine[] }> {
    let isTold = this.#isTold(lines[0]);
    let messages: AmiMessage[] = [];
    let read: ReadLine[] = [];
    let atMs = 0;
    for (const line of lines) {
      if (isTold && !this.#isTold(line)) {
        yield { block: { messages, atMs, isTold }, read };
        isTold = false;
        messages = [];
        read = [];
      }
      const event = readCelLine(line.text);
      // Other programs may write there too.
      if (event === undefined) continue;
      read.push({ event, place: line.place });
      atMs = Number(event.stamp) * 1000;
      messages.push(...this.#translator.take(event));
    }
    if (read.length > 0) yield { block: { messages, atMs, isTold }, read };
  }

  #isTold(line: CelLine | undefined): boolean {
    const through = this.#through;
    if (line === undefined || through === undefined) return false;
    if (line.inode !== through.inode || line.offset < through.offset) return true;
    this.#through = undefined;
    return false;
  }

  #tellMissing(isMissing: boolean): void {
    const { log, path } = this.#options;
    if (isMissing === this.#isMissing) return;
    this.#isMissing = isMissing;
    if (isMissing) {
      log.error(
        "there is no CEL file: what happens while the PBX is not listened to is not seen; enable cel.conf and cel_custom.conf, or mend --cel",
        { path },
      );
    } else log.info("the CEL file is there", { path });
  }

  #tellGaps(): void {
    if (this.#file.gaps === this.#gaps) return;
    this.#gaps = this.#file.gaps;
    this.#options.log.warn(
      "lines of the CEL file are gone before they were read: keep one rotated file uncompressed (delaycompress)",
      { path: this.#options.path },
    );
  }
}
