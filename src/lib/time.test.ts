import { expect, it } from "bun:test";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, wholeSeconds } from "./time.ts";

it("spans are of each other", () => {
  const [begin, end] = [Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 23)];
  expect(end - begin).toBe(DAY_MS);
  expect([24 * HOUR_MS, 24 * 60 * MINUTE_MS, 86_400 * SECOND_MS]).toEqual([DAY_MS, DAY_MS, DAY_MS]);
});

it("seconds are told whole, half up", () => {
  const cases: readonly (readonly [ms: number, seconds: number])[] = [
    [0, 0],
    [499, 0],
    [500, 1],
    [1499, 1],
    // The span in the user's document, shown there as 02:15.
    [134_500, 135],
    [134_499, 134],
  ];
  for (const [ms, seconds] of cases) expect(`${ms}: ${wholeSeconds(ms)}`).toBe(`${ms}: ${seconds}`);
});

it("a time that is not known stays unknown", () => {
  expect(wholeSeconds(null)).toBeNull();
});
