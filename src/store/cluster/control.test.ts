import { describe, expect, it } from "bun:test";
import { type Control, controlText, RollCall, readControl } from "./control.ts";

const end = (at: number, count = 1) => ({ at, count });
const roll = (...controls: Control[]): RollCall => {
  const call = new RollCall();
  for (const control of controls) call.take(control);
  return call;
};
const both = new Set(["a", "b"]);
const callA: Control = { kind: "call", node: "a", have: { "0367": end(5), "0368": end(9) } };
const callB: Control = { kind: "call", node: "b", have: { "0367": end(7), "0369": end(1) } };

describe("who fills a stream that was made anew", () => {
  it("is settled when everybody there has called, or after ten seconds", () => {
    expect(roll(callA).next(both, 4000)).toEqual({ say: "nothing" });
    expect(roll(callA, callB).next(both, 1000)).toEqual({ say: "nothing" });
    expect(roll(callA, callB).next(both, 4000)).toMatchObject({ say: "plan" });
    expect(roll(callA).next(both, 10_000)).toMatchObject({ say: "plan" });
  });

  it("is for each enterprise the node whose files reach furthest, of several the first by name", () => {
    expect(roll(callA, callB).next(both, 4000)).toEqual({
      say: "plan",
      plan: { kind: "plan", number: 1, fills: { b: ["0367", "0369"], a: ["0368"] } },
    });
    const more: Control = { kind: "call", node: "b", have: { "0367": end(5, 2) } };
    const same: Control = { kind: "call", node: "b", have: { "0367": end(5, 1) } };
    const only: Control = { kind: "call", node: "a", have: { "0367": end(5) } };
    expect(roll(only, more).next(both, 4000)).toMatchObject({ plan: { fills: { b: ["0367"] } } });
    expect(roll(only, same).next(both, 4000)).toMatchObject({ plan: { fills: { a: ["0367"] } } });
  });

  it("opens when all have done their part, at once where there is nothing to do", () => {
    const plan: Control = { kind: "plan", number: 1, fills: { a: ["0368"], b: ["0367"] } };
    const begun = roll(callA, callB, plan, { kind: "filled", node: "a", number: 1 });
    expect(begun.taskOf("a")).toBeUndefined();
    expect(begun.taskOf("b")).toEqual({ number: 1, enterprises: ["0367"] });
    expect(begun.next(both, 20_000)).toEqual({ say: "nothing" });
    begun.take({ kind: "filled", node: "b", number: 1 });
    expect(begun.next(both, 20_000)).toEqual({ say: "open" });
    expect(roll({ kind: "plan", number: 1, fills: {} }).next(both, 1)).toEqual({ say: "open" });
  });

  it("is another one where a node has gone before it had done its part", () => {
    const plan: Control = { kind: "plan", number: 1, fills: { a: ["0368"], b: ["0367", "0369"] } };
    const call = roll(callA, callB, plan, { kind: "filled", node: "a", number: 1 });
    const step = call.next(new Set(["a"]), 20_000);
    expect(step).toEqual({
      say: "plan",
      plan: { kind: "plan", number: 2, fills: { a: ["0367"] } },
    });
    if (step.say === "plan") call.take(step.plan);
    expect(call.taskOf("b")).toBeUndefined();
    call.take({ kind: "filled", node: "b", number: 1 });
    expect(call.next(new Set(["a"]), 20_000)).toEqual({ say: "nothing" });
    call.take({ kind: "filled", node: "a", number: 2 });
    expect(call.next(new Set(["a"]), 20_000)).toEqual({ say: "open" });
  });

  it("waits for a node that has not said all", () => {
    const part: Control = { kind: "call", node: "b", have: { "0401": end(3) }, hasMore: true };
    const call = roll(callA, part);
    expect(call.hasCalled("b")).toBe(false);
    expect(call.next(both, 4000)).toEqual({ say: "nothing" });
    call.take(callB);
    expect(call.next(both, 4000)).toMatchObject({
      plan: { fills: { b: ["0367", "0369", "0401"] } },
    });
    expect(readControl(controlText(part))).toEqual(part);
  });

  it("is said in messages that are read as they were written, and others are passed over", () => {
    const all: Control[] = [
      callA,
      { kind: "plan", number: 2, fills: { a: ["0367"] } },
      { kind: "filled", node: "a", number: 2 },
      { kind: "open" },
    ];
    for (const control of all) expect(readControl(controlText(control))).toEqual(control);
    for (const text of ["", "[]", "null", "7", '{"kind":"call"}', '{"kind":"later"}', "{"])
      expect(readControl(text)).toBeUndefined();
  });
});
