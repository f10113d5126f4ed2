// The words of the list of calls, in each language; what it shares with the page of a call is in page.ts.

import type { FilterName, FollowState, ResultFilter } from "../../call/index.ts";

export type ListTexts = {
  /** `name` is the enterprise's. */
  readonly title: (name: string) => string;
  readonly callsOf: (day: string) => string;
  readonly recent: string;
  readonly found: string;
  readonly today: string;
  readonly yesterday: string;
  readonly dayBefore: string;
  readonly dayAfter: string;
  readonly sums: {
    readonly calls: string;
    readonly incoming: string;
    readonly outgoing: string;
    readonly internal: string;
    readonly answered: string;
    readonly missed: string;
    readonly meanWait: string;
    readonly talk: string;
  };
  readonly chart: {
    readonly title: (day: string) => string;
    readonly answered: string;
    readonly unanswered: string;
    readonly hour: (from: string, answered: number, unanswered: number) => string;
    readonly none: string;
    readonly table: string;
    readonly hourHeading: string;
  };
  readonly field: { readonly [name in FilterName]: string };
  readonly placeholder: { readonly number: string; readonly ext: string };
  readonly anyValue: string;
  readonly result: { readonly [result in ResultFilter]: string };
  readonly follow: { readonly [state in FollowState]: string };
  readonly search: string;
  readonly reset: string;
  readonly wrong: { readonly [name in FilterName]: string };
  readonly wrongAddress: string;
  readonly column: {
    readonly time: string;
    readonly phone: string;
    readonly call: string;
    readonly staff: string;
    readonly wait: string;
    readonly talk: string;
    readonly result: string;
  };
  readonly open: string;
  readonly rung: (numbers: string) => string;
  readonly andMore: (count: number) => string;
  readonly transferred: string;
  /** Before a duration, on narrow screens. */
  readonly waited: string;
  readonly talked: string;
  /** Shorter than the status of the call page. */
  readonly talking: string;
  readonly none: string;
  readonly noneYet: string;
  /** No rows in what was read, and days of the archive are left. */
  readonly noneSoFar: string;
  readonly older: string;
  readonly newest: string;
  readonly incomplete: string;
  readonly reload: string;
  readonly download: string;
  readonly downloadCsv: string;
  readonly downloadHint: string;
  /** Headings of the workbook; the others are those of the page. */
  readonly workbook: {
    /** The name of its sheet, at most 31 characters. */
    readonly sheet: string;
    readonly start: string;
    readonly end: string;
    readonly direction: string;
    readonly phone: string;
    readonly name: string;
    readonly rung: string;
    readonly answeredBy: string;
    readonly transfers: string;
    readonly followUp: string;
    readonly attempts: string;
    readonly returnedBy: string;
    readonly after: string;
    readonly callId: string;
  };
};
