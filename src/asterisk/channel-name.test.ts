// Names of channels as chan_sip, PJSIP, IAX2, DAHDI and Asterisk itself write them.

import { describe, expect, it } from "bun:test";
import { isLocal, localPair, readChannelName, standsFor } from "./channel-name.ts";

describe("readChannelName", () => {
  const NAMES: readonly [name: string, technology: string, peer: string, isInner?: true][] = [
    ["PJSIP/151-0000015c", "PJSIP", "151"],
    ["SIP/0001363-000a1b2c", "SIP", "0001363"],
    ["SIP/provider.example.test-0000002a", "SIP", "provider.example.test"],
    ["PJSIP/0367-151-0000015c", "PJSIP", "0367-151"],
    ["PJSIP/mts-out-0000015c", "PJSIP", "mts-out"],
    ["IAX2/moscow-4711", "IAX2", "moscow"],
    ["DAHDI/33-1", "DAHDI", "33"],
    ["DAHDI/i2/291234567-1a", "DAHDI", "i2"],
    ["PJSIP/151-0000015c<ZOMBIE>", "PJSIP", "151"],
    ["PJSIP/151-0000015c<MASQ><ZOMBIE>", "PJSIP", "151"],
    ["AsyncGoto/PJSIP/151-0000015c<ZOMBIE>", "AsyncGoto", "PJSIP/151", true],
    ["Masq/SIP/151-0000015c<ZOMBIE>", "Masq", "SIP/151", true],
    ["Local/152@from-internal-00000012;1", "Local", "152@from-internal", true],
    ["CBAnn/meet-00000003;2", "CBAnn", "meet", true],
    ["Surrogate/PJSIP/151-0000015c", "Surrogate", "PJSIP/151", true],
    ["151", "", "151"],
    ["", "", ""],
  ];
  for (const [name, technology, peer, isInner = false] of NAMES) {
    it(`${name || "nothing"} is ${technology || "no technology"}, ${peer || "nobody"}`, () => {
      expect(readChannelName(name)).toEqual({ technology, peer, isInner });
    });
  }
});

it("names the channel that a stand-in stands for", () => {
  const names = ["AsyncGoto/PJSIP/0367-151-0000015c", "Masq/SIP/151-1", "DAHDI/i1/112-1", "Parked"];
  expect(names.map(standsFor)).toEqual([
    "PJSIP/0367-151-0000015c",
    "SIP/151-1",
    "DAHDI/i1/112-1",
    "Parked",
  ]);
});

it("knows both ends of a pipe by one name", () => {
  const ends = [1, 2].map((end) => `Local/152@from-internal-00000012;${end}`);
  expect(ends.map(localPair)).toEqual([
    "Local/152@from-internal-00000012",
    "Local/152@from-internal-00000012",
  ]);
  expect(ends.every(isLocal)).toBe(true);
  expect([isLocal("PJSIP/Local/151-1"), localPair("PJSIP/151-0000015c")]).toEqual([
    false,
    undefined,
  ]);
});
