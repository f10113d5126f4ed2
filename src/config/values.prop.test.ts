import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import {
  DURATION_UNITS_MS,
  type DurationUnit,
  duration,
  parseDurationMs,
  parseSizeBytes,
} from "./values.ts";

const unit = fc.constantFrom(...(Object.keys(DURATION_UNITS_MS) as DurationUnit[]));
const count = fc.integer({ min: 0, max: 100_000 });

describe("parseDurationMs", () => {
  it("is the count times the unit, and a plain number is in the plain unit", () => {
    fc.assert(
      fc.property(count, unit, unit, (n, written, plain) => {
        expect(parseDurationMs(`${n}${written}`, plain)).toBe(n * DURATION_UNITS_MS[written]);
        expect(parseDurationMs(String(n), plain)).toBe(n * DURATION_UNITS_MS[plain]);
      }),
      { seed: 367 },
    );
  });

  it("answers a whole, exact number or nothing, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{1,16}[a-z]{0,2}$/)),
        unit,
        (text, plain) => {
          const ms = parseDurationMs(text, plain);
          if (ms !== undefined) expect(Number.isSafeInteger(ms) && ms >= 0).toBe(true);
        },
      ),
      { seed: 367 },
    );
  });
});

describe("duration", () => {
  it("takes exactly what lies between its limits", () => {
    const kind = duration("s", "1m", "7d");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 700_000 }), (seconds) => {
        expect(kind.parse(String(seconds), "/").ok).toBe(seconds >= 60 && seconds <= 604_800);
      }),
      { seed: 367 },
    );
  });
});

describe("parseSizeBytes", () => {
  it("reads binary and decimal units, whatever their capitals", () => {
    const units = { B: 1, kB: 1_000, MB: 1_000_000, KiB: 1_024, MiB: 1_048_576 } as const;
    fc.assert(
      fc.property(
        count,
        fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])),
        fc.boolean(),
        (n, name, small) => {
          const text = `${n}${small ? name.toLowerCase() : name}`;
          expect(parseSizeBytes(text)).toBe(n * units[name]);
        },
      ),
      { seed: 367 },
    );
  });
});
