// The list against the slow way to it, over files as they are: whatever order events come in, in however many pieces the
// running file is read, and whatever a former process left beside the files.

import { expect, it } from "bun:test";
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../support/temp-dir.ts";
import {
  allRows,
  appendEvents,
  DAY_MS,
  ENTERPRISE,
  MIDNIGHT,
  open,
  type Posted,
  scenarioAt,
  slowRows,
  writeDays,
} from "./days.ts";

const HOUR_MS = 3_600_000;
/** An event that comes later than the call time-out, and does not tell its time, names another call. */
const SOON_MS = 3 * HOUR_MS;

/** Calls around two midnights, some events late by up to some hours, with or without the sender's time. */
const calls = fc.array(
  fc.record({
    scenario: fc.nat(200),
    // Close to the midnights, where calls cross them.
    at: fc.oneof(
      fc.integer({ min: MIDNIGHT - 2 * 60_000, max: MIDNIGHT + 60_000 }),
      fc.integer({ min: MIDNIGHT - DAY_MS - 60_000, max: MIDNIGHT - DAY_MS + 60_000 }),
      fc.integer({ min: MIDNIGHT - DAY_MS, max: MIDNIGHT + 5 * HOUR_MS }),
    ),
    late: fc.array(
      fc.record({
        event: fc.nat(30),
        byMs: fc.integer({ min: 0, max: 20 * HOUR_MS }),
        tells: fc.boolean(),
      }),
      {
        maxLength: 2,
      },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

type Calls = typeof calls extends fc.Arbitrary<infer T> ? T : never;

const eventsOf = (made: Calls): Posted[] =>
  made
    .flatMap(({ scenario, at, late }, seed) => {
      const events = scenarioAt(scenario, at, seed + 1);
      const posted = [...events];
      for (const { event, byMs, tells } of late) {
        const index = event % events.length;
        const own = posted[index] as Posted;
        const body = tells ? { ...own.body, EventTime: String(own.at / 1000) } : own.body;
        events[index] = { ...own, at: own.at + (tells ? byMs : byMs % SOON_MS), body };
      }
      return events;
    })
    .toSorted((a, b) => a.at - b.at);

it("shows the rows that looking every call up gives, each once", async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (made) => {
      await inTempDir(async (dir) => {
        const events = eventsOf(made);
        const now = Math.max(...events.map(({ at }) => at)) + 1000;
        writeDays(dir, events, now);
        const expected = await slowRows(dir, now);
        const history = open(dir, now);
        expect(await allRows(history)).toEqual(expected);
        await history.idle();
        await history.close();
        // A second process finds what the first one kept.
        const again = open(dir, now, { isReadOnly: true });
        expect(await allRows(again)).toEqual(expected);
        await again.close();
      });
    }),
    { numRuns: 60 },
  );
}, 120_000);

it("keeps up with a file that grows, through midnights and restarts", async () => {
  const steps = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(calls, steps, async (made, cuts) => {
      await inTempDir(async (dir) => {
        const events = eventsOf(made);
        let now = events[0]?.at ?? 0;
        let history = open(dir, () => now);
        const ends = [
          ...cuts.map(([share]) => Math.floor(share * events.length)),
          events.length,
        ].sort((a, b) => a - b);
        let day = Math.floor(now / DAY_MS);
        let from = 0;
        for (const [step, end] of ends.entries()) {
          for (const event of events.slice(from, end)) {
            const eventDay = Math.floor(event.at / DAY_MS);
            if (eventDay !== day && from > 0) {
              const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
              const folder = join(dir, ENTERPRISE);
              if (readdirSync(folder).includes("events.log")) {
                renameSync(join(folder, "events.log"), join(folder, `events.log.${date}`));
              }
            }
            day = eventDay;
            appendEvents(dir, [event]);
            now = event.at;
            from += 1;
          }
          now += 500;
          if (from > 0) expect(await allRows(history)).toEqual(await slowRows(dir, now));
          if (cuts[step]?.[1] === true) {
            await history.idle();
            await history.close();
            history = open(dir, () => now);
          }
        }
        await history.close();
      });
    }),
    { numRuns: 40 },
  );
}, 120_000);
