// The head of a line is the same whether it is built or read, and tells lines apart as their records do.

import { expect, it } from "bun:test";
import { encodeRecord } from "./codec.ts";
import { astHead, astHeadOf, isTgLine } from "./line-head.ts";

const at = Date.UTC(2025, 10, 30, 9, 8, 42, 25);
const event = encodeRecord({
  kind: "AST",
  at,
  event: "hangup",
  uniqueId: "pbx-1764493655.61",
  body: { CallerIDName: "a|b|TG|" },
});
const bridge = encodeRecord({ kind: "AST", at, event: "bridge_create", uniqueId: "", body: {} });
const card = encodeRecord({
  kind: "TG",
  at,
  action: "send",
  chatId: "1",
  messageType: "dial",
  messageId: 2,
  uniqueId: "1764493655.61",
  text: "|AST|start|",
});

it("reads the head that it builds", () => {
  expect(astHeadOf(event)).toBe(astHead(at, "hangup", "pbx-1764493655.61"));
  expect(astHeadOf(event)).toBe("2025-11-30 09:08:42,025|AST|hangup|pbx-1764493655.61|");
  expect(astHeadOf(bridge)).toBe(astHead(at, "bridge_create", ""));
});

it("takes lines of other kinds for no event's", () => {
  expect(astHeadOf(card)).toBeUndefined();
  expect(astHeadOf("rubbish")).toBeUndefined();
  expect([event, bridge, card].map(isTgLine)).toEqual([false, false, true]);
});
