// Days where clocks are moved, at the edges of the map, and where there is no midnight.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { addDays, dayBounds, dayIn, isDay, localStamp, momentsOf, utcOffset } from "./zone-day.ts";

const hours = (day: string, zone: string): number => {
  const { from, to } = dayBounds(day, zone);
  return (to - from) / 3_600_000;
};

describe("dayBounds", () => {
  const CASES: readonly [day: string, zone: string, from: string, hours: number][] = [
    ["2026-11-22", "UTC", "2026-11-22T00:00:00.000Z", 24],
    ["2026-11-22", "Europe/Minsk", "2026-11-21T21:00:00.000Z", 24],
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", 23],
    ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", 25],
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z", 23],
    ["2018-02-17", "America/Sao_Paulo", "2018-02-17T02:00:00.000Z", 25],
    ["2026-04-05", "Australia/Lord_Howe", "2026-04-04T13:00:00.000Z", 24.5],
    ["2026-01-01", "Pacific/Kiritimati", "2025-12-31T10:00:00.000Z", 24],
    ["2026-01-01", "Pacific/Pago_Pago", "2026-01-01T11:00:00.000Z", 24],
  ];
  for (const [day, zone, from, length] of CASES) {
    it(`${day} in ${zone} has ${length} hours`, () => {
      expect(new Date(dayBounds(day, zone).from).toISOString()).toBe(from);
      expect(hours(day, zone)).toBe(length);
    });
  }

  it("holds every moment of its day and no other", () => {
    const zones = ["Europe/Minsk", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"];
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) }),
        fc.constantFrom(...zones),
        (ms, zone) => {
          const { from, to } = dayBounds(dayIn(ms, zone), zone);
          expect(from).toBeLessThanOrEqual(ms);
          expect(ms).toBeLessThan(to);
        },
      ),
      { numRuns: 60 },
    );
  });
});

it("knows the days of the calendar", () => {
  for (const day of ["2026-11-22", "2024-02-29", "1970-01-01"]) expect(isDay(day)).toBe(true);
  for (const day of ["2026-02-29", "2026-13-01", "26-11-22", "2026-1-2", "", "2026-11-22 "]) {
    expect(isDay(day)).toBe(false);
  }
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
});

it("shows a moment as the zone's clocks do", () => {
  const at = Date.UTC(2026, 10, 22, 7, 25, 55);
  expect(localStamp(at, "Europe/Minsk")).toBe("2026-11-22 10:25:55");
  expect(utcOffset(at, "Europe/Minsk")).toBe("+03:00");
  expect(utcOffset(at, "America/St_Johns")).toBe("-03:30");
  expect(utcOffset(at, "UTC")).toBe("+00:00");
});

describe("momentsOf", () => {
  const iso = (local: string, zone: string) =>
    momentsOf(Date.parse(`${local}Z`), zone).map((ms) => new Date(ms).toISOString().slice(0, 16));

  it("is the inverse of what the clocks show, through both changes of a year", () => {
    expect(iso("2026-11-22T10:25", "Europe/Minsk")).toEqual(["2026-11-22T07:25"]);
    expect(iso("2026-07-01T10:25", "Europe/Vilnius")).toEqual(["2026-07-01T07:25"]);
    // Comes twice.
    expect(iso("2026-10-25T03:30", "Europe/Vilnius")).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:30",
    ]);
    expect(iso("2026-10-25T02:59", "Europe/Vilnius")).toEqual(["2026-10-24T23:59"]);
    expect(iso("2026-10-25T04:00", "Europe/Vilnius")).toEqual(["2026-10-25T02:00"]);
    // Is left out.
    expect(iso("2026-03-29T03:30", "Europe/Vilnius")).toEqual(["2026-03-29T01:30"]);
    expect(iso("2026-03-29T04:00", "Europe/Vilnius")).toEqual(["2026-03-29T01:00"]);
  });
});
