// What holds for every address: reading never throws, a cursor comes back as it was, what was read asks the right thing.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { callQueryOf, FILTER_NAMES } from "../call/index.ts";
import { cursorText, parseCursor, parseListRequest } from "./calls-query.ts";

const NOW = Date.UTC(2026, 10, 22, 8);
const idCharacter = fc.constantFrom(..."ABCxyz0189._:@+-");

describe("cursorText", () => {
  it("is read back by parseCursor, and needs no escaping in an address", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: Date.UTC(2999, 0) }),
        fc.string({ unit: idCharacter, minLength: 1, maxLength: 128 }),
        (startedAt, uniqueId) => {
          const text = cursorText({ startedAt, uniqueId });
          expect(encodeURIComponent(text)).toBe(text);
          expect(parseCursor(text)).toEqual({ startedAt, uniqueId });
        },
      ),
    );
  });

  it("is the only thing parseCursor takes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cursor = parseCursor(text);
        if (cursor !== undefined) expect(Number.isSafeInteger(cursor.startedAt)).toBe(true);
      }),
    );
    for (const text of ["", "A", "1764493655", "MTIzfA", "fDEuMQ", "MS41fDEuMQ", "-_-_"]) {
      expect(parseCursor(text)).toBeUndefined();
    }
  });
});

describe("parseListRequest", () => {
  it("answers anything with a request that can be asked, or with mistakes that name their parameter", () => {
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("", " ", "today", "2026-02-30", "2026-11-22", "answered", "live", "151", "+"),
    );
    const params = fc.dictionary(
      fc.constantFrom(...FILTER_NAMES, "before", "limit", "format", "utm"),
      value,
    );
    fc.assert(
      fc.property(params, (given) => {
        const parsed = parseListRequest(new URLSearchParams(given));
        if (!parsed.ok) {
          for (const { name } of parsed.error) expect(given[name]?.trim()).not.toBe("");
          return;
        }
        const query = callQueryOf(parsed.value.filter, NOW, "Europe/Minsk");
        if (query.number !== undefined) expect(query.number).toMatch(/^\d{1,64}$/);
        if (query.name !== undefined) expect(query.name.join("")).toMatch(/\p{L}/u);
        if (query.from !== undefined) expect(query.to ?? 0).toBeGreaterThan(query.from);
        for (const name of FILTER_NAMES) {
          expect(parsed.value.filter[name] ?? "").toBe((given[name] ?? "").trim() as never);
        }
      }),
    );
  });

  const read = (query: string) => parseListRequest(new URLSearchParams(query));
  const named = (query: string): readonly string[] => {
    const parsed = read(query);
    return parsed.ok ? [] : parsed.error.map(({ name }) => name);
  };

  it("takes the empty fields of a form as not given", () => {
    expect(read("number=&ext=+&result=&direction=&day=&before=&limit=&format=")).toEqual({
      ok: true,
      value: { filter: {} },
    });
  });

  it("takes a number however it is written", () => {
    const parsed = read("number=%2B375 (29) 530-59");
    expect(parsed.ok && callQueryOf(parsed.value.filter, NOW, "UTC").number).toBe("3752953059");
  });

  it("refuses what cannot be meant, everything at once", () => {
    expect(
      named("number=(-)&ext=15 1&result=missd&direction=in&follow=opened&day=22.11.2026"),
    ).toEqual([...FILTER_NAMES]);
    expect(named("result=constructor&direction=toString")).toEqual(["result", "direction"]);
    expect(named("before=x&limit=0&format=xml")).toEqual(["before", "format", "limit"]);
    expect(named("limit=501")).toEqual(["limit"]);
    expect(named("limit=501&format=csv")).toEqual([]);
    expect(named("limit=50001&format=csv")).toEqual(["limit"]);
  });

  it("knows today and yesterday by the clocks of the zone", () => {
    const late = Date.UTC(2026, 10, 22, 21, 30);
    const from = (day: string, zone: string) =>
      new Date(callQueryOf({ day }, late, zone).from ?? 0).toISOString();
    expect(from("today", "Europe/Minsk")).toBe("2026-11-22T21:00:00.000Z");
    expect(from("yesterday", "Europe/Minsk")).toBe("2026-11-21T21:00:00.000Z");
    expect(from("today", "UTC")).toBe("2026-11-22T00:00:00.000Z");
  });
});
