import { expect, it } from "bun:test";
import { isEventId, isOlder, isUniqueId } from "./unique-id.ts";

it("takes ids with system names, and nothing that could be a path or end a field", () => {
  const texts = ["1764493655.61", "pbx-0367.by-1795333074.0", "", "a b", "a/b", "a|b", "é"];
  expect(texts.filter(isUniqueId)).toEqual(["1764493655.61", "pbx-0367.by-1795333074.0"]);
  expect([isUniqueId("x".repeat(128)), isUniqueId("x".repeat(129))]).toEqual([true, false]);
  expect([isEventId("b64+/=-a.b_c:d@e"), isEventId("a b"), isEventId("")]).toEqual([
    true,
    false,
    false,
  ]);
});

it("compares the sequence as a number, not as text", () => {
  expect(isOlder("1795333350.9", "1795333350.10")).toBe(true);
  expect(isOlder("pbx-1795333350.10", "pbx-1795333350.9")).toBe(false);
  expect(isOlder("1795333349.99", "1795333350.1")).toBe(true);
  expect(isOlder("nothing", "1795333350.1")).toBe(false);
});
