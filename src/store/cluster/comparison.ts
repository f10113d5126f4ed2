// One enterprise's files of this node held against those that a new stream is filled with. Both stand in the order of their
// stamps, so they are read side by side: what has the same stamp and head is the same record; what is left over on both sides is
// matched by its identity, since nodes that took a record out of different streams have it with different stamps. What then
// is left of the filling is lacking here; what is left of the files is lacking everywhere else. Invariant: nothing is told
// as lacking before the files were read to their end, so that nobody writes what is still to be read.

import type { FileEnd, StampedLine } from "../write/stamped-writer.ts";
import type { FileLine, FileLines } from "./file-lines.ts";
import { headOf, identityOf } from "./identity.ts";
import { fieldsAt } from "./message.ts";

/** By default, lines of an enterprise that may stand on one side alone: some hundred megabytes of memory. */
export const MAX_UNMATCHED = 200_000;

export type ComparisonOptions = {
  readonly enterprise: string;
  /** Of this node, from `from` on. */
  readonly own: FileLines;
  /** The end of this node's files; undefined where it has none. */
  readonly end: FileEnd | undefined;
  /** Lines of an earlier stamp are not compared: of days that nodes remove, one sooner than another. */
  readonly from: number;
  /** Lines that may stand on one side alone; more are not matched. */
  readonly maxUnmatched: number;
};

export type Difference = {
  /** To be written behind this node's files, in this order. */
  readonly lacking: readonly StampedLine[];
  /** What this node alone has, oldest first. */
  readonly surplus: readonly FileLine[];
};

export class LineComparison {
  readonly #options: ComparisonOptions;
  /** This node's lines of the stamp at which the filling is, of those not matched yet. */
  #group: FileLine[] = [];
  #groupAt = Number.NEGATIVE_INFINITY;
  /** Of this node's lines and not in the filling so far, by identity, oldest first. */
  readonly #unmatched = new Map<string, FileLine[]>();
  #unmatchedCount = 0;
  /** Of the filling and not in the files so far. */
  #held: FileLine[] = [];
  /** The stamp behind which lines are written. */
  #lastAt: number;
  #isTooMuch = false;

  constructor(options: ComparisonOptions) {
    this.#options = options;
    this.#lastAt = options.end?.at ?? 0;
  }

  /** Whether so much differs that it was not matched: then only what comes behind the files' end is told as lacking. */
  get isTooMuch(): boolean {
    return this.#isTooMuch;
  }

  /** The next line of the filling. @returns what is known to be lacking now, to be written in this order */
  async take(line: FileLine): Promise<readonly StampedLine[]> {
    const { end, from } = this.#options;
    if (end === undefined) return [this.#toWrite(line)];
    if (line.at < from) return [];
    if (!this.#isTooMuch && line.at > this.#groupAt) await this.#goTo(line.at);
    if (this.#isTooMuch) return line.at > end.at ? [this.#toWrite(line)] : [];
    if (this.#isInGroup(line)) return [];
    if (this.#group.length > 0 || !(await this.#options.own.isAtEnd())) {
      this.#held.push(line);
      this.#limit();
      return [];
    }
    return [...this.#settleHeld(), ...this.#settle(line)];
  }

  /** The filling is over. */
  async finish(): Promise<Difference> {
    if (this.#options.end === undefined) return { lacking: [], surplus: [] };
    while (!this.#isTooMuch && !(await this.#options.own.isAtEnd()))
      this.#leave(await this.#options.own.next());
    this.#leave(this.#group);
    this.#group = [];
    if (this.#isTooMuch) return { lacking: [], surplus: [] };
    const lacking = this.#settleHeld();
    const surplus = [...this.#unmatched.values()].flat().sort((one, other) => one.at - other.at);
    return { lacking, surplus };
  }

  /** Reads on to a stamp: what is passed has none of its own in the filling. */
  async #goTo(at: number): Promise<void> {
    const lines = await this.#options.own.upTo(at);
    this.#leave(this.#group);
    this.#leave(lines.filter((line) => line.at < at));
    this.#group = lines.filter((line) => line.at === at);
    this.#groupAt = at;
  }

  #isInGroup({ at, fields }: FileLine): boolean {
    if (at !== this.#groupAt || this.#group.length === 0) return false;
    let index = this.#group.findIndex((line) => line.fields === fields);
    if (index === -1) {
      const { enterprise } = this.#options;
      const head = headOf(enterprise, fields);
      index = this.#group.findIndex((line) => headOf(enterprise, line.fields) === head);
    }
    if (index === -1) return false;
    this.#group.splice(index, 1);
    return true;
  }

  #leave(lines: readonly FileLine[]): void {
    for (const line of lines) {
      const { text } = identityOf(this.#options.enterprise, line.fields);
      const own = this.#unmatched.get(text);
      if (own === undefined) this.#unmatched.set(text, [line]);
      else own.push(line);
    }
    this.#unmatchedCount += lines.length;
    this.#limit();
  }

  #limit(): void {
    const { maxUnmatched } = this.#options;
    if (Math.max(this.#unmatchedCount, this.#held.length) <= maxUnmatched) return;
    this.#isTooMuch = true;
    this.#unmatched.clear();
    this.#held = [];
  }

  #settleHeld(): StampedLine[] {
    const held = this.#held;
    this.#held = [];
    return held.flatMap((line) => this.#settle(line));
  }

  /** A line of the filling that is not in the files at its time. */
  #settle(line: FileLine): StampedLine[] {
    const { text } = identityOf(this.#options.enterprise, line.fields);
    const same = this.#unmatched.get(text);
    if (same === undefined) return [this.#toWrite(line)];
    same.shift();
    this.#unmatchedCount -= 1;
    if (same.length === 0) this.#unmatched.delete(text);
    return [];
  }

  #toWrite({ at, fields }: FileLine): StampedLine {
    this.#lastAt = Math.max(this.#lastAt, at);
    return { at: this.#lastAt, fields: fieldsAt({ fields, at }, this.#lastAt) };
  }
}
