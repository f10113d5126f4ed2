// The short look at events that are plainly one call decides as the long one does.

import { expect, it } from "bun:test";
import fc from "fast-check";
import { astRecord } from "../../tests/support/calls.ts";
import { type CallEvent, callEvents } from "./events.ts";
import { partition } from "./identity.ts";

const START = Date.UTC(2026, 10, 22, 9);
const TIMEOUT_MS = 60_000;

const event = fc.record({
  at: fc.integer({ min: 0, max: 70_000 }),
  type: fc.constantFrom(
    ...["start", "dial", "bridge", "bridge", "bridge_leave", "bridge_create", "bridge_destroy"],
    ...["hangup", "new_callerid"],
  ),
  UniqueId: fc.constantFrom("", "1.1", "1.2", "1.3"),
  Linkedid: fc.constantFrom("", "", "1.1", "1.2"),
  Channel: fc.constantFrom("", "PJSIP/151-01", "PJSIP/mts-02", "Local/1@x-03;1", "Local/1@x-03;2"),
  BridgeUniqueid: fc.constantFrom("", "b1", "b2"),
  BridgeTechnology: fc.constantFrom("", "", "holding_bridge"),
});

/** Nobody's, and so long after the others that a short look does not tell. */
const farAway = astRecord(START + 10 * TIMEOUT_MS, "start", { UniqueId: "9.9" });

const ordersOf = (calls: readonly (readonly CallEvent[])[]): number[][] =>
  calls.map((call) => call.map(({ order }) => order));

it("is the same with an event beside it that forbids the short look", () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (told) => {
      const records = told.map(({ at, type, ...body }) => astRecord(START + at, type, body));
      const alone = partition(callEvents(records), TIMEOUT_MS);
      const beside = partition(callEvents([...records, farAway]), TIMEOUT_MS);
      expect(ordersOf(alone)).toEqual(
        ordersOf(beside).filter(([order]) => order !== records.length),
      );
    }),
    { numRuns: 5000 },
  );
});
