// Who is an extension: by the name of the channel, and by what is known of the PBX.

import { describe, expect, it } from "bun:test";
import { endpointOfChannel, extensionOf, isExtensionNumber } from "./endpoint.ts";

describe("endpointOfChannel", () => {
  const KINDS: readonly [channel: string, kind: string][] = [
    ["PJSIP/15-00000001", "extension"],
    ["PJSIP/151-00000001", "extension"],
    ["SIP/15001-00000001", "extension"],
    ["PJSIP/150001-00000001", "extension"],
    ["SIP/0001363-00000001", "trunk"],
    ["PJSIP/375291112233-00000001", "trunk"],
    ["PJSIP/mts-00000001", "trunk"],
    ["DAHDI/i1/375291112233-1", "trunk"],
    ["Local/151@from-internal-00000001;1", "inner"],
    ["AsyncGoto/PJSIP/151-00000001", "inner"],
  ];
  for (const [channel, kind] of KINDS) {
    it(`${channel} is ${kind}`, () => expect(endpointOfChannel(channel).kind).toBe(kind as never));
  }
});

describe("extensionOf", () => {
  const evidence = { isKnownExtension: (number: string) => ["151", "ivanov"].includes(number) };
  const PEERS: readonly [peer: string, extension: string | undefined][] = [
    ["151", "151"],
    ["152", "152"],
    ["0367-151", "151"],
    ["151-acme", "151"],
    ["acme_151", "151"],
    ["ivanov", "ivanov"],
    ["0367-152", undefined],
    ["mts", undefined],
    ["", undefined],
    ["i1/151", undefined],
    ["203.0.113.151", undefined],
  ];
  for (const [peer, extension] of PEERS) {
    it(`${peer || "nothing"} where 151 and ivanov are known: ${extension ?? "none"}`, () =>
      expect(extensionOf(peer, evidence)).toBe(extension));
  }
  it("is the part of the name that the endpoint shows as its own number", () => {
    expect(extensionOf("0367-152", { callerId: "152" })).toBe("152");
    expect(extensionOf("mts", { callerId: "152" })).toBeUndefined();
    expect(extensionOf("mts-0001363", { callerId: "0001363" })).toBeUndefined();
    expect(extensionOf("i1/112", { callerId: "112" })).toBeUndefined();
  });
  it("holds no number that is not known to be one", () => {
    expect(extensionOf("0367-151")).toBeUndefined();
  });
});

it("takes a line that is known for one whatever it is called", () => {
  const evidence = { isKnownTrunk: (peer: string) => peer === "1363" };
  expect(endpointOfChannel("SIP/1363-00000001", evidence)).toEqual({
    kind: "trunk",
    peer: "1363",
    number: "",
  });
  expect(endpointOfChannel("PJSIP/151-00000001", evidence).number).toBe("151");
});

it("takes two to six digits for an extension", () => {
  const texts = ["1", "15", "150001", "1500011", "15a", "", "+151", "*55"];
  expect(texts.filter(isExtensionNumber)).toEqual(["15", "150001"]);
});
