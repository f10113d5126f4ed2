// The load and fault suite in its short form: half a minute in which everything fails once. The long form is
// `bun run soak`.

import { expect, it } from "bun:test";
import { runSoak } from "../../scripts/soak/run.ts";

const ENTERPRISES = 8;

it("loses no event and no final card while everything around the service fails", async () => {
  const { verdict, traffic, crashes, faults } = await runSoak({
    seconds: 24,
    enterprises: ENTERPRISES,
    callsPerMinute: 90,
  });
  expect(traffic.calls.length).toBeGreaterThan(20);
  expect(faults.length).toBeGreaterThan(10);
  expect(verdict).toMatchObject({
    lost: 0,
    doubled: 0,
    malformed: 0,
    misfiled: 0,
    outOfOrder: 0,
    days: 2,
    callsWithoutFinalCard: 0,
    cardsLeftStanding: 0,
    cardsThatTellWrong: 0,
  });
  expect(verdict.missed.returned ?? 0).toBeGreaterThan(0);
  expect(verdict.extraCards).toBeLessThanOrEqual(crashes * ENTERPRISES);
  expect(traffic.updates).toBeGreaterThan(0);
  expect(traffic.endedStreams).toBeGreaterThan(0);
}, 240_000);
