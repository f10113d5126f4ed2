// A sender that gives all its calls one id makes one call of them, with more channels at one moment than any real one has.

import { expect, it } from "bun:test";
import { astRecord } from "../../tests/support/calls.ts";
import { assembleCall } from "./index.ts";

const START = Date.UTC(2026, 10, 22, 9);
const CHANNELS = 1500;

it.each([
  ["each in a bridge of its own", (channel: number) => `b${channel}`],
  ["all in one bridge", () => "b"],
])("is put together all the same, where nobody is seen to leave: %s", (_name, bridgeOf) => {
  const body = (channel: number) => ({
    UniqueId: "1.1",
    CallType: 0,
    Phone: "375291112233",
    BridgeUniqueid: bridgeOf(channel),
    Channel: channel === 0 ? "PJSIP/mts-0000" : `PJSIP/${100 + channel}-${channel}`,
    CallerIDNum: channel === 0 ? "375291112233" : `${100 + channel}`,
  });
  const records = [
    astRecord(START, "start", { ...body(0), BridgeUniqueid: "" }),
    ...Array.from({ length: CHANNELS }, (_, channel) =>
      astRecord(START + 1 + channel, "bridge", body(channel)),
    ),
    astRecord(START + 10_000, "hangup", { ...body(0), BridgeUniqueid: "", CallStatus: "2" }),
  ];
  const now = START + 60_000;
  const call = assembleCall(records, { enterprise: "0367", now, callTimeoutMs: 14_400_000 });
  expect(call?.call).toMatchObject({ status: "answered", uniqueIds: ["1.1"] });
});
