// What the page of the list of calls is made from: everything comes in, nothing is asked for.

import type {
  CallFilter,
  DaySummary,
  Direction,
  FilterName,
  FollowState,
} from "../src/call/index.ts";
import type { ListTexts } from "../src/texts/index.ts";
import type { ListedCall, NamesByNumber } from "./calls-table.tsx";
import type { Zone } from "./format.ts";

/** Where the page leads, all of it relative to the page itself. */
export type ListLinks = {
  /** The list with these filters, from its newest call. */
  readonly to: (filter: CallFilter) => string;
  /** The next rows of this list; undefined where there are none. */
  readonly older: string | undefined;
  readonly csv: string;
  readonly workbook: string;
  /** What the form sends beside its fields. */
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
};

export type CallsView = {
  readonly enterprise: { readonly number: string; readonly name: string };
  readonly zone: Zone;
  /** What was asked for, as written; also where it is wrong. */
  readonly filter: { readonly [name in FilterName]?: string };
  /** The results and directions that can be asked for, in the order they are offered. */
  readonly choices: {
    readonly result: readonly (keyof ListTexts["result"])[];
    readonly direction: readonly Direction[];
    readonly follow: readonly FollowState[];
  };
  /** How many missed calls wait to be called back; undefined where it is not told. */
  readonly openMissed?: number | undefined;
  readonly links: ListLinks;
  /** The reader may see that day alone: no other can be chosen. */
  readonly isDayFixed: boolean;
  /** Today in the zone, `2026-11-22`. */
  readonly today: string;
  /** The sums of a day; undefined behind the first page. */
  readonly summary: { readonly day: string; readonly sums: DaySummary } | undefined;
  /** Undefined where the filters are wrong. */
  readonly list:
    | {
        readonly rows: readonly ListedCall[];
        readonly isFirst: boolean;
        readonly isComplete: boolean;
      }
    | undefined;
  readonly names: NamesByNumber;
  readonly wrong: readonly (FilterName | "address")[];
};
