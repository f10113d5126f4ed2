// Counts over a period, from the same rows as the list. Only rows of calls under way are parsed.

import { HOUR_MS } from "../../lib/time.ts";
import { isLive, isMissed } from "../types.ts";
import type { Layer } from "./day-book.ts";
import { directionOfCode, OPEN_CODE, rowAt, statusOfCode } from "./row.ts";
import type { ListMoment } from "./select.ts";
import { entryAt, firstBefore, NO_DURATION } from "./table.ts";
import type { CallRow, DaySummary } from "./types.ts";

type Facts = Pick<CallRow, "direction" | "status" | "waitMs" | "talkMs">;

/** Milliseconds since the epoch; `isComplete`: whether all rows of it are in the layers. */
type Stretch = { readonly from: number; readonly to: number; readonly isComplete: boolean };

/** Counts what `layers` hold of calls that began in `[from, to)`; rows that newer layers replace must be marked. */
export const summarise = async (
  layers: readonly Layer[],
  { from, to, isComplete }: Stretch,
  { now, callTimeoutMs }: ListMoment,
): Promise<DaySummary> => {
  const hours = Array.from(
    { length: Math.max(0, Math.ceil((to - from) / HOUR_MS)) },
    (_, hour) => ({
      from: from + hour * HOUR_MS,
      answered: 0,
      unanswered: 0,
    }),
  );
  const counts = {
    calls: 0,
    incoming: 0,
    outgoing: 0,
    internal: 0,
    answered: 0,
    incomingAnswered: 0,
    missed: 0,
    talkMs: 0,
  };
  let waitedMs = 0;
  let waits = 0;
  const count = (startedAt: number, { direction, status, waitMs, talkMs }: Facts): void => {
    // Nobody was called.
    if (status === "service") return;
    counts.calls += 1;
    if (direction !== "unknown") counts[direction] += 1;
    if (isLive(status)) return;
    const hour = hours[Math.floor((startedAt - from) / HOUR_MS)];
    if (status !== "answered") {
      if (hour !== undefined) hour.unanswered += 1;
      if (isMissed({ direction, status })) counts.missed += 1;
      return;
    }
    if (hour !== undefined) hour.answered += 1;
    counts.answered += 1;
    counts.talkMs += talkMs ?? 0;
    if (direction !== "incoming") return;
    counts.incomingAnswered += 1;
    if (waitMs === null) return;
    waits += 1;
    waitedMs += waitMs;
  };
  const durationOf = (ms: number | undefined): number | null =>
    ms === undefined || ms === NO_DURATION ? null : ms;
  for (const { table, dead } of layers) {
    for (let index = firstBefore(table, to); index < table.count; index += 1) {
      const startedAt = table.startedAt[index] ?? 0;
      if (startedAt < from) break;
      if (dead?.[index] === 1) continue;
      const code = table.codes[index] ?? 0;
      count(
        startedAt,
        code === OPEN_CODE
          ? rowAt(entryAt(await table.texts.load(), index), now, callTimeoutMs)
          : {
              direction: directionOfCode(code),
              status: statusOfCode(code),
              waitMs: durationOf(table.waits[index]),
              talkMs: durationOf(table.talks[index]),
            },
      );
    }
  }
  return { hours, ...counts, meanWaitMs: waits === 0 ? null : waitedMs / waits, isComplete };
};
