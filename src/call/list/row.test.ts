// What a row's direction and status become on disk. Files of yesterday hold these numbers: they never change.

import { expect, it } from "bun:test";
import { CALL_DIRECTIONS, CALL_STATUSES, type CallStatus } from "../index.ts";
import { codeOf, directionOfCode, OPEN_CODE, statusOfCode } from "./row.ts";

it("keeps every direction and status by a number of its own, and reads it back", () => {
  const codes = new Set<number>();
  for (const direction of CALL_DIRECTIONS) {
    for (const status of CALL_STATUSES) {
      const code = codeOf({ direction, status });
      expect([directionOfCode(code), statusOfCode(code)]).toEqual([direction, status]);
      codes.add(code);
    }
  }
  expect(codes.size).toBe(CALL_DIRECTIONS.length * CALL_STATUSES.length);
  expect(codes.has(OPEN_CODE)).toBe(false);
});

it("means by the numbers on disk what it always did", () => {
  expect(codeOf({ direction: "incoming", status: "ringing" })).toBe(0);
  expect(codeOf({ direction: "incoming", status: "missed" })).toBe(3);
  expect(codeOf({ direction: "outgoing", status: "answered" })).toBe(10);
  expect(codeOf({ direction: "internal", status: "busy" })).toBe(20);
  expect(codeOf({ direction: "unknown", status: "unknown" })).toBe(31);
});

it("refuses a status that has no number, rather than to keep it as another one", () => {
  const unheard = "voicemail" as CallStatus;
  expect(() => codeOf({ direction: "outgoing", status: unheard })).toThrow('status "voicemail"');
});
