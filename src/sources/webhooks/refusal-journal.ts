// Which events were refused lately, why, and where they came from: `<data folder>/.refused.log`, a line of JSON a kind and
// minute, so that every worker and a later run know it. Bounded, whoever posts what; nothing of a body or a token is in it.

import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RefusalCode } from "../../domain/refusal.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorCode } from "../../lib/errors.ts";
import { giveToOwner } from "../../lib/private-file.ts";
import { MINUTE_MS } from "../../lib/time.ts";

/** Dot-named: no enterprise has such a folder. */
const FILE_NAME = ".refused.log";
const OLDER_NAME = ".refused.log.1";
/** A file that is longer is put aside; the one that was aside before goes. In bytes. */
const MAX_FILE_BYTES = 256 * 1024;
/** Kinds a minute: with more, the rest is not told apart by where it came from and what it was called. */
const MAX_KINDS = 100;
/** Stands for senders and events that are not told apart. */
const OTHERS = "*";

export type Refusal = {
  /** The enterprise's number; undefined where no token told. */
  readonly enterprise: string | undefined;
  readonly code: RefusalCode;
  readonly event: string;
  /** The client's address. */
  readonly from: string;
};

/** Refusals of one kind. Times in milliseconds since the epoch. */
export type RefusalCount = Refusal & { readonly count: number; readonly lastAt: number };

export type RefusalJournal = {
  /** Notes one. Never throws. */
  note(refusal: Refusal): void;
  /**
   * What was refused since that moment, the newest kind first; other processes may have counted more of a kind since they
   * wrote it.
   *
   * @throws Error where the file cannot be read
   */
  since(ms: number): RefusalCount[];
};

export type RefusalJournalOptions = {
  readonly clock: Clock;
  /** The journal cannot be written. Must not throw. */
  readonly onFault: (error: unknown) => void;
};

const kindOf = ({ enterprise, code, event, from }: Refusal): string =>
  JSON.stringify([enterprise ?? null, code, event, from]);

const isCount = (value: unknown): value is RefusalCount =>
  typeof value === "object" &&
  value !== null &&
  "count" in value &&
  typeof value.count === "number" &&
  "lastAt" in value &&
  typeof value.lastAt === "number" &&
  "code" in value &&
  typeof value.code === "string" &&
  "event" in value &&
  typeof value.event === "string" &&
  "from" in value &&
  typeof value.from === "string";

/** A torn or foreign line costs that line. */
const countsIn = (path: string): RefusalCount[] => {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isCount(value) ? [value] : [];
    } catch {
      return [];
    }
  });
};

class FileJournal implements RefusalJournal {
  readonly #dataDir: string;
  readonly #path: string;
  readonly #options: RefusalJournalOptions;
  /** Noted, and not yet written. */
  readonly #waiting = new Map<string, RefusalCount>();
  readonly #told = new Set<string>();
  #minuteFrom = Number.NEGATIVE_INFINITY;

  constructor(dataDir: string, options: RefusalJournalOptions) {
    this.#dataDir = dataDir;
    this.#path = join(dataDir, FILE_NAME);
    this.#options = options;
  }

  note(refusal: Refusal): void {
    const now = this.#options.clock.now();
    if (Math.abs(now - this.#minuteFrom) >= MINUTE_MS) {
      this.#flush();
      this.#told.clear();
      this.#minuteFrom = now;
    }
    const isKnown = this.#told.has(kindOf(refusal));
    const told =
      isKnown || this.#told.size < MAX_KINDS
        ? refusal
        : { ...refusal, from: OTHERS, event: OTHERS };
    const kind = kindOf(told);
    const count = (this.#waiting.get(kind)?.count ?? 0) + 1;
    this.#waiting.set(kind, { ...told, count, lastAt: now });
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#flush();
  }

  since(ms: number): RefusalCount[] {
    this.#flush();
    const found = new Map<string, RefusalCount>();
    const lines = [...countsIn(join(this.#dataDir, OLDER_NAME)), ...countsIn(this.#path)];
    for (const line of lines) {
      if (line.lastAt < ms) continue;
      const kind = kindOf(line);
      const count = (found.get(kind)?.count ?? 0) + line.count;
      const lastAt = Math.max(found.get(kind)?.lastAt ?? 0, line.lastAt);
      found.set(kind, { ...line, count, lastAt });
    }
    return [...found.values()].sort((a, b) => b.lastAt - a.lastAt);
  }

  #putAside(): void {
    try {
      renameSync(this.#path, join(this.#dataDir, OLDER_NAME));
    } catch (error) {
      // Another worker has just done it.
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }

  #flush(): void {
    if (this.#waiting.size === 0) return;
    const lines = [...this.#waiting.values()].map((count) => `${JSON.stringify(count)}\n`);
    this.#waiting.clear();
    try {
      const isNew = !existsSync(this.#path);
      if (!isNew && statSync(this.#path).size > MAX_FILE_BYTES) this.#putAside();
      appendFileSync(this.#path, lines.join(""), { mode: 0o600 });
      if (isNew) giveToOwner(this.#path, this.#dataDir);
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}

/** The journal of a data folder. Holds nothing that needs closing. */
export const openRefusalJournal = (
  dataDir: string,
  options: RefusalJournalOptions,
): RefusalJournal => new FileJournal(dataDir, options);
