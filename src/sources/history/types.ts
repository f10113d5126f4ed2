// What a kind of history is to the import: files in, call events out. A new kind is a reader in the list of readers.ts.

import type { AgentEvent } from "../outbox/types.ts";

/** What is told while files are read; bounded by whoever listens. */
export type ReadingNotes = {
  /** A row, or a line of a kind that has no rows, was read. */
  readonly onRow: () => void;
  /** A row that stands in the files a second time. */
  readonly onRepeat: () => void;
  /** @param line of the file, or number of the row where it has no lines; both from 1. */
  readonly onUnreadable: (file: string, line: number, reason: string) => void;
  /** What was read and made no event: in-between rows, calls of nobody. */
  readonly onLeftOut: (reason: string) => void;
  /** Something about the files as a whole that an operator should know before he believes the result. */
  readonly onDoubt: (text: string) => void;
};

export type ReaderOptions = {
  /** Of times that name none. IANA. */
  readonly timeZone: string;
  /** Names or patterns with `*` of peers. */
  readonly trunks: readonly string[];
  readonly extensions: readonly string[];
  /** An empty folder for what does not fit into memory; removed afterwards by whoever made it. */
  readonly scratch: string;
};

/** What a file is known by. */
export type FileHead = { readonly path: string; readonly bytes: Buffer };

export type HistoryReader = {
  /** As `--format` names it. */
  readonly format: string;
  /** Whether a file that begins so is of this kind. */
  readonly recognises: (head: FileHead) => boolean;
  /**
   * The call events of the files, in any order, none of them marked. `UniqueId` names the call, `EventTime` says when,
   * `EventId` is the same whenever the same files are read.
   *
   * @throws an error in one line where a file cannot be read at all.
   */
  readonly read: (
    files: readonly string[],
    options: ReaderOptions,
    notes: ReadingNotes,
  ) => AsyncGenerator<AgentEvent>;
};
