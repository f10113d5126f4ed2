// The day in a message, line by line. Ten lines at most: it is read on a phone, between two other things.

/** Calls of a stretch of time. */
export type DigestSums = {
  readonly incoming: number;
  /** Of the incoming ones. */
  readonly answered: number;
  readonly missed: number;
  readonly outgoing: number;
};

export type DigestTexts = {
  /** @param day `2026-11-22`. @param until `18:00` where the day is not over */
  readonly title: (name: string, day: string, until: string | undefined) => string;
  readonly incoming: (sums: DigestSums) => string;
  readonly outgoing: (count: number) => string;
  readonly noCalls: string;
  /** Before the numbers of those whom nobody has called back. @param earlier of them missed before that day */
  readonly waiting: (count: number, earlier: number) => string;
  readonly more: (count: number) => string;
  readonly nobodyWaits: string;
  /** @param wait in words */
  readonly meanWait: (wait: string) => string;
  /** @param from `10:00`. @param to `11:00` */
  readonly busiest: (from: string, to: string, calls: number) => string;
  /** The same weekday a week ago. @param isWhole all of it, else up to the same time */
  readonly weekAgo: (sums: DigestSums, isWhole: boolean) => string;
  /** The week that is over. @param from, to its days */
  readonly week: (sums: DigestSums, from: string, to: string) => string;
  readonly seconds: (ms: number) => string;
  /** Of the button that opens the day's list. */
  readonly button: string;
};
