// The act of an erasure: what was taken out for whom, as a page to be printed and signed, and what stands in a card in place
// of what it said.

export type ActTexts = {
  readonly title: string;
  readonly enterprise: string;
  readonly subscriber: string;
  readonly mark: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly found: (calls: number, lines: number, all: number) => string;
  readonly changed: (lines: number, days: number, archived: number) => string;
  readonly cards: (deleted: number, edited: number, failed: number) => string;
  readonly versions: (removed: number) => string;
  readonly left: string;
  readonly nothingLeft: string;
  readonly signature: string;
  /** In a card that could not be deleted any more. */
  readonly card: string;
  readonly leftCards: (count: number) => string;
  readonly leftDays: (names: string) => string;
  /** @param finish the command that removes them */
  readonly leftVersions: (archive: string, names: string, finish: string) => string;
  readonly leftCopies: string;
  readonly leftRecordings: string;
};
