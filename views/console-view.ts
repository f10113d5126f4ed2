// What the pages of the operator's console are made of: values, no words.

import type { ConsoleProblem } from "../src/domain/console.ts";

/** One enterprise of the table. Counts are of today, undefined where they could not be read; times in ms since the epoch. */
export type ConsoleRow = {
  readonly number: string;
  readonly name: string | null;
  readonly active: boolean;
  readonly calls: number | undefined;
  readonly missed: number | undefined;
  /** Callers who still wait. */
  readonly open: number | undefined;
  readonly lastCallAt: number | undefined;
  /** False while days are read for the first time. */
  readonly isComplete: boolean;
  readonly hasBot: boolean;
  readonly people: number;
  readonly problems: readonly ConsoleProblem[];
  /** Undefined where no list of it opens. */
  readonly listHref: string | undefined;
};
