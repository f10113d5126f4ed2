// This node's files while a new stream is being filled: each enterprise's are held against what comes of it. Of a filling in
// which a line is lacking all behind it is passed over; another one of the same enterprise begins the comparison anew, and what
// still comes of the one before, from a node that was taken for gone, is passed over.

import { DAY_MS } from "../../lib/time.ts";
import { dayOf } from "../format/stamp.ts";
import { enterprisesIn } from "../read/recent.ts";
import type { StampedLine, StampedWriter } from "../write/stamped-writer.ts";
import { type Difference, LineComparison, MAX_UNMATCHED } from "./comparison.ts";
import type { Control } from "./control.ts";
import { FileLines } from "./file-lines.ts";
import type { Filling, Incoming } from "./message.ts";

export type FilledFilesOptions = {
  readonly dataDir: string;
  readonly writer: Pick<StampedWriter, "end">;
  /** The days before the running one of which all nodes have everything. */
  readonly keepDays: number;
  /** As of a comparison. */
  readonly maxUnmatched?: number;
};

type Compared = {
  readonly id: string;
  readonly own: FileLines;
  readonly lines: LineComparison;
  /** How many lines came in their order. */
  count: number;
};

/** What came of a filling that is over, by enterprise. */
export type Outcome = {
  readonly differences: ReadonlyMap<string, Difference>;
  /** Why nodes remain unequal, in words. */
  readonly faults: readonly string[];
};

/** Enterprises of which lines are read ahead at the same time: a few nodes fill, an enterprise each. */
const MAX_READ_AHEAD = 8;

export class FilledFiles {
  readonly #options: FilledFilesOptions;
  readonly #compared = new Map<string, Compared>();
  /** Those of which lines are read ahead, the least recent first. */
  readonly #ahead = new Set<FileLines>();
  /** Fillings that others have taken the place of. */
  readonly #past = new Set<string>();
  #plan = 0;
  /** How many lines of an enterprise the stream was filled with, by the latest plan that names it. */
  readonly #counts = new Map<string, number>();
  /** When the filling was seen to begin, by the stream's time. */
  #beganAt: number | undefined;

  constructor(options: FilledFilesOptions) {
    this.#options = options;
  }

  clear(): void {
    this.#compared.clear();
    this.#ahead.clear();
    this.#past.clear();
    this.#plan = 0;
    this.#counts.clear();
    this.#beganAt = undefined;
  }

  /** Whether a line begins to compare the enterprise's files: all that is lacking must be in them by then. */
  isBeginning(enterprise: string, { id }: Filling): boolean {
    return this.#compared.get(enterprise)?.id !== id && !this.#past.has(id);
  }

  /** A line of the filling. @returns what is known to be lacking now, to be written in this order */
  async take(line: Incoming, filling: Filling, takenAt: number): Promise<readonly StampedLine[]> {
    const { enterprise } = line;
    if (this.isBeginning(enterprise, filling)) this.#begin(enterprise, filling.id, takenAt);
    const compared = this.#compared.get(enterprise);
    const isNext = filling.id === compared?.id && filling.index === compared.count;
    if (compared === undefined || !isNext) return [];
    compared.count += 1;
    const lacking = await compared.lines.take(line);
    this.#readAhead(compared.own);
    return lacking;
  }

  /** What nodes say of the filling: how many lines one has filled in. */
  told(control: Control): void {
    if (control.kind === "plan") this.#plan = Math.max(this.#plan, control.number);
    if (control.kind !== "filled" || control.number !== this.#plan) return;
    for (const [enterprise, count] of Object.entries(control.lines ?? {}))
      this.#counts.set(enterprise, count);
  }

  /** The filling is over: what is lacking here still, and what this node alone has. @param at by the stream's time */
  async finish(at: number): Promise<Outcome> {
    const differences = new Map<string, Difference>();
    const faults: string[] = [];
    for (const enterprise of await enterprisesIn(this.#options.dataDir))
      if (!this.#compared.has(enterprise)) this.#begin(enterprise, "", at);
    for (const [enterprise, { lines, own, count }] of this.#compared) {
      const { lacking, surplus } = await lines.finish();
      this.#readAhead(own);
      const isWhole = count === (this.#counts.get(enterprise) ?? count);
      if (!isWhole)
        faults.push(
          `the files of ${enterprise} could not be held against those of the other nodes: the stream has lost some of what it was filled with; calllog cluster verify ${enterprise} tells whether they differ`,
        );
      if (lines.isTooMuch)
        faults.push(
          `the files of ${enterprise} differ from those of the other nodes in too much to be made equal: move this node's folder away, and it fills itself; keep it, since it may have what they have not`,
        );
      differences.set(enterprise, { lacking, surplus: isWhole ? surplus : [] });
    }
    return { differences, faults };
  }

  #begin(enterprise: string, id: string, takenAt: number): void {
    const { dataDir, writer, keepDays, maxUnmatched = MAX_UNMATCHED } = this.#options;
    this.#beganAt ??= takenAt;
    const before = this.#compared.get(enterprise);
    if (before !== undefined) this.#past.add(before.id);
    const end = writer.end(enterprise);
    const oldest = (dayOf(this.#beganAt) - keepDays) * DAY_MS;
    const from = Math.max(0, Math.min(oldest, end?.at ?? 0));
    const own = new FileLines(dataDir, enterprise, from);
    const lines = new LineComparison({ enterprise, own, end, from, maxUnmatched });
    this.#compared.set(enterprise, { id, own, lines, count: 0 });
  }

  #readAhead(own: FileLines): void {
    this.#ahead.delete(own);
    this.#ahead.add(own);
    const [oldest] = this.#ahead;
    if (this.#ahead.size <= MAX_READ_AHEAD || oldest === undefined) return;
    oldest.release();
    this.#ahead.delete(oldest);
  }
}
