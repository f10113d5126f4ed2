import { expect, it } from "bun:test";
import { within } from "./within.ts";

it("answers with the work where it comes in time, with its failure too", async () => {
  expect(await within(Promise.resolve(1), 60_000, () => "late")).toBe(1);
  expect(within(Promise.reject(new Error("no")), 60_000, () => "late")).rejects.toThrow("no");
});

it("answers with what stands in where the work is late, whatever becomes of the work", async () => {
  const { promise, reject } = Promise.withResolvers<number>();
  expect(await within(promise, 1, () => "late")).toBe("late");
  reject(new Error("nobody waits for this"));
});

it("waits by the timer it is given, and calls it off where the work comes in time", async () => {
  const timers = new Map<number, () => void>();
  const after = (delayMs: number, then: () => void) => {
    timers.set(delayMs, then);
    return () => timers.delete(delayMs);
  };
  const slow = within(Promise.withResolvers<number>().promise, 100, () => "late", after);
  expect(await within(Promise.resolve(1), 200, () => "late", after)).toBe(1);
  expect([...timers.keys()]).toEqual([100]);
  timers.get(100)?.();
  expect(await slow).toBe("late");
});

it("passes on what the stand-in throws", () => {
  const { promise } = Promise.withResolvers<number>();
  const late = within(promise, 1, () => {
    throw new Error("too late");
  });
  expect(late).rejects.toThrow("too late");
});
