// What the log engine offers. The engine knows files, not HTTP and not calls.

import type { RecordToWrite, StoredRecord } from "../domain/record.ts";

export type AppendResult = {
  /** The stamp the record got: receipt in UTC, milliseconds since the epoch. */
  readonly at: number;
  /** True where a record with the same `onceKey` was there already: nothing was written. */
  readonly duplicate: boolean;
};

/** A line that could not be read: only this line is lost, the look-up goes on. */
export type LineFault = {
  readonly file: string;
  readonly reason: string;
};

export type FindResult = {
  /** Every record that has one of the keys, oldest first (in the order of the files). */
  readonly records: readonly StoredRecord[];
  /** Lines that mention a key and could not be read. */
  readonly faults: readonly LineFault[];
};

/**
 * A part of the files: those in which a call that began at a moment is looked for first (that of its UTC day, and the running one
 * where that is not of later days alone), or all others. The two make up the whole; a line of a file that is finished between
 * them may be in both.
 */
export type Part = {
  readonly part: "near" | "far";
  /** Milliseconds since the epoch. */
  readonly at: number;
};

export type TraceStore = {
  /**
   * Appends one record to the enterprise's running file and resolves when its line is in the file (or on the disk,
   * as the store's durability says).
   *
   * @param onceKey a key of `recordKeys` (such as `eventIdKey(id)`): where a record with it exists, nothing is
   *   written and the answer says `duplicate`.
   * @throws TraceWriteError when the line could not be written whole; nothing of it is left in the file.
   */
  append(
    enterprise: string,
    record: RecordToWrite,
    options?: { readonly onceKey?: string },
  ): Promise<AppendResult>;

  /** Every record that bears one of `keys` (see `recordKeys`), over all the enterprise's files, or a part of them. */
  find(enterprise: string, keys: readonly string[], part?: Part): Promise<FindResult>;

  /** Whether events can be recorded now: tries the folder, at most once a second; those who ask in between share the answer. */
  check(): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string }>;

  /** Writes what was accepted, then closes the files. */
  close(): Promise<void>;
};
