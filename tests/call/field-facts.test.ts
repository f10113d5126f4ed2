// Calls made by hand in the way senders post, assembled from every id, against what somebody beside the phones saw.

import { describe, expect, it } from "bun:test";
import { wholeSeconds } from "../../src/lib/time.ts";
import { scenarios } from "../../src/scenarios/index.ts";
import { assembled, astRecord } from "../support/calls.ts";

describe("assembleCall, over hand-made calls", () => {
  for (const { name, events, facts } of scenarios()) {
    if (facts === undefined) continue;
    it(`${name}: ${facts.direction} ${facts.status}`, async () => {
      const records = events.map(({ at, event, body }) => astRecord(at, event, body));
      const placing = records.find(
        ({ kind, ...of }) => "event" in of && /start|dial|hangup/.test(of.event),
      );
      const found = await assembled(records, placing?.uniqueId as string);
      if (found === undefined) throw new Error("no call");
      const { call } = found;
      expect({
        direction: call.direction,
        status: call.status,
        phone: call.phone?.replace("+", ""),
        answeredBy: call.answeredBy,
        talkSeconds: wholeSeconds(call.talkMs),
        // Null where no event tells when the call began.
        waitSeconds: facts.waitSeconds === null ? null : wholeSeconds(call.waitMs),
      }).toEqual({
        direction: facts.direction,
        status: facts.status,
        phone: facts.phone,
        answeredBy: [...facts.answeredBy],
        talkSeconds: facts.talkSeconds,
        waitSeconds: facts.waitSeconds,
      });
      for (const uniqueId of call.uniqueIds) {
        expect((await assembled(records, uniqueId))?.records.length).toBe(found.records.length);
      }
    });
  }

  it("finds all 45 records of an attended transfer with 8 ids and 5 bridges", async () => {
    const scenario = scenarios().find(({ name }) => name === "field_transfer_attended");
    const records = (scenario?.events ?? []).map(({ at, event, body }) =>
      astRecord(at, event, body),
    );
    const found = await assembled(records, records.at(-1)?.uniqueId as string);
    expect(found?.records.length).toBe(45);
    expect(found?.call.uniqueIds.length).toBe(8);
    expect(found?.call.bridgeIds.length).toBe(5);
  });
});
