import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { isWorking, nextWorking, parseWorkingHours } from "./working-hours.ts";

const MINSK = "Europe/Minsk";
const BERLIN = "Europe/Berlin";
const hours = (text: string) => {
  const read = parseWorkingHours(text);
  if (read === undefined) throw new Error(`${text} is not read`);
  return read;
};
const minsk = (local: string): number => Date.parse(`${local.replace(" ", "T")}+03:00`);
const next = (text: string, local: string): string =>
  new Date((nextWorking(hours(text), minsk(local), MINSK) ?? 0) + 3 * 3_600_000)
    .toISOString()
    .slice(0, 16)
    .replace("T", " ");

describe("working hours", () => {
  it("are read as people write them, and refused where they make no sense", () => {
    for (const good of ["mon-fri 09:00-18:00", "Mon-Fri 9:00-18:00, sat 10:00-14:00", "always"])
      expect(parseWorkingHours(good)).toBeDefined();
    for (const bad of [
      "",
      "9-18",
      "mon 18:00",
      "mo-fr 09:00-18:00",
      "mon 25:00-26:00",
      "mon 9:00-9:00",
    ])
      expect(parseWorkingHours(bad)).toBeUndefined();
    for (const bad of [
      "mon 09:00-24:30",
      "mon-fri 09:00-18:00,",
      "mon-fri 09:00-18:00; sat 1:00-2:00",
    ])
      expect(parseWorkingHours(bad)).toBeUndefined();
  });

  it("wait for the next working moment: the same day, the next one, over the weekend", () => {
    const week = "mon-fri 09:00-18:00";
    expect(next(week, "2026-11-24 10:15")).toBe("2026-11-24 10:15");
    expect(next(week, "2026-11-24 08:59")).toBe("2026-11-24 09:00");
    expect(next(week, "2026-11-24 18:00")).toBe("2026-11-25 09:00");
    expect(next(week, "2026-11-27 18:10")).toBe("2026-11-30 09:00");
    expect(next("mon-fri 09:00-18:00, sat 10:00-14:00", "2026-11-27 18:10")).toBe(
      "2026-11-28 10:00",
    );
    expect(next("sat-mon 10:00-11:00", "2026-11-24 10:00")).toBe("2026-11-28 10:00");
    expect(next("tue 10:00-11:00", "2026-11-24 11:00")).toBe("2026-12-01 10:00");
  });

  it("go on past midnight where they are written so", () => {
    const night = "fri 22:00-06:00";
    expect(next(night, "2026-11-28 05:59")).toBe("2026-11-28 05:59");
    expect(next(night, "2026-11-28 06:00")).toBe("2026-12-04 22:00");
    expect(next("mon-sun 00:00-24:00", "2026-11-28 23:59")).toBe("2026-11-28 23:59");
    expect(isWorking(null, 0, MINSK)).toBe(true);
  });

  it("follow the clocks of the zone when they are changed", () => {
    // The 29th of March 2026 has no 02:30 in Berlin; the 25th of October has it twice.
    const early = hours("sun 02:30-04:00");
    const spring = Date.parse("2026-03-29T00:00:00Z");
    expect(nextWorking(early, spring, BERLIN)).toBe(Date.parse("2026-03-29T01:30:00Z"));
    const autumn = hours("sun 01:00-02:30");
    expect(isWorking(autumn, Date.parse("2026-10-25T01:29:00Z"), BERLIN)).toBe(true);
    expect(isWorking(autumn, Date.parse("2026-10-25T01:30:00Z"), BERLIN)).toBe(false);
  });

  it("never answer a moment before the one asked for, and one that is a working one", () => {
    const texts = ["mon-fri 09:00-18:00", "sat 23:00-03:00, wed 10:00-10:05", "sun 00:00-24:00"];
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.constantFrom(MINSK, BERLIN, "Asia/Kathmandu", "America/St_Johns"),
        fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) }),
        (text, zone, ms) => {
          const at = nextWorking(hours(text), ms, zone);
          expect(at).toBeGreaterThanOrEqual(ms);
          expect(isWorking(hours(text), at ?? 0, zone)).toBe(true);
        },
      ),
    );
  });
});
