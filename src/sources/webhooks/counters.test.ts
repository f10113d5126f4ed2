import { expect, it } from "bun:test";
import { countEvent, createIntakeCounters, eventCounts } from "./counters.ts";

it("counts hold and unhold by their names, and every name that nobody knows as one", () => {
  const counters = createIntakeCounters();
  for (const event of ["hold", "unhold", "unhold", "voicemail", "x"]) {
    countEvent(counters, event, "recorded");
  }
  expect([...eventCounts(counters)].filter(([, , count]) => count > 0)).toEqual([
    ["hold", "recorded", 1],
    ["unhold", "recorded", 2],
    ["other", "recorded", 2],
  ]);
});
