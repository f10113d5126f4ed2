import { expect, it } from "bun:test";
import { createBreaker } from "./breaker.ts";

const opened = () => {
  const time = { now: 1_000_000 };
  const breaker = createBreaker({
    clock: { now: () => time.now },
    firstPauseMs: 5000,
    longestPauseMs: 60_000,
    trialMs: 2000,
  });
  /** Milliseconds until somebody may ask. */
  const pause = (): number => {
    const from = time.now;
    while (breaker.isOpen()) time.now += 500;
    return time.now - from;
  };
  return { time, breaker, pause };
};

it("lets everybody ask while there is no failure", () => {
  const { breaker } = opened();
  expect([breaker.admit(), breaker.admit(), breaker.isOpen()]).toEqual([true, true, false]);
});

it("lets one try after a pause, and the others wait for how that goes", () => {
  const { breaker, time } = opened();
  breaker.failed();
  expect(breaker.admit()).toBe(false);
  time.now += 5000;
  expect([breaker.admit(), breaker.admit()]).toEqual([true, false]);
  // The one who tried never reported.
  time.now += 2000;
  expect(breaker.admit()).toBe(true);
  breaker.answered();
  expect([breaker.admit(), breaker.admit()]).toEqual([true, true]);
});

it("tries less and less often, and at once again after an answer", () => {
  const { breaker, pause } = opened();
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    breaker.failed();
    breaker.failed();
    pauses.push(pause());
    breaker.admit();
  }
  expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  breaker.answered();
  breaker.failed();
  expect(pause()).toBe(5000);
});

it("does not wait longer because a clock was set back", () => {
  const { breaker, time } = opened();
  breaker.failed();
  time.now -= 3_600_000;
  expect(breaker.admit()).toBe(true);
});
