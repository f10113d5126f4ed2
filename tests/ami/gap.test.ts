// A page tells that something was not seen while the link to the PBX was away.

import { expect, it } from "bun:test";
import { recordedEvents, recordsOfEvents } from "../support/ami.ts";
import { assembled } from "../support/calls.ts";

it("a call that lived through a gap says for how long nothing was heard", async () => {
  const events = recordedEvents("in_answered");
  const first = events[0]?.body ?? {};
  const id = String(first["UniqueId"]);
  const gap = {
    event: "gap",
    body: {
      UniqueId: id,
      EventId: "g-1",
      EventTime: Number(first["EventTime"]) + 3.5,
      _gap: 7,
      _recovered: true,
    },
  };
  const whole = await assembled(recordsOfEvents(events), id);
  const torn = await assembled(recordsOfEvents([...events, gap]), id);
  const { doubts: _, records: __, ...facts } = torn ?? { doubts: [], records: [] };
  expect(torn?.doubts.find(({ code }) => code === "gap")?.count).toBe(7);
  expect(whole?.doubts.some(({ code }) => code === "gap")).toBe(false);
  expect(facts).toMatchObject({ call: whole?.call ?? {} });
});
