import { afterEach, beforeEach, describe, expect, it, jest } from "bun:test";
import { handTime } from "../../tests/support/hand-time.ts";
import { createSleeper, systemScheduler } from "./scheduler.ts";
import { DAY_MS } from "./time.ts";

describe("systemScheduler", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const clock = { now: () => Date.now() };
  const seen = () => {
    let rang = 0;
    return { rings: () => rang, ring: () => void rang++ };
  };

  it("runs the work at its time, once", () => {
    const { rings, ring } = seen();
    systemScheduler(clock).at(clock.now() + 1000, ring);
    jest.advanceTimersByTime(999);
    expect(rings()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(rings()).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(rings()).toBe(1);
  });

  it("runs what is due already as soon as it can, and not before it returns", () => {
    const { rings, ring } = seen();
    systemScheduler(clock).at(clock.now() - DAY_MS, ring);
    expect(rings()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(rings()).toBe(1);
  });

  it("waits longer than the longest timer of the machine", () => {
    const { rings, ring } = seen();
    systemScheduler(clock).at(clock.now() + 60 * DAY_MS, ring);
    for (let day = 1; day < 60; day++) {
      jest.advanceTimersByTime(DAY_MS);
      expect(rings()).toBe(0);
    }
    jest.advanceTimersByTime(DAY_MS);
    expect(rings()).toBe(1);
  });

  it("is called off, also after a part of a long wait", () => {
    const { rings, ring } = seen();
    const scheduler = systemScheduler(clock);
    scheduler.at(clock.now() + 1000, ring)();
    const callOff = scheduler.at(clock.now() + 60 * DAY_MS, ring);
    jest.advanceTimersByTime(40 * DAY_MS);
    callOff();
    jest.advanceTimersByTime(40 * DAY_MS);
    expect(rings()).toBe(0);
  });
});

describe("createSleeper", () => {
  const setUp = () => {
    const time = handTime();
    return { time, sleeper: createSleeper(time, time), awake: [] as string[] };
  };

  it("wakes each after its own time", async () => {
    const { time, sleeper, awake } = setUp();
    const both = Promise.all([
      sleeper.sleep(2000).then(() => awake.push("late")),
      sleeper.sleep(1000).then(() => awake.push("early")),
    ]);
    time.pass(999);
    await Promise.resolve();
    expect(awake).toEqual([]);
    time.pass(1001);
    await both;
    expect(awake).toEqual(["early", "late"]);
  });

  it("wakes everybody at once where it is told to, and leaves no timer behind", async () => {
    const { time, sleeper } = setUp();
    const both = Promise.all([sleeper.sleep(DAY_MS), sleeper.sleep(1000)]);
    sleeper.wakeAll();
    await both;
    expect(time.nextAt()).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets them sleep again afterwards", async () => {
    const { time, sleeper } = setUp();
    sleeper.wakeAll();
    let isAwake = false;
    const sleeping = sleeper.sleep(1000).then(() => {
      isAwake = true;
    });
    await Promise.resolve();
    expect(isAwake).toBe(false);
    time.pass(1000);
    await sleeping;
  });
});
