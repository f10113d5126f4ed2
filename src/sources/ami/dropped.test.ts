// A PBX that is not understood is never silent: what is left out is counted with its reason, and odd ids are kept.

import { expect, it } from "bun:test";
import { createAmiMapper } from "./mapper.ts";
import type { AmiMessage } from "./types.ts";

const newChannel = (fields: Readonly<Record<string, string>>): AmiMessage => ({
  event: "Newchannel",
  response: "",
  fields: new Map(
    Object.entries({
      Channel: "SIP/mts-00000001",
      ChannelState: "4",
      CallerIDNum: "291234567",
      Context: "from-trunk",
      Exten: "375170000151",
      ...fields,
    }),
  ),
});

it("counts channels that name no call, as those of Asterisk 11", () => {
  const mapper = createAmiMapper();
  expect(mapper.take(newChannel({ Uniqueid: "1795400000.1" }), 5000)).toEqual([]);
  expect(mapper.take(newChannel({ Uniqueid: "1795400000.2" }), 6000)).toEqual([]);
  expect(mapper.dropped()).toMatchObject({ count: 2, lastAt: 6000 });
  expect(mapper.dropped().reason).toContain("Asterisk 12 or later is needed");
});

it("counts ids that cannot be kept", () => {
  const mapper = createAmiMapper();
  const id = `${"x".repeat(200)}-1795400000.1`;
  expect(mapper.take(newChannel({ Uniqueid: id, Linkedid: id }), 5000)).toEqual([]);
  expect(mapper.dropped()).toMatchObject({ count: 1, lastAt: 5000 });
});

it("keeps ids of a system name with spaces or letters of any alphabet", () => {
  const mapper = createAmiMapper();
  const ids = ["my pbx-1795400000.1", "АТС-1795400000.2", "a|b-1795400000.3"];
  const told = ids.flatMap((id) => mapper.take(newChannel({ Uniqueid: id, Linkedid: id }), 5000));
  expect(told.map(({ event, body }) => [event, body["UniqueId"]])).toEqual([
    ["start", "my_pbx-1795400000.1"],
    ["start", "___-1795400000.2"],
    ["start", "a_b-1795400000.3"],
  ]);
  expect(mapper.dropped().count).toBe(0);
});
