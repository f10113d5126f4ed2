// What the console says of events that were refused or came broken, and of the checks of doctor. Plain text: the page makes
// it safe.

import type { RefusalCode } from "../../domain/refusal.ts";

export type ConsoleFaultsTexts = {
  readonly title: (enterprise: string) => string;
  /** The button of the enterprise's page. */
  readonly open: string;
  readonly refusals: string;
  /** @param days how far back is looked: 2 to 4, as the Russian says it */
  readonly refusalsText: (days: number) => string;
  readonly noRefusals: string;
  /** On the page of the service: refusals whose enterprise nobody knows. */
  readonly unknownTitle: string;
  readonly unknownText: (days: number) => string;
  readonly reason: { readonly [code in RefusalCode]: string };
  readonly columns: {
    readonly reason: string;
    readonly event: string;
    readonly from: string;
    readonly count: string;
    readonly last: string;
  };
  /** Senders that are not told apart. */
  readonly others: string;
  readonly salvaged: string;
  readonly salvagedText: (days: number) => string;
  readonly noSalvaged: string;
  readonly time: string;
  readonly event: string;
  readonly received: string;
  readonly call: string;
  readonly more: string;
  readonly checks: string;
  readonly checksText: string;
  readonly allChecksText: string;
  readonly runAll: string;
  readonly wrong: (count: number) => string;
  readonly notes: (count: number) => string;
  readonly nothingWrong: string;
  readonly good: (count: number) => string;
  readonly level: { readonly [level in "ok" | "note" | "wrong"]: string };
};
