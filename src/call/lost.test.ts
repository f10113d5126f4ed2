// A caller who was answered and then lost while he waited again.

import { expect, it } from "bun:test";
import type { StoredRecord } from "../domain/record.ts";
import { assembleCall } from "./assemble.ts";

const AT = Date.UTC(2026, 10, 23, 9);
const ID = "1795424400.1";
const TALK = "b-1";

type Told = readonly [second: number, event: string, body: { readonly [key: string]: unknown }];

const recordsOf = (told: readonly Told[]): StoredRecord[] =>
  told.map(([second, event, body]) => ({
    kind: "AST",
    at: AT + second * 1000,
    event,
    uniqueId: ID,
    body: { UniqueId: ID, Phone: "375295305942", CallType: 0, ...body },
    raw: `${second} ${event}`,
  }));

const outside = { Channel: "PJSIP/mts-00000001", CallerIDNum: "375295305942" };
const ours = { Channel: "PJSIP/151-00000002", CallerIDNum: "151", ChanUniqueId: "1795424400.2" };
const answered: readonly Told[] = [
  [0, "start", {}],
  [1, "dial", { Extensions: ["151"] }],
  [5, "bridge", { BridgeUniqueid: TALK, ...ours }],
  [5, "bridge", { BridgeUniqueid: TALK, ...outside }],
];
const left = (second: number): Told[] => [
  [second, "bridge_leave", { BridgeUniqueid: TALK, ...ours }],
  [second, "bridge_leave", { BridgeUniqueid: TALK, ...outside }],
];
const end = (second: number): Told => [second, "hangup", { CallStatus: "2" }];

const isLost = (told: readonly Told[]): boolean | undefined =>
  assembleCall(recordsOf(told), {
    enterprise: "0367",
    now: AT + 600_000,
    callTimeoutMs: 14_400_000,
  })?.call.isLost;

it("was sent to somebody who did not take the call", () => {
  expect(isLost([...answered, ...left(20), [20, "dial", { Extensions: ["152"] }], end(50)])).toBe(
    true,
  );
});

it("was sent where nobody is", () => {
  const sent: Told = [20, "transfer", { From: "151", To: "199" }];
  expect(isLost([...answered, sent, ...left(20), end(22)])).toBe(true);
});

it("was parked", () => {
  const parked = { BridgeUniqueid: "park", BridgeTechnology: "holding_bridge", ...outside };
  expect(isLost([...answered, ...left(20), [21, "bridge", parked], end(80)])).toBe(true);
});

it("was not lost where the call simply ended, was taken over, or taken back", () => {
  expect(isLost([...answered, ...left(20), end(20)])).toBe(false);
  const taken = { Channel: "PJSIP/152-00000003", CallerIDNum: "152", ChanUniqueId: "1795424400.3" };
  const again: Told[] = [
    [30, "bridge", { BridgeUniqueid: "b-2", ...taken }],
    [30, "bridge", { BridgeUniqueid: "b-2", ...outside }],
    [60, "bridge_leave", { BridgeUniqueid: "b-2", ...taken }],
    [60, "bridge_leave", { BridgeUniqueid: "b-2", ...outside }],
    end(60),
  ];
  const dialled: Told = [20, "dial", { Extensions: ["152"] }];
  expect(isLost([...answered, ...left(20), dialled, ...again])).toBe(false);
  const parked = { BridgeUniqueid: "park", BridgeTechnology: "holding_bridge", ...outside };
  const fetched: Told[] = [[21, "bridge", parked], [29, "bridge_leave", parked], ...again];
  expect(isLost([...answered, ...left(20), ...fetched])).toBe(false);
});

it("is nobody who never was answered, or whom we called", () => {
  expect(
    isLost([
      [0, "start", {}],
      [1, "dial", { Extensions: ["151"] }],
      [30, "hangup", { CallStatus: "0" }],
    ]),
  ).toBe(false);
  const outgoing = [
    ...answered.slice(1),
    ...left(20),
    [20, "dial", { Extensions: ["152"] }] as Told,
    end(50),
  ];
  expect(
    isLost(
      outgoing.map(([second, event, body]): Told => [second, event, { ...body, CallType: 1 }]),
    ),
  ).toBe(false);
});
