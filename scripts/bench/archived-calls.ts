// Calls whose records lie where an archive has to look twice, put into the files of a tree of days: over a midnight, and with
// records that came days late. What a transfer of many legs is, the sample calls of a tree have.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatDay, formatStamp, STAMP_LENGTH } from "../../src/store/format/stamp.ts";

const DAY_MS = 86_400_000;

/** A unique id for each kind, in the words of a table. */
export type PlacedCalls = {
  readonly overMidnight: readonly string[];
  readonly late: readonly string[];
};

const lineOf = (at: number, id: string, event: string, body: object): string =>
  `${formatStamp(at)}|AST|${event}|${id}|${JSON.stringify({ UniqueId: id, CallType: 0, Phone: "375291112299", ...body })}`;

/**
 * Puts `count` calls of each kind into the finished days of an enterprise, their lines in the order of time.
 *
 * @param day in days since the epoch; it, the next day and the one after that must have finished
 */
export const placeCalls = (folder: string, day: number, count: number): PlacedCalls => {
  const lines = new Map<number, string[]>();
  const add = (...given: Parameters<typeof lineOf>): void => {
    const of = Math.floor(given[0] / DAY_MS);
    lines.set(of, [...(lines.get(of) ?? []), lineOf(...given)]);
  };
  const overMidnight: string[] = [];
  const late: string[] = [];
  const midnight = (day + 1) * DAY_MS;
  for (let call = 0; call < count; call += 1) {
    const rung = midnight - 60_000 - call * 1000;
    const night = `${rung / 1000}.9${call}`;
    add(rung, night, "start", {});
    add(rung + 1, night, "dial", { Extensions: ["151"] });
    add(midnight + 9000 + call * 1000, night, "hangup", { CallStatus: "0", Extensions: [""] });
    overMidnight.push(night);
    const noon = midnight - DAY_MS / 2 + call * 60_000;
    const noonId = `${noon / 1000}.8${call}`;
    add(noon, noonId, "start", {});
    add(noon + 20_000, noonId, "hangup", { CallStatus: "0", Extensions: [""] });
    // A sender that was cut off gave what it had kept: its own time is in the body.
    add(noon + 2 * DAY_MS, noonId, "dial", { Extensions: ["151"], EventTime: noon / 1000 + 1 });
    late.push(noonId);
  }
  for (const [of, own] of lines) {
    const path = join(folder, `events.log.${formatDay(of)}`);
    const there = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    // Lines begin with their stamps.
    const stampOf = (line: string): string => line.slice(0, STAMP_LENGTH);
    const all = [...there, ...own].sort(
      (a, b) => Number(stampOf(a) > stampOf(b)) - Number(stampOf(a) < stampOf(b)),
    );
    writeFileSync(path, `${all.join("\n")}\n`);
  }
  return { overMidnight, late };
};
