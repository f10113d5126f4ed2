// Who is an extension: by the name of the channel, and by what is known of the PBX.

import { describe, expect, it } from "bun:test";
import { type Evidence, endpointOfChannel, isExtensionNumber } from "./endpoint.ts";

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

describe("a peer is judged by the strongest evidence", () => {
  const CASES: readonly [
    channel: string,
    evidence: Evidence,
    kind: string,
    number: string,
    by: string,
  ][] = [
    ["SIP/5061-b7803708", { context: "from-trunk", callerId: "291234567" }, "trunk", "", "context"],
    ["SIP/5061-b7803708", { dialString: "5061/80447654321" }, "trunk", "", "dialled"],
    ["SIP/5061-b7803708", { callerId: "291234567" }, "trunk", "", "caller-id"],
    ["SIP/7073-09f2b3b8", { dialString: "7073" }, "extension", "7073", "rung"],
    ["PJSIP/152-1", { dialString: "152/sip:152@192.0.2.9:5060" }, "extension", "152", "rung"],
    [
      "PJSIP/mts-1",
      { dialString: "375296254070@mts", context: "from-internal" },
      "trunk",
      "",
      "dialled",
    ],
    ["PJSIP/mts-1", { dialString: "mts/sip:375296254070@203.0.113.10" }, "trunk", "", "dialled"],
    [
      "IAX2/mts-4242",
      { dialString: "calllog:pass@203.0.113.10/375296254070" },
      "trunk",
      "",
      "dialled",
    ],
    ["DAHDI/33-1", { context: "from-pstn", callerId: "291234567" }, "trunk", "", "context"],
    ["DAHDI/33-1", {}, "trunk", "", "technology"],
    ["DAHDI/33-1", { dialString: "g0/80291112233" }, "trunk", "", "dialled"],
    ["DAHDI/7-1", { context: "from-internal", callerId: "112" }, "extension", "112", "context"],
    ["DAHDI/7-1", { dialString: "7", callerId: "112" }, "extension", "112", "rung"],
    ["DAHDI/i2/291234567-1a", { callerId: "112" }, "trunk", "", "technology"],
    ["Dongle/dongle0-0100000000", { callerId: "152" }, "trunk", "", "technology"],
    ["SIP/203.0.113.10-00000001", { callerId: "152" }, "trunk", "", "name"],
    [
      "SIP/ivanov-00000001",
      { context: "office", callerId: "151" },
      "extension",
      "151",
      "caller-id",
    ],
    ["SIP/mts-00000001", { callerId: "151" }, "trunk", "", "name"],
    ["SIP/ivanov-00000001", { context: "from-internal" }, "extension", "ivanov", "context"],
    ["PJSIP/0367-151-00000001", { callerId: "151" }, "extension", "151", "caller-id"],
    ["PJSIP/0367-151-00000001", { context: "from-internal" }, "extension", "151", "context"],
    ["PJSIP/99151-00000001", { callerId: "151" }, "extension", "151", "caller-id"],
    ["SIP/201-WS-00000001", { context: "from-internal" }, "extension", "201", "context"],
    ["SIP/T2_101-00000001", { context: "from-internal-xfer" }, "extension", "101", "context"],
    [
      "SIP/001565123456-00000001",
      { context: "from-internal", callerId: "151" },
      "extension",
      "151",
      "context",
    ],
    ["SIP/375172000001-00000001", {}, "trunk", "", "name"],
    ["SIP/375172000001-00000001", { callerId: "375291112233" }, "trunk", "", "caller-id"],
    ["PJSIP/mts-00000001", {}, "trunk", "", "name"],
    ["SIP/151-00000001", { told: () => "trunk" }, "trunk", "", "told"],
  ];
  for (const [channel, evidence, kind, number, by] of CASES) {
    const { told, ...shown } = evidence;
    it(`${channel} ${JSON.stringify(shown)}: ${kind} ${number} by ${by}`, () => {
      const { peer: _, ...judged } = endpointOfChannel(channel, evidence);
      expect(judged).toEqual({ kind, number, by } as never);
    });
  }

  it("where the extensions are known, by what the name holds", () => {
    const evidence = { isKnownExtension: (number: string) => ["151", "ivanov"].includes(number) };
    const PEERS: readonly [peer: string, extension: string][] = [
      ["151", "151"],
      ["152", "152"],
      ["0367-151", "151"],
      ["151-acme", "151"],
      ["acme_151", "151"],
      ["ivanov", "ivanov"],
      ["0367-152", ""],
      ["mts", ""],
      ["203.0.113.151", ""],
    ];
    for (const [peer, extension] of PEERS) {
      expect([peer, endpointOfChannel(`SIP/${peer}-00000001`, evidence).number]).toEqual([
        peer,
        extension,
      ]);
    }
  });
});

it("takes a line that is known for one whatever it is called", () => {
  const evidence = { isKnownTrunk: (peer: string) => peer === "1363" };
  expect(endpointOfChannel("SIP/1363-00000001", evidence)).toEqual({
    kind: "trunk",
    peer: "1363",
    number: "",
    by: "told",
  });
  expect(endpointOfChannel("PJSIP/151-00000001", evidence).number).toBe("151");
});

it("takes two to six digits for an extension", () => {
  const texts = ["1", "15", "150001", "1500011", "15a", "", "+151", "*55"];
  expect(texts.filter(isExtensionNumber)).toEqual(["15", "150001"]);
});
