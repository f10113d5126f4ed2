// What the stream holds, into this node's files: in its order, with its time as the stamp, each line once. Invariant: a place
// is on the disk before the lines behind it are written, so that a crash at any moment is made good by the files alone. What
// the stream says of its own filling is left to filling.ts, reading it to follow.ts.

import { dayOf, STAMP_LENGTH } from "../format/stamp.ts";
import type { FindResult } from "../types.ts";
import type { StampedLine, StampedWriter } from "../write/stamped-writer.ts";
import type { Message } from "./bus.ts";
import type { Difference } from "./comparison.ts";
import { readControl } from "./control.ts";
import { allLines, FileLines } from "./file-lines.ts";
import { FilledFiles } from "./filled-files.ts";
import { identityOf } from "./identity.ts";
import { type Incoming, incoming, isRecordLine, type Outgoing, surplusLine } from "./message.ts";
import { CONTROL_SUBJECT } from "./names.ts";
import { type NotedPlace, type Place, PlaceFile, readPlace } from "./place.ts";
import { UnequalFile } from "./unequal.ts";

export type ApplierOptions = {
  readonly dataDir: string;
  readonly writer: StampedWriter;
  /** The days before the running one that nodes have whole. */
  readonly keepDays: number;
  /** Lines of an enterprise that may stand on one side alone; more are not made equal. Default: 200,000. */
  readonly maxUnmatched?: number;
  /** The records of the files that bear one of the keys. */
  readonly find: (enterprise: string, keys: readonly string[]) => Promise<FindResult>;
  /** Called with the place whenever it has moved. Must not throw. */
  readonly onPlace: (place: Place) => void;
  /** Messages are in the files, or needed not be; called after the place. Must not throw. */
  readonly onTaken?: (messages: readonly Message[]) => void;
  /** A message that is no record. Must not throw. */
  readonly onForeign: (message: Message) => void;
  /**
   * Lines that this node alone has: to be on the disk when it returns.
   *
   * @returns why some of them cannot be given to the others, in words
   * @throws the system's error
   */
  readonly onSurplus: (lines: readonly Outgoing[]) => readonly string[];
};

/** After a stamp: `|`. */
const HEAD_LENGTH = STAMP_LENGTH + 1;
/** Lines of which it is looked up at once how often they are there. */
const SURPLUS_PIECE = 500;

const addTo = (
  lines: Map<string, StampedLine[]>,
  enterprise: string,
  more: readonly StampedLine[],
): void => {
  if (more.length === 0) return;
  const own = lines.get(enterprise);
  if (own === undefined) lines.set(enterprise, [...more]);
  else for (const line of more) own.push(line);
};

export class Applier {
  readonly #options: ApplierOptions;
  readonly #file: PlaceFile;
  #noted: NotedPlace;
  #place: Place;
  #isNoted = true;
  /** Lines of the batch that a crash left in doubt, by enterprise: those that were written, oldest first. */
  #written: Map<string, string[]> | undefined;
  readonly #filled: FilledFiles;
  readonly #unequal: UnequalFile;
  #hasSeenNew = false;
  /** Enterprises of which lines are gone that were there. */
  readonly #shorter = new Set<string>();

  /** @throws Error where the place cannot be read */
  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#file = new PlaceFile(options.dataDir);
    this.#filled = new FilledFiles(options);
    this.#unequal = new UnequalFile(options.dataDir);
    this.#noted = readPlace(options.dataDir);
    this.#place = this.#noted.place;
    this.#recover();
  }

  get place(): Place {
    return this.#place;
  }

  /** What is wrong with the files of this node, in words. */
  get fault(): string | undefined {
    if (this.#shorter.size === 0) return undefined;
    const names = [...this.#shorter].sort().join(", ");
    return `lines of ${names} are gone that were in the files (a loss of power?): move this node's folder away, and it fills itself anew`;
  }

  /** Why this node's files are not those of the other nodes, and will not become so by themselves; in words. */
  get unequal(): readonly string[] {
    return this.#unequal.reasons;
  }

  /** Notes such a reason. It is told until a stream has been made anew and filled. */
  noteUnequal(reason: string): void {
    this.#unequal.write([...this.#unequal.reasons, reason]);
  }

  /** Takes up a stream from a place on: another one than before, or what it has left of this one. */
  begin(place: Place): void {
    this.#written = undefined;
    this.#filled.clear();
    this.#hasSeenNew = false;
    this.#moveTo(place);
    this.note();
  }

  /** Writes the place down, where that was not done with the lines. @throws the system's error */
  note(): void {
    if (this.#isNoted || this.#written !== undefined) return;
    this.#note({ place: this.#place, upTo: this.#place.seq, before: {} });
    this.#isNoted = true;
  }

  /** Lets the file of the place go. */
  close(): void {
    this.#file.close();
  }

  /**
   * Takes messages into the files, in order; those that are there already are passed over.
   *
   * @returns where the stream was opened by one of them: the place to go on from, by reading anew
   * @throws TraceWriteError, or the system's error; the stream is to be read again from `place` then
   */
  async take(messages: readonly Message[]): Promise<"reread" | undefined> {
    let rest = messages.filter(({ seq }) => seq > this.#place.seq);
    while (rest.length > 0) {
      const { phase } = this.#place;
      if (phase === "filling") {
        const opened = await this.#fill(rest);
        if (opened === undefined) return undefined;
        const isAllTaken = !this.#hasSeenNew;
        const seq = isAllTaken ? opened : 0;
        const next = isAllTaken ? "open" : "catching up";
        const at = isAllTaken ? (rest.find((message) => message.seq === opened)?.at ?? 0) : 0;
        this.begin({ ...this.#place, phase: next, seq, at, openAt: opened });
        if (!isAllTaken) return "reread";
        rest = rest.filter((message) => message.seq > opened);
        continue;
      }
      const batch = this.#nextBatch(rest);
      await this.#write(batch);
      rest = rest.slice(batch.length);
    }
    return undefined;
  }

  /** As many as are written under one note: to the end of what is in doubt, of what waited, or of a day. */
  #nextBatch(messages: readonly Message[]): readonly Message[] {
    const [first] = messages;
    if (first === undefined) return [];
    const { openAt, phase } = this.#place;
    const limits = this.#written === undefined ? [] : [this.#noted.upTo];
    if (phase === "catching up") limits.push(openAt);
    const end = messages.findIndex(
      ({ seq, at }) => limits.some((limit) => seq > limit) || dayOf(at) !== dayOf(first.at),
    );
    return end === -1 ? messages : messages.slice(0, Math.max(1, end));
  }

  async #write(batch: readonly Message[]): Promise<void> {
    const last = batch.at(-1);
    if (last === undefined) return;
    const lines = await this.#newLines(batch);
    const { writer } = this.#options;
    if (this.#written === undefined && lines.size > 0) {
      const marks = [...lines.keys()].map((name) => [name, writer.mark(name) ?? null] as const);
      this.#note({ place: this.#place, upTo: last.seq, before: Object.fromEntries(marks) });
    }
    try {
      for (const [enterprise, stamped] of lines) await writer.write(enterprise, stamped);
    } catch (error) {
      this.#recover();
      throw error;
    }
    if (this.#written !== undefined && last.seq >= this.#noted.upTo) this.#written = undefined;
    const phase = last.seq >= this.#place.openAt ? "open" : this.#place.phase;
    this.#moveTo({ ...this.#place, phase, seq: last.seq, at: last.at });
    this.#options.onTaken?.(batch);
  }

  /** Goes back to what is noted; what was written behind it is seen in the files. */
  #recover(): void {
    const { upTo, before, place } = this.#noted;
    this.#place = place;
    if (upTo <= place.seq) return;
    this.#written = new Map();
    for (const [enterprise, mark] of Object.entries(before)) {
      const lines = this.#options.writer.linesSince(enterprise, mark ?? undefined);
      if (lines === undefined) this.#shorter.add(enterprise);
      this.#written.set(enterprise, lines ?? []);
    }
  }

  /** The lines of a batch that are not in the files, by enterprise. */
  async #newLines(batch: readonly Message[]): Promise<Map<string, StampedLine[]>> {
    const lines = new Map<string, StampedLine[]>();
    const records = batch.flatMap((message) => this.#recordOf(message) ?? []);
    const again = records.filter(({ nth }) => nth > 0);
    const counts = again.length === 0 ? undefined : await this.#counts(again);
    for (const record of records) {
      const { enterprise, fields, at, nth } = record;
      if (record.filling !== undefined || this.#isWritten(enterprise, fields)) continue;
      if (counts !== undefined) {
        const { text } = identityOf(enterprise, fields);
        const count = counts.get(text) ?? 0;
        if (nth > 0 && count >= nth) continue;
        counts.set(text, count + 1);
      }
      addTo(lines, enterprise, [{ at, fields }]);
    }
    return lines;
  }

  /** How many records of the files have the identity of each of these lines. */
  async #counts(
    records: readonly { readonly enterprise: string; readonly fields: string }[],
  ): Promise<Map<string, number>> {
    const { find, dataDir } = this.#options;
    const lookUps = new Map<string, Set<string>>();
    const counts = new Map<string, number>();
    const toRead = new Set<string>();
    for (const { enterprise, fields } of records) {
      const { lookUp, text } = identityOf(enterprise, fields);
      counts.set(text, 0);
      const own = lookUps.get(enterprise) ?? new Set();
      if (lookUp === undefined) toRead.add(enterprise);
      else lookUps.set(enterprise, own.add(lookUp));
    }
    const found = (enterprise: string, fields: string): void => {
      const { text } = identityOf(enterprise, fields);
      const count = counts.get(text);
      if (count !== undefined) counts.set(text, count + 1);
    };
    for (const [enterprise, keys] of lookUps) {
      if (toRead.has(enterprise)) continue;
      const { records: all } = await find(enterprise, [...keys]);
      for (const { raw } of all) found(enterprise, raw.slice(HEAD_LENGTH));
    }
    // What has no key, such as a day's digest, is found by reading; it is rare.
    for (const enterprise of toRead)
      for await (const { fields } of allLines(new FileLines(dataDir, enterprise)))
        found(enterprise, fields);
    return counts;
  }

  #recordOf(message: Message): Incoming | undefined {
    if (message.subject === CONTROL_SUBJECT) return undefined;
    const record = incoming(message);
    if (record === undefined) this.#options.onForeign(message);
    return record;
  }

  /** Whether it is the next of the lines that were written before a crash. */
  #isWritten(enterprise: string, fields: string): boolean {
    const [next] = this.#written?.get(enterprise) ?? [];
    if (next?.slice(HEAD_LENGTH) !== fields) return false;
    this.#written?.get(enterprise)?.shift();
    return true;
  }

  /** Lines of before the stream, into files that lack them. @returns the number of the message that opens the stream */
  async #fill(messages: readonly Message[]): Promise<number | undefined> {
    const lines = new Map<string, StampedLine[]>();
    try {
      for (const message of messages) {
        if (message.subject === CONTROL_SUBJECT) {
          const control = readControl(message.text);
          if (control !== undefined) this.#filled.told(control);
          if (control?.kind !== "open") continue;
          await this.#writeFilled(lines);
          await this.#makeEqual(message.at);
          return message.seq;
        }
        const record = this.#recordOf(message);
        if (record === undefined) continue;
        const { enterprise, filling } = record;
        if (filling === undefined) {
          this.#hasSeenNew = true;
          continue;
        }
        if (this.#filled.isBeginning(enterprise, filling)) await this.#writeFilled(lines);
        addTo(lines, enterprise, await this.#filled.take(record, filling, message.at));
      }
      await this.#writeFilled(lines);
    } catch (error) {
      // How much of it is there is seen in the files when the stream is read anew.
      this.#filled.clear();
      throw error;
    }
    return undefined;
  }

  async #writeFilled(lines: Map<string, StampedLine[]>): Promise<void> {
    for (const [enterprise, stamped] of lines)
      await this.#options.writer.write(enterprise, stamped);
    lines.clear();
  }

  /** Writes what is lacking still, and gives the others what this node alone has. */
  async #makeEqual(at: number): Promise<void> {
    const { writer, onSurplus } = this.#options;
    const { differences, faults } = await this.#filled.finish(at);
    const reasons = [...faults];
    for (const [enterprise, { lacking, surplus: all }] of differences) {
      const surplus = all.filter(({ fields }) => isRecordLine(fields));
      if (lacking.length > 0) await writer.write(enterprise, lacking);
      if (surplus.length > 0) reasons.push(...onSurplus(await this.#numbered(enterprise, surplus)));
    }
    this.#unequal.write(reasons);
  }

  /** Lines that this node alone has, each with the how manieth of its identity it is here. */
  async #numbered(enterprise: string, surplus: Difference["surplus"]): Promise<Outgoing[]> {
    const known = surplus.map((line) => ({ line, ...identityOf(enterprise, line.fields) }));
    const left = new Map<string, number>();
    for (const { text } of known) left.set(text, (left.get(text) ?? 0) + 1);
    const numbered: Outgoing[] = [];
    for (let from = 0; from < known.length; from += SURPLUS_PIECE) {
      const piece = known.slice(from, from + SURPLUS_PIECE);
      const counts = await this.#counts(
        piece.flatMap(({ line, isUnique }) => (isUnique ? [] : [{ ...line, enterprise }])),
      );
      for (const { line, text, isUnique } of piece) {
        const behind = left.get(text) ?? 1;
        left.set(text, behind - 1);
        const nth = isUnique ? 1 : Math.max(1, (counts.get(text) ?? 1) - behind + 1);
        numbered.push(surplusLine(enterprise, line, nth));
      }
    }
    return numbered;
  }

  #moveTo(place: Place): void {
    this.#place = place;
    this.#isNoted = false;
    this.#options.onPlace(place);
  }

  #note(noted: NotedPlace): void {
    this.#file.write(noted);
    this.#noted = noted;
  }
}
