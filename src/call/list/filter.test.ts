// What the filters of the list mean: missed is every incoming call that nobody answered, and service calls are asked for.

import { describe, expect, it } from "bun:test";
import { CALL_DIRECTIONS, CALL_STATUSES, isMissed } from "../types.ts";
import { type CallFilter, callQueryOf } from "./filter.ts";
import { createFilter } from "./select.ts";
import type { CallRow } from "./types.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

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
