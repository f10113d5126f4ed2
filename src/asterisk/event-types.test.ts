import { expect, it } from "bun:test";
import { isEventType, isKnownEventType, mayLackUniqueId } from "./event-types.ts";

it("knows what a sender tells of a call, hold among it, and keeps other names possible", () => {
  const names = ["start", "new_callerid", "hold", "unhold", "voicemail", "Hold", "x", "a/b"];
  expect(names.filter(isKnownEventType)).toEqual(["start", "new_callerid", "hold", "unhold"]);
  expect(names.filter(isEventType)).toEqual([
    "start",
    "new_callerid",
    "hold",
    "unhold",
    "voicemail",
  ]);
  expect(names.filter(mayLackUniqueId)).toEqual([]);
  expect(["bridge_create", "bridge_destroy"].every(mayLackUniqueId)).toBe(true);
});
