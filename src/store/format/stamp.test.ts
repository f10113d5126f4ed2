import { expect, it } from "bun:test";
import fc from "fast-check";
import { formatStamp, tryParseStamp } from "./stamp.ts";

const LAST_MS = 253_402_300_799_999;

it("reads what it writes, whatever the order of the days", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: LAST_MS })), (times) => {
      for (const at of times) expect(tryParseStamp(formatStamp(at))).toBe(at);
    }),
  );
});

it("takes a point before the milliseconds", () => {
  expect(tryParseStamp("2025-11-30 09:08:42.025")).toBe(Date.UTC(2025, 10, 30, 9, 8, 42, 25));
});

it("takes no text of another form, and no time that there is none of", () => {
  const good = "2025-11-30 09:08:42,025";
  expect(tryParseStamp(good)).toBeDefined();
  const changed = fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom("x", "/", ":", "٣", "", "00", " "))
    .map(([at, text]) => `${good.slice(0, at)}${text}${good.slice(at + 1)}`)
    .filter((text) => !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d{3}$/.test(text));
  fc.assert(fc.property(changed, (text) => expect(tryParseStamp(text)).toBeUndefined()));
  for (const text of [
    "2025-02-30 09:08:42,025",
    "2025-13-01 09:08:42,025",
    "2025-00-10 09:08:42,025",
    "2025-11-00 09:08:42,025",
    "2025-11-30 24:08:42,025",
    "2025-11-30 09:60:42,025",
    "2025-11-30 09:08:60,025",
    "1969-12-31 23:59:59,999",
  ]) {
    expect(tryParseStamp(text)).toBeUndefined();
  }
});
