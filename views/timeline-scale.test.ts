import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { timelineScale } from "./timeline-scale.ts";

describe("timelineScale", () => {
  it("is true to time where nothing dwarfs the rest", () => {
    const { at, breaks } = timelineScale([1000, 2000, 5000]);
    expect([1000, 2000, 3500, 5000].map(at)).toEqual([0, 25, 62.5, 100]);
    expect(breaks).toEqual([]);
  });

  it("shortens two hours of talk so that five seconds of ringing stay visible", () => {
    const { at, breaks } = timelineScale([0, 5000, 7_205_000]);
    expect(at(5000)).toBeCloseTo(10, 5);
    expect(breaks.length).toBe(1);
    expect(breaks[0]).toBeGreaterThan(at(5000));
  });

  it("shortens an hour before a transfer and an hour after it alike", () => {
    const { at, breaks } = timelineScale([0, 5000, 3_605_000, 3_610_000, 7_610_000]);
    expect(at(5000)).toBeCloseTo(5, 5);
    expect(breaks.map(Math.round)).toEqual([28, 78]);
  });

  it("is true to time in a call of a minute or two, whatever rang in it", () => {
    expect(timelineScale([0, 300, 20_000, 46_000]).breaks).toEqual([]);
    expect(timelineScale([0, 2000, 60_000, 61_000, 120_000]).breaks).toEqual([]);
  });

  it("stands still for a call without a length", () => {
    const { at } = timelineScale([5000]);
    expect([4000, 5000, 6000].map(at)).toEqual([0, 0, 0]);
  });

  it("never goes back and never leaves the drawing, for any moments", () => {
    const moments = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(moments, fc.array(fc.integer({ min: -10, max: 1e9 + 10 })), (known, asked) => {
        const { at } = timelineScale(known);
        const places = asked.toSorted((a, b) => a - b).map(at);
        for (const [index, place] of places.entries()) {
          expect(place).toBeWithin(0, 100 + 1e-9);
          if (index > 0) expect(place).toBeGreaterThanOrEqual((places[index - 1] as number) - 1e-9);
        }
      }),
    );
  });
});
