// What the stream holds, into this node's files: in its order, with its time as the stamp, each line once. Invariant: a place
// is on the disk before the lines behind it are written, so that a crash at any moment is made good by the files alone. What
// the stream says of its own filling is left to filling.ts, reading it to follow.ts.

import { bodyText } from "../../domain/event.ts";
import { eventIdKey, idKey } from "../../domain/record.ts";
import { decodeLine } from "../format/codec.ts";
import { dayOf, formatStamp, STAMP_LENGTH } from "../format/stamp.ts";
import type { FindResult } from "../types.ts";
import type { StampedLine, StampedWriter } from "../write/stamped-writer.ts";
import type { Message } from "./bus.ts";
import { isOpening } from "./control.ts";
import { type Filling, type Incoming, incoming } from "./message.ts";
import { CONTROL_SUBJECT } from "./names.ts";
import { type NotedPlace, type Place, PlaceFile, readPlace } from "./place.ts";

export type ApplierOptions = {
  readonly dataDir: string;
  readonly writer: StampedWriter;
  /** The records of the files that bear one of the keys. */
  readonly find: (enterprise: string, keys: readonly string[]) => Promise<FindResult>;
  /** Called with the place whenever it has moved. Must not throw. */
  readonly onPlace: (place: Place) => void;
  /** Messages are in the files, or needed not be; called after the place. Must not throw. */
  readonly onTaken?: (messages: readonly Message[]) => void;
  /** A message that is no record. Must not throw. */
  readonly onForeign: (message: Message) => void;
};

/** The end of an enterprise's files while the stream is being filled. */
type FilledEnd = { at: number; count: number; left: number; id: string; next: number };

/** After a stamp: `|`. */
const HEAD_LENGTH = STAMP_LENGTH + 1;

export class Applier {
  readonly #options: ApplierOptions;
  readonly #file: PlaceFile;
  #noted: NotedPlace;
  #place: Place;
  #isNoted = true;
  /** Lines of the batch that a crash left in doubt, by enterprise: those that were written, oldest first. */
  #written: Map<string, string[]> | undefined;
  /** What enterprises had when the stream was begun to be filled. */
  readonly #ends = new Map<string, FilledEnd>();
  #hasSeenNew = false;
  /** Enterprises of which lines are gone that were there. */
  readonly #shorter = new Set<string>();

  /** @throws Error where the place cannot be read */
  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#file = new PlaceFile(options.dataDir);
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

  /** Takes up a stream from a place on: another one than before, or what it has left of this one. */
  begin(place: Place): void {
    this.#written = undefined;
    this.#ends.clear();
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
    const seen = new Set<string>();
    const records = batch.flatMap((message) => this.#recordOf(message) ?? []);
    const known = await this.#known(records.filter(({ isAgain }) => isAgain));
    const isAnyAgain = known !== undefined;
    for (const record of records) {
      const { enterprise, fields, at } = record;
      if (record.filling !== undefined || this.#isWritten(enterprise, fields)) continue;
      if (isAnyAgain) {
        const { text } = keyOf(record);
        if (record.isAgain && (seen.has(text) || known.has(text))) continue;
        seen.add(text);
      }
      const own = lines.get(enterprise);
      if (own === undefined) lines.set(enterprise, [{ at, fields }]);
      else own.push({ at, fields });
    }
    return lines;
  }

  /** Which of these records are in the files, by their keys; undefined where there are none to ask for. */
  async #known(records: readonly Incoming[]): Promise<ReadonlySet<string> | undefined> {
    if (records.length === 0) return undefined;
    const lookUps = new Map<string, Set<string>>();
    for (const record of records) {
      const { lookUp } = keyOf(record);
      if (lookUp === undefined) continue;
      const own = lookUps.get(record.enterprise) ?? new Set();
      lookUps.set(record.enterprise, own.add(lookUp));
    }
    const known = new Set<string>();
    for (const [enterprise, keys] of lookUps) {
      const { records: found } = await this.#options.find(enterprise, [...keys]);
      for (const { raw } of found) {
        const fields = raw.slice(HEAD_LENGTH);
        known.add(keyOf({ enterprise, fields, at: 0 }).text);
      }
    }
    return known;
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
    let opened: number | undefined;
    for (const message of messages) {
      if (message.subject === CONTROL_SUBJECT) {
        if (isOpening(message)) {
          opened = message.seq;
          break;
        }
        continue;
      }
      const record = this.#recordOf(message);
      if (record === undefined) continue;
      const { enterprise, fields, at, filling } = record;
      if (filling === undefined) this.#hasSeenNew = true;
      else if (this.#isLacking(record, filling)) {
        const own = lines.get(enterprise);
        if (own === undefined) lines.set(enterprise, [{ at, fields }]);
        else own.push({ at, fields });
      }
    }
    for (const [enterprise, stamped] of lines) {
      try {
        await this.#options.writer.write(enterprise, stamped);
      } catch (error) {
        // How much of it is there is seen in the files when the stream is read anew.
        this.#ends.clear();
        throw error;
      }
    }
    return opened;
  }

  /** The files are a beginning of what the stream is filled with: a line is lacking where it comes behind their end. */
  #isLacking({ enterprise, at }: Incoming, { id, index }: Filling): boolean {
    let end = this.#ends.get(enterprise);
    if (end === undefined) {
      const { at: lastAt = -1, count = 0 } = this.#options.writer.end(enterprise) ?? {};
      end = { at: lastAt, count, left: count, id, next: 0 };
      this.#ends.set(enterprise, end);
    }
    if (end.id !== id) Object.assign(end, { id, next: 0, left: end.count });
    if (index !== end.next) return false;
    end.next += 1;
    if (at < end.at) return false;
    if (at > end.at) {
      Object.assign(end, { at, count: 1, left: 0 });
      return true;
    }
    if (end.left > 0) {
      end.left -= 1;
      return false;
    }
    end.count += 1;
    return true;
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

type RecordKey = {
  /** What names a record among those of all enterprises: an event's `EventId`, the whole line of another one. */
  readonly text: string;
  /** By which it is found in the files. */
  readonly lookUp: string | undefined;
};

const keyOf = ({
  enterprise,
  fields,
  at,
}: Pick<Incoming, "enterprise" | "fields" | "at">): RecordKey => {
  const whole = `${enterprise} ${fields}`;
  const decoded = decodeLine(`${formatStamp(at)}|${fields}`);
  if (!decoded.ok) return { text: whole, lookUp: undefined };
  const { value: record } = decoded;
  const eventId = record.kind === "AST" ? bodyText(record.body, "EventId") : "";
  if (eventId !== "") return { text: `${enterprise} ${eventId}`, lookUp: eventIdKey(eventId) };
  return { text: whole, lookUp: record.uniqueId === "" ? undefined : idKey(record.uniqueId) };
};
