// What came to an enterprise and was refused, or was so broken that only a part of it could be recorded.

import type { Refused, SalvagedEvent } from "../../views/console-view.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { withoutCredentialsIn } from "../domain/masked.ts";
import type { StoredRecord } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import { printable } from "../lib/printable.ts";
import { DAY_MS, HOUR_MS } from "../lib/time.ts";
import type { RefusalJournal } from "../sources/webhooks/index.ts";
import { callHrefOf } from "./search.ts";

/** How far back is looked, in days. */
export const FAULT_DAYS = 3;
/** Refusals of this time are a mark in the table of enterprises. In milliseconds. */
const LATELY_MS = HOUR_MS;
/** As many of each are shown. */
const MAX_SHOWN = 50;
/** Of what came, as much is shown. In UTF-16 units. */
const MAX_RAW_LENGTH = 600;
/** Longer is not searched for broken events, in milliseconds: files may be large. */
const MAX_SEARCH_MS = 3000;

export type FaultOptions = {
  readonly refusals: Pick<RefusalJournal, "since">;
  /** An enterprise's broken events since a moment, newest first, for as long as they are wanted. */
  readonly salvagedSince: (
    enterprise: string,
    since: number,
    isWanted: () => boolean,
  ) => AsyncIterable<StoredRecord>;
  readonly clock: Clock;
};

/** Of an enterprise, or of events whose enterprise is not known; the newest first. @throws Error where they cannot be read */
export const refusalsOf = (
  { refusals, clock }: Pick<FaultOptions, "refusals" | "clock">,
  enterprise: string | undefined,
): Refused[] =>
  refusals
    .since(clock.now() - FAULT_DAYS * DAY_MS)
    .filter((refusal) => refusal.enterprise === enterprise)
    .slice(0, MAX_SHOWN);

/** The enterprises that events were refused of lately. @throws Error where that cannot be read */
export const refusedLately = ({
  refusals,
  clock,
}: Pick<FaultOptions, "refusals" | "clock">): ReadonlySet<string> =>
  new Set(refusals.since(clock.now() - LATELY_MS).flatMap(({ enterprise }) => enterprise ?? []));

/** The broken events of an enterprise, newest first. @throws Error where its files cannot be read */
export const salvagedOf = async (
  { salvagedSince, clock }: FaultOptions,
  enterprise: Enterprise,
): Promise<{ readonly events: readonly SalvagedEvent[]; readonly isComplete: boolean }> => {
  const began = clock.now();
  const events: SalvagedEvent[] = [];
  let isComplete = true;
  const isWanted = (): boolean => {
    isComplete = events.length < MAX_SHOWN && clock.now() - began <= MAX_SEARCH_MS;
    return isComplete;
  };
  const since = began - FAULT_DAYS * DAY_MS;
  for await (const record of salvagedSince(enterprise.number, since, isWanted)) {
    const raw = record.kind === "AST" ? record.body["_raw"] : undefined;
    if (record.kind !== "AST" || typeof raw !== "string") continue;
    events.push({
      at: record.at,
      event: record.event,
      uniqueId: record.uniqueId,
      received: printable(withoutCredentialsIn(raw, enterprise), MAX_RAW_LENGTH),
      href: await callHrefOf(enterprise, record.uniqueId, began),
    });
  }
  return { events, isComplete };
};
