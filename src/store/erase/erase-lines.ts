// Goes through the lines of a day for one subscriber: what there is of him, and the same day without him. Lines that are
// nobody's concern keep their bytes, readable or not.

import {
  createNameEraser,
  createNumberEraser,
  type NumberEraser,
  type Subscriber,
} from "../../domain/erasing.ts";
import { bodyText } from "../../domain/event.ts";
import { givenName } from "../../domain/names.ts";
import { isIdKey, type TraceRecord } from "../../domain/record.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { keysOfLine } from "../archive/line-keys.ts";
import { decodeLine } from "../format/codec.ts";
import { STAMP_LENGTH } from "../format/stamp.ts";
import { createPacer } from "../read/turns.ts";

/** A message of a chat that tells of one of his calls and stands there, as far as the records say. */
export type StandingCard = {
  readonly chatId: string;
  readonly messageId: number;
  readonly messageType: string;
  /** When it was sent, in milliseconds since the epoch. */
  readonly at: number;
};

/** What was found of a subscriber. */
export type Traces = {
  /** Lines in all, and those that hold his number. */
  all: number;
  lines: number;
  readonly calls: Set<string>;
  /** Keys of his calls' unique ids. */
  readonly ids: Set<string>;
  readonly names: Set<string>;
  readonly cards: Map<string, StandingCard>;
};

export const noTraces = (): Traces => ({
  all: 0,
  lines: 0,
  calls: new Set(),
  ids: new Set(),
  names: new Set(),
  cards: new Map(),
});

/** Fields of an event in which a number stands, with the field of its name. */
const NAMED = [
  ["Phone", "CallerIDName"],
  ["CallerIDNum", "CallerIDName"],
  ["ConnectedLineNum", "ConnectedLineName"],
] as const;
const PLACING = new Set(["start", "dial", "hangup"]);

/** The lines of a piece of a file, as bounds without their breaks, however long. */
function* allLines(bytes: Buffer): Generator<{ start: number; end: number }> {
  for (let start = 0; start < bytes.length; ) {
    const stop = bytes.indexOf(NEWLINE, start);
    const end = stop < 0 ? bytes.length : stop;
    yield { start, end };
    start = end + 1;
  }
}

export class LineEraser {
  readonly #number: NumberEraser;
  readonly #mark: string;

  /** @throws Error where the number is no single person's */
  constructor(subscriber: Subscriber) {
    const number = createNumberEraser(subscriber);
    if (number === undefined)
      throw new Error(
        "cannot erase: that is no telephone number of one person; write it with its country, such as +375291234567",
      );
    this.#number = number;
    this.#mark = subscriber.mark;
  }

  /** Notes what a piece of a day holds of him. */
  async look(bytes: Buffer, traces: Traces): Promise<void> {
    const pacer = createPacer();
    const mayBe = this.#number.mayStandIn(bytes.toString("utf8"));
    for (const { start, end } of allLines(bytes)) {
      traces.all += 1;
      if (!mayBe) continue;
      const line = bytes.toString("utf8", start, end);
      if (this.#erase(line).count > 0) this.#note(line, traces);
      await pacer.pause();
    }
  }

  /** Notes the cards of his calls. Every day was looked at before. */
  async lookForCards(bytes: Buffer, { ids, cards }: Traces): Promise<void> {
    const pacer = createPacer();
    if (!bytes.includes("|TG|")) return;
    for (const { start, end } of allLines(bytes)) {
      const line = bytes.toString("utf8", start, end);
      if (!line.startsWith("|TG|", STAMP_LENGTH)) continue;
      const decoded = decodeLine(line);
      if (!decoded.ok || decoded.value.kind !== "TG") continue;
      const { action, chatId, messageId, messageType, uniqueId, at } = decoded.value;
      const key = `${chatId} ${messageId}`;
      if (action === "delete") cards.delete(key);
      else if (action === "send" && ids.has(`id:${uniqueId}`))
        cards.set(key, { chatId, messageId, messageType, at });
      await pacer.pause();
    }
  }

  /** A piece of a day without him; the same bytes where there was nothing. */
  async without(
    bytes: Buffer,
    { ids, names }: Pick<Traces, "ids" | "names">,
  ): Promise<{ readonly bytes: Buffer; readonly changed: number }> {
    const eraseNames = createNameEraser(names, this.#mark);
    const pieces: Buffer[] = [];
    let kept = 0;
    let changed = 0;
    const pacer = createPacer();
    for (const { start, end } of allLines(bytes)) {
      const line = bytes.toString("utf8", start, end);
      const { text, count } = this.#erase(line);
      const isHis = count > 0 || keysOfLine(line).some((key) => ids.has(key));
      const erased = isHis ? eraseNames(text) : line;
      if (erased !== line) {
        pieces.push(bytes.subarray(kept, start), Buffer.from(erased, "utf8"));
        kept = end;
        changed += 1;
      }
      await pacer.pause();
    }
    if (changed === 0) return { bytes, changed };
    return { bytes: Buffer.concat([...pieces, bytes.subarray(kept)]), changed };
  }

  /** The stamp of a line is nobody's number. */
  #erase(line: string): { text: string; count: number } {
    const { text, count } = this.#number.erase(line.slice(STAMP_LENGTH));
    return { text: line.slice(0, STAMP_LENGTH) + text, count };
  }

  #note(line: string, traces: Traces): void {
    traces.lines += 1;
    const decoded = decodeLine(line);
    if (!decoded.ok) return;
    const { value: record } = decoded;
    for (const key of keysOfLine(line)) if (isIdKey(key)) traces.ids.add(key);
    if (record.kind === "AST" && PLACING.has(record.event)) traces.calls.add(record.uniqueId);
    for (const name of this.#namesIn(record)) if (name !== "") traces.names.add(name);
  }

  #namesIn(record: TraceRecord): string[] {
    const isHis = (number: string): boolean => this.#number.erase(number).count > 0;
    if (record.kind === "HTTP") {
      const given = givenName(record);
      return given !== undefined && isHis(given.number) ? [given.name] : [];
    }
    if (record.kind !== "AST") return [];
    return NAMED.flatMap(([number, name]) =>
      isHis(bodyText(record.body, number)) ? [bodyText(record.body, name)] : [],
    );
  }
}
