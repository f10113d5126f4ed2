// Who held the call: told by the holding phone alone, beneath talk that goes on.

import { describe, expect, it } from "bun:test";
import { assembled, astRecord } from "../../tests/support/calls.ts";
import type { Call } from "./index.ts";

const START = Date.UTC(2026, 10, 22, 9);
const CUSTOMER = { UniqueId: "1795338000.1", Channel: "PJSIP/mts-00000001", BridgeUniqueid: "b1" };
const PHONE = {
  UniqueId: "1795338000.1",
  Channel: "PJSIP/151-00000002",
  ChanUniqueId: "1795338001.2",
  BridgeUniqueid: "b1",
};

type Step = readonly [seconds: number, event: string, body?: { readonly [name: string]: unknown }];

const callOf = async (steps: readonly Step[]) => {
  const told: Step[] = [
    [0, "start", { ...CUSTOMER, CallType: 0, Phone: "375295305942", BridgeUniqueid: "" }],
    [1, "dial", { UniqueId: CUSTOMER.UniqueId, Phone: "375295305942", Extensions: ["151"] }],
    [5, "bridge", CUSTOMER],
    [5, "bridge", PHONE],
    ...steps,
  ];
  const records = told.map(([seconds, event, body]) =>
    astRecord(START + seconds * 1000, event, { ...body }),
  );
  const found = await assembled(records, CUSTOMER.UniqueId);
  if (found === undefined) throw new Error("no call");
  return found.call;
};
const END: readonly Step[] = [
  [60, "bridge_leave", PHONE],
  [60, "bridge_leave", CUSTOMER],
  [60, "hangup", { UniqueId: CUSTOMER.UniqueId, CallStatus: "2" }],
];
const heldBy = (call: Call, number: string) =>
  call.participants
    .find((person) => person.number === number)
    ?.holding.map(({ from, to }) => [
      (from - START) / 1000,
      to === null ? null : (to - START) / 1000,
    ]);

describe("a held call", () => {
  it("was held by the phone that said so, until it took the call back, while talk goes on", async () => {
    const call = await callOf([[20, "hold", PHONE], [35, "unhold", PHONE], ...END]);
    expect(heldBy(call, "151")).toEqual([[20, 35]]);
    expect(heldBy(call, "375295305942")).toEqual([]);
    expect(call.talkMs).toBe(55_000);
  });

  it("counts a hold that is said twice once, and a second one anew", async () => {
    const call = await callOf([
      [20, "hold", PHONE],
      [22, "hold", PHONE],
      [25, "unhold", PHONE],
      [26, "unhold", PHONE],
      [40, "hold", PHONE],
      [45, "unhold", PHONE],
      ...END,
    ]);
    expect(heldBy(call, "151")).toEqual([
      [20, 25],
      [40, 45],
    ]);
  });

  it("ends with the phone's leaving where nobody took it back", async () => {
    expect(heldBy(await callOf([[50, "hold", PHONE], ...END]), "151")).toEqual([[50, 60]]);
  });

  it("goes on while the call does", async () => {
    expect(heldBy(await callOf([[50, "hold", PHONE]]), "151")).toEqual([[50, null]]);
  });

  it("takes no notice of an unhold that nothing went before: a transfer posts one", async () => {
    expect(heldBy(await callOf([[20, "unhold", PHONE], ...END]), "151")).toEqual([]);
  });
});
