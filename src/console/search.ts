// The calls of one number over all enterprises: who rang, and whom, when a subscriber complains. Bounded in every direction.

import type { FoundCall } from "../../views/console-view.ts";
import type { CallHistory } from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { mapAtMost } from "../lib/at-most.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { HOUR_MS } from "../lib/time.ts";
import { type After, within } from "../lib/within.ts";
import { callPath, callToken } from "../pages/index.ts";
import type { Directory } from "../people/index.ts";

/** Digits that are needed: of fewer, half of all calls would be found. */
export const MIN_SEARCH_DIGITS = 4;
/** No number is longer, with every prefix. */
const MAX_DIGITS = 24;
/** Calls shown of one enterprise, the newest. */
const PER_ENTERPRISE = 10;
/** Calls shown altogether. */
export const MAX_FOUND = 100;
/** Enterprises looked through at the same time. */
const AT_ONCE = 4;
/** How long one enterprise may take, in milliseconds; what it has not told by then is missing, and the page says so. */
const WAIT_MS = 5000;
/** How long the links to calls work, in milliseconds. */
const CALL_LINK_MS = 12 * HOUR_MS;

export type SearchOptions = {
  readonly directory: Pick<Directory, "enterprises">;
  readonly history: Pick<CallHistory, "calls">;
  readonly clock: Clock;
  readonly log: Log;
  /** Timers; default: the machine's. */
  readonly after?: After;
};

export type Found = {
  /** Newest first. */
  readonly calls: readonly FoundCall[];
  /** False where calls may be missing: too many, days that are being read, files that cannot be. */
  readonly isComplete: boolean;
};

/** The digits that are looked for; undefined where there are too few, or too many. */
export const searchedDigits = (text: string): string | undefined => {
  const digits = text.replace(/\D/g, "");
  return digits.length >= MIN_SEARCH_DIGITS && digits.length <= MAX_DIGITS ? digits : undefined;
};

/** A link to the page of a call, made on the spot; undefined where none of it opens. */
export const callHrefOf = async (
  { number, secret, active }: Enterprise,
  uniqueId: string,
  now: number,
): Promise<string | undefined> => {
  if (!active || secret === "") return undefined;
  const scope = { enterprise: number, uniqueId };
  return callPath(scope, await callToken(secret, scope, now + CALL_LINK_MS));
};

const searchOne = async (
  { history, clock, log, after }: SearchOptions,
  enterprise: Enterprise,
  digits: string,
): Promise<Found> => {
  const nothing: Found = { calls: [], isComplete: false };
  const search = async (): Promise<Found> => {
    const page = await history.calls(
      enterprise.number,
      { number: digits },
      { limit: PER_ENTERPRISE },
    );
    const now = clock.now();
    const calls = await Promise.all(
      page.rows.map(async (row) => ({
        enterprise: enterprise.number,
        enterpriseName: enterprise.name,
        startedAt: row.startedAt,
        phone: row.phone,
        direction: row.direction,
        status: row.status,
        staff: row.answeredBy.length > 0 ? row.answeredBy : row.extensions,
        href: await callHrefOf(enterprise, row.uniqueId, now),
      })),
    );
    return { calls, isComplete: page.isComplete && page.next === undefined };
  };
  try {
    return await within(search(), WAIT_MS, () => nothing, after);
  } catch (error) {
    log.warn("the console cannot search the calls of an enterprise", {
      enterprise: enterprise.number,
      error,
    });
    return nothing;
  }
};

/** Looks through all enterprises. @throws DirectoryError where the directory does not answer. */
export const searchNumber = async (options: SearchOptions, digits: string): Promise<Found> => {
  const enterprises = await options.directory.enterprises();
  const found = await mapAtMost(AT_ONCE, enterprises, (enterprise) =>
    searchOne(options, enterprise, digits),
  );
  const calls = found.flatMap((one) => one.calls).sort((a, b) => b.startedAt - a.startedAt);
  return {
    calls: calls.slice(0, MAX_FOUND),
    isComplete: found.every(({ isComplete }) => isComplete) && calls.length <= MAX_FOUND,
  };
};
