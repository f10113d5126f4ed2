// What the filters of the list mean: missed is every incoming call that nobody answered, and service calls are asked for.

import { describe, expect, it } from "bun:test";
import { CALL_DIRECTIONS, CALL_STATUSES, isMissed } from "../types.ts";
import {
  type CallFilter,
  callQueryOf,
  dayOfFilter,
  FILTER_NAMES,
  FILTER_RULES,
  type FilterName,
  RESULTS,
} from "./filter.ts";
import { createFilter } from "./select.ts";
import type { CallRow } from "./types.ts";

const ZONE = "Europe/Minsk";
/** 01:30 of 22 November in Minsk, still the day before in UTC. */
const NOW = Date.parse("2026-11-21T22:30:00Z");

/** All pairs of direction and status that a filter lets through. */
const listed = (filter: CallFilter): string[] => {
  const { is } = createFilter(callQueryOf(filter, NOW, "UTC"));
  return CALL_DIRECTIONS.flatMap((direction) =>
    CALL_STATUSES.filter((status) => is({ direction, status } as CallRow)).map(
      (status) => `${direction} ${status}`,
    ),
  );
};

const LOST = ["missed", "busy", "cancelled", "failed"];

describe("the result", () => {
  it("missed is every incoming call that nobody answered", () => {
    expect(listed({ result: "missed" })).toEqual(LOST.map((status) => `incoming ${status}`));
    expect(listed({ result: "missed", direction: "incoming" })).toEqual(
      listed({ result: "missed" }),
    );
    expect(listed({ result: "missed", direction: "outgoing" })).toEqual([]);
    for (const direction of CALL_DIRECTIONS) {
      for (const status of CALL_STATUSES) {
        const isListed = listed({ result: "missed" }).includes(`${direction} ${status}`);
        expect(isMissed({ direction, status })).toBe(isListed);
      }
    }
  });

  it("unanswered is that of any direction", () => {
    expect(listed({ result: "unanswered", direction: "outgoing" })).toEqual(
      LOST.map((status) => `outgoing ${status}`),
    );
    expect(listed({ result: "unanswered" })).toHaveLength(4 * CALL_DIRECTIONS.length);
  });

  it("service calls are listed only where they are asked for", () => {
    expect(listed({}).some((pair) => pair.endsWith("service"))).toBe(false);
    expect(listed({})).toHaveLength((CALL_STATUSES.length - 1) * CALL_DIRECTIONS.length);
    expect(listed({ result: "service", direction: "internal" })).toEqual(["internal service"]);
  });
});

describe("FILTER_RULES", () => {
  const cases: readonly (readonly [name: FilterName, allowed: string[], refused: string[]])[] = [
    [
      "number",
      ["1", "+375 (29) 530-59-42", "8 029", "Ёлкина", "1".repeat(64)],
      ["", "+", "- -", "1".repeat(65)],
    ],
    [
      "ext",
      ["151", "*72", "a.b_c-d+e#", "1".repeat(32)],
      ["", "1 5", "15\t1", "добавочный", "1".repeat(33)],
    ],
    ["result", [...RESULTS], ["", "ringing", "talking", "toString", "Answered"]],
    ["direction", [...CALL_DIRECTIONS], ["", "in", "Incoming"]],
    ["follow", ["open", "tried", "returned", "reached", "expired"], ["", "opened", "toString"]],
    [
      "day",
      ["today", "yesterday", "2026-11-22", "2024-02-29"],
      ["", "tomorrow", "2026-02-29", "2026-11-31", "22.11.2026", "2026-11-22T00:00"],
    ],
  ];
  for (const [name, allowed, refused] of cases) {
    it(`lets "${name}" be what can be meant`, () => {
      const rule = FILTER_RULES[name];
      expect(allowed.filter((text) => !rule.allows(text))).toEqual([]);
      expect(refused.filter((text) => rule.allows(text))).toEqual([]);
    });
  }

  it("names every filter, and each rule what may stand there", () => {
    expect([...FILTER_NAMES].sort()).toEqual(cases.map(([name]) => name).sort());
    for (const result of RESULTS) expect(FILTER_RULES.result.rule).toContain(result);
    for (const direction of CALL_DIRECTIONS)
      expect(FILTER_RULES.direction.rule).toContain(direction);
  });
});

describe("dayOfFilter", () => {
  it("takes today and yesterday from the zone, not from UTC", () => {
    expect(dayOfFilter({ day: "today" }, NOW, ZONE)).toBe("2026-11-22");
    expect(dayOfFilter({ day: "yesterday" }, NOW, ZONE)).toBe("2026-11-21");
    expect(dayOfFilter({ day: "today" }, NOW, "UTC")).toBe("2026-11-21");
    expect(dayOfFilter({ day: "2025-01-02" }, NOW, ZONE)).toBe("2025-01-02");
    expect(dayOfFilter({}, NOW, ZONE)).toBeUndefined();
  });
});

describe("callQueryOf", () => {
  const queryOf = (filter: Parameters<typeof callQueryOf>[0]) => callQueryOf(filter, NOW, ZONE);

  it("asks for nothing where nothing is given", () => {
    expect(queryOf({})).toEqual({});
  });

  it("asks for a day as it is in the zone", () => {
    expect(queryOf({ day: "today" })).toEqual({
      from: Date.parse("2026-11-22T00:00:00+03:00"),
      to: Date.parse("2026-11-23T00:00:00+03:00"),
    });
  });

  it("asks for the end that all spellings of a number share", () => {
    for (const number of ["+375295305942", "00375 29 530-59-42", "8 029 530-59-42"]) {
      expect(callQueryOf({ number }, NOW, ZONE, "BY")).toEqual({ number: "295305942" });
    }
    expect(queryOf({ number: "(530) 59" })).toEqual({ number: "53059" });
  });

  it("asks for a name where there is a letter, word by word", () => {
    expect(queryOf({ number: " Артём  ОЙл 2" })).toEqual({ name: ["артем", "ойл", "2"] });
  });

  it("asks for an extension and a direction as they are", () => {
    expect(queryOf({ ext: "151", direction: "internal" })).toEqual({
      extension: "151",
      directions: ["internal"],
    });
  });

  it("asks for the calls under way by their two statuses, and for each other status by itself", () => {
    expect(queryOf({ result: "live" })).toEqual({ statuses: ["ringing", "talking"] });
    const groups = new Set<string>(["live", "missed", "unanswered"]);
    for (const result of RESULTS.filter((name) => !groups.has(name))) {
      expect(queryOf({ result }).statuses as readonly string[]).toEqual([result]);
    }
  });
});
