// The card after every event, over recorded and hand-made calls.

import { describe, expect, it } from "bun:test";
import {
  assembled,
  CALL_TIMEOUT_MS,
  type Row,
  recordsOf,
  T0,
  webhookRecords,
} from "../../tests/support/calls.ts";
import type { StoredRecord } from "../domain/record.ts";
import { chatStates, decideCard } from "./index.ts";

/** The kinds of card that a chat sees while the records come in, each moment 100 ms after the newest. */
const kinds = async (records: readonly StoredRecord[], uniqueId: string): Promise<string> => {
  const seen: string[] = [];
  for (let count = 1; count <= records.length; count++) {
    const known = records.slice(0, count);
    const now = (known.at(-1) as StoredRecord).at + 100;
    const found = await assembled(known, uniqueId, now);
    if (found === undefined) continue;
    const kind = decideCard(found, { now, callTimeoutMs: CALL_TIMEOUT_MS }).card?.kind ?? "-";
    if (seen.at(-1) !== kind) seen.push(kind);
  }
  return seen.join(" ");
};

describe("decideCard", () => {
  const RECORDED: readonly [scenario: string, uniqueId: string, kinds: string][] = [
    ["in_answered", "1795333350.1421", "- dial bridge hangup"],
    ["in_missed", "1795332293.245", "- dial hangup"],
    ["in_ivr_only", "1795332304.256", "- hangup"],
    ["out_answered", "1795332393.318", "dial bridge hangup"],
    ["out_busy", "1795332404.324", "dial hangup"],
    ["int_answered", "1795332425.349", "dial bridge hangup"],
    ["xfer_blind", "1795333357.1424", "- dial bridge hangup"],
    ["xfer_attended", "1795332355.296", "- dial bridge hangup"],
    ["in_forward_mobile", "1795332307.258", "- dial bridge hangup"],
    ["out_click2call", "1795332413.340", "dial bridge hangup"],
  ];
  for (const [scenario, uniqueId, expected] of RECORDED) {
    it(`${scenario}: ${expected}`, async () => {
      expect(await kinds(webhookRecords(scenario), uniqueId)).toBe(expected);
    });
  }

  const IN = { Phone: "375291112233", CallType: 0, Trunk: "0001363" };
  const at = async (rows: readonly Row[], seconds: number) => {
    const now = T0 + seconds * 1000;
    const found = await assembled(recordsOf(rows), rows[0]?.[2] as string, now);
    if (found === undefined) throw new Error("no call");
    return decideCard(found, { now, callTimeoutMs: CALL_TIMEOUT_MS });
  };

  it("shows a start only where no dial followed within three seconds", async () => {
    const start: Row[] = [[0, "start", "1.1", IN]];
    expect(await at(start, 2.9)).toEqual({ card: undefined, decideAgainAt: T0 + 3000 });
    expect((await at(start, 3)).card?.kind).toBe("start");
  });

  it("takes the first bridge of an answer for no call of its own", async () => {
    const rows: Row[] = [
      [0, "start", "1.1", IN],
      [1, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [5, "bridge", "1.2", { BridgeUniqueid: "A", Channel: "SIP/151-00000002" }],
    ];
    const card = async (known: readonly Row[], uniqueId: string, seconds: number) => {
      const now = T0 + seconds * 1000;
      const found = await assembled(recordsOf(known), uniqueId, now);
      return found && decideCard(found, { now, callTimeoutMs: CALL_TIMEOUT_MS });
    };
    expect(await card(rows, "1.2", 5.01)).toEqual({ card: undefined, decideAgainAt: T0 + 6500 });
    expect((await card(rows, "1.2", 6.5))?.card?.kind).toBe("bridge");
    const tied: Row[] = [
      ...rows,
      [5.02, "bridge", "1.1", { BridgeUniqueid: "A", Channel: "SIP/0001363-00000001" }],
    ];
    expect((await card(tied, "1.2", 5.03))?.card?.kind).toBe("bridge");
    const internal: Row[] = [
      [5, "bridge", "2.1", { BridgeUniqueid: "B", Channel: "SIP/152-00000002" }],
      [5.02, "bridge", "2.2", { BridgeUniqueid: "B", Channel: "SIP/151-00000001" }],
    ];
    expect((await card(internal, "2.1", 5.03))?.card?.kind).toBe("bridge");
  });

  it("closes a call whose hangup never came when the call time-out is over", async () => {
    const rows: Row[] = [
      [0, "start", "1.1", IN],
      [1, "dial", "1.1", { ...IN, Extensions: ["151"] }],
    ];
    const open = await at(rows, 60);
    expect(open.card?.kind).toBe("dial");
    const over = await at(rows, ((open.decideAgainAt as number) - T0) / 1000);
    expect(over.card).toMatchObject({ kind: "hangup", final: true });
  });

  /** JSON says `true`; forms and dialplans can only write text. */
  const LATE: readonly [written: unknown, isLate: boolean][] = [
    [true, true],
    ["true", true],
    [1, true],
    ["1", true],
    [false, false],
    ["0", false],
    ["", false],
  ];
  for (const [written, isLate] of LATE) {
    const what = isLate ? "rings nobody for" : "rings for";
    it(`${what} an event with _recovered ${JSON.stringify(written)}`, async () => {
      const late = { EventTime: T0 / 1000 + 9, _recovered: written };
      const rows: Row[] = [
        [0, "start", "1.1", IN],
        [9000, "hangup", "1.1", { ...IN, CallStatus: "0", ...late }],
      ];
      const decided = await at(rows, 9001);
      expect(decided.card).toMatchObject({ kind: "hangup", silent: isLate });
      const found = await assembled(recordsOf(rows), "1.1", T0 + 9001 * 1000);
      const doubts = found?.doubts.map(({ code }) => code);
      expect(doubts?.includes("recovered")).toBe(isLate);
    });
  }

  it("has another key when another stage rings, and the same when a delivery is repeated", async () => {
    const rows: Row[] = [
      [0, "start", "1.1", IN],
      [1, "dial", "1.1", { ...IN, Extensions: ["150"] }],
    ];
    const again: Row[] = [...rows, [2, "dial", "1.1", { ...IN, Extensions: ["150"] }]];
    const longer: Row[] = [...rows, [9, "dial", "1.1", { ...IN, Extensions: ["150", "151"] }]];
    const key = (await at(rows, 10)).card?.key;
    expect((await at(again, 10)).card?.key).toBe(key as string);
    expect((await at(longer, 10)).card?.key).not.toBe(key as string);
  });
});

describe("chatStates", () => {
  const tg = (
    action: "send" | "edit" | "delete" | "fail",
    messageType: string,
    messageId: number,
  ) =>
    ({
      kind: "TG",
      at: T0 + messageId,
      action,
      chatId: "-100500",
      messageType,
      messageId,
      uniqueId: "1.1",
      text: `${messageType} ${messageId}`,
      raw: "",
    }) as const;

  it("knows what stands, what was replaced and what a chat refused", () => {
    const states = chatStates([
      tg("send", "dial", 7),
      tg("edit", "bridge", 7),
      tg("send", "dial", 8),
      tg("delete", "dial", 8),
      tg("fail", "hangup", 0),
    ]);
    const state = states.get("-100500");
    expect(state?.standing).toEqual([
      {
        chatId: "-100500",
        messageId: 7,
        kind: "bridge",
        text: "bridge 7",
        sentAt: T0 + 7,
        isEdited: true,
      },
    ]);
    expect([...(state?.refused ?? [])]).toEqual(["hangup"]);
  });
});
