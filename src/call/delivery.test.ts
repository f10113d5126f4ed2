// What the chats of a call were told, from the records alone.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { type StoredRecord, TG_ACTIONS, type TgAction } from "../domain/record.ts";
import { deliveriesOf } from "./delivery.ts";

const event = (at: number): StoredRecord => ({
  kind: "AST",
  at,
  event: "dial",
  uniqueId: "1.1",
  body: {},
  raw: "",
});
type Told = readonly [at: number, action: TgAction, kind: string, messageId: number, chat?: string];
const told = ([at, action, messageType, messageId, chatId = "7"]: Told): StoredRecord => ({
  kind: "TG",
  at,
  action,
  chatId,
  messageType,
  messageId,
  uniqueId: "1.1",
  raw: "",
  text: `${messageType} ${messageId}`,
});
const only = (records: readonly StoredRecord[], isOver = true) => {
  const [delivery, ...others] = deliveriesOf(records, isOver);
  expect(others).toEqual([]);
  return delivery;
};

describe("deliveriesOf", () => {
  const CASES: readonly [name: string, told: readonly Told[], isOver: boolean, state: string][] = [
    [
      "a final card after the cards before it went",
      [
        [1, "send", "dial", 5],
        [2, "delete", "dial", 5],
        [3, "send", "hangup", 6],
      ],
      true,
      "final",
    ],
    [
      "a final card that another one still stands behind",
      [
        [1, "send", "hangup", 6],
        [2, "send", "bridge", 7],
      ],
      true,
      "final",
    ],
    [
      "one message that was edited to its end",
      [
        [1, "send", "dial", 5],
        [2, "edit", "hangup", 5],
      ],
      true,
      "final",
    ],
    ["a card of a call that goes on", [[1, "send", "dial", 5]], false, "current"],
    ["the same card when the call is over", [[1, "send", "dial", 5]], true, "outdated"],
    [
      "a card that stands, and a final one that was refused",
      [
        [1, "send", "dial", 5],
        [2, "fail", "hangup", 0],
      ],
      true,
      "outdated",
    ],
    ["a refusal", [[1, "fail", "dial", 0]], true, "failed"],
    [
      "a refusal made good later",
      [
        [1, "fail", "hangup", 0],
        [9, "send", "hangup", 6],
      ],
      true,
      "final",
    ],
    [
      "a card taken away for good",
      [
        [1, "send", "dial", 5],
        [2, "delete", "dial", 5],
      ],
      true,
      "removed",
    ],
  ];
  for (const [name, steps, isOver, state] of CASES) {
    it(`${state}: ${name}`, () =>
      expect(only(steps.map(told), isOver)?.state).toBe(state as never));
  }

  it("shows what stands in the chat now", () => {
    const records = [told([1, "send", "dial", 5]), told([2, "send", "hangup", 6])];
    expect(only(records)?.shown).toBe("hangup 6");
    expect(only([...records, told([3, "delete", "hangup", 6])])?.shown).toBe("dial 5");
  });

  it("counts from the event before it, and from none where there was none", () => {
    const records = [
      told([5, "send", "dial", 5]),
      event(10),
      event(20),
      told([120, "send", "hangup", 6]),
    ];
    expect(only(records)?.steps.map(({ afterMs }) => afterMs)).toEqual([undefined, 100]);
  });

  it("loses no step, mixes no chats, and shows no text where nothing stands, whatever happened", () => {
    const step = fc.record({
      action: fc.constantFrom(...TG_ACTIONS),
      kind: fc.constantFrom("dial", "bridge", "hangup"),
      id: fc.integer({ min: 1, max: 4 }),
      chat: fc.constantFrom("7", "-100", "8"),
    });
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), (steps, isOver) => {
        const records = steps.map(({ action, kind, id, chat }, at) =>
          told([at, action, kind, id, chat]),
        );
        const found = deliveriesOf([event(0), ...records], isOver);
        expect(found.flatMap((delivery) => delivery.steps).length).toBe(steps.length);
        for (const { chatId, steps: own, state, shown } of found) {
          expect(own.every(({ record }) => record.chatId === chatId)).toBe(true);
          expect(own.every(({ afterMs }) => (afterMs ?? -1) >= 0)).toBe(true);
          expect(shown === "").toBe(state === "failed" || state === "removed");
          expect(state === "current").toBe(!isOver && shown !== "" && !shown.startsWith("hangup"));
        }
      }),
    );
  });
});
