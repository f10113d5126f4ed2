// Where a program writes text: standard output and standard error as values, so that tests read what was written.

/** A stream for text that people or other programs read. */
export type Output = {
  write(text: string): void;
  /** Whether a person sits in front of it. */
  readonly isTTY: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly columns?: number | undefined;
};
