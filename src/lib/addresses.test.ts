// One address written in many ways, and texts that only look like one.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { isWithin, parseAddress, parseNetwork, siteOf } from "./addresses.ts";

describe("parseAddress", () => {
  const same: readonly (readonly [string, string])[] = [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:c000:0207", "192.0.2.7"],
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:DB8::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
  ];
  for (const [text, address] of same) {
    it(`reads ${text} as ${address}`, () => expect(parseAddress(text)?.toString()).toBe(address));
  }

  const none = [
    "",
    " ",
    "localhost",
    "192.0.2",
    "127.1",
    "2130706433",
    "0x7f000001",
    "010.0.0.1",
    "192.0.2.256",
    "192.0.2.7 ",
    "192.0.2.7\n",
    "192.0.2.7/32",
    "1.2.3.4.5",
    "::1::",
    ":",
    "fe80::1%",
    "fe80::1%a b",
    "[::1]",
    "2001:db8::1:80:90:1:2:3:4:5",
    "ｆｆ::1",
    "::ffff:1.2.3",
  ];
  for (const text of none) {
    it(`takes ${JSON.stringify(text)} for none`, () => expect(parseAddress(text)).toBeUndefined());
  }

  it("never throws", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.%[]/ ") }),
    );
    fc.assert(
      fc.property(text, (written) => {
        parseAddress(written);
        parseNetwork(written);
      }),
    );
  });
});

describe("a network", () => {
  const inside = (address: string, network: string): boolean => {
    const [found, of] = [parseAddress(address), parseNetwork(network)];
    if (found === undefined || of === undefined) throw new Error("not readable");
    return isWithin(found, [of]);
  };

  const cases: readonly (readonly [string, string, boolean])[] = [
    ["10.88.10.7", "10.88.10.0/24", true],
    ["10.88.11.7", "10.88.10.0/24", false],
    ["10.88.10.7", "10.88.10.99/24", true],
    ["10.88.10.7", "10.88.10.7", true],
    ["10.88.10.8", "10.88.10.7", false],
    ["203.0.113.9", "0.0.0.0/0", true],
    ["::ffff:10.88.10.7", "10.88.10.0/24", true],
    ["10.88.10.7", "::ffff:10.88.10.0/120", true],
    ["10.88.11.7", "::ffff:10.88.10.0/120", false],
    ["2001:db8:1::5", "2001:db8:1::/48", true],
    ["2001:db8:2::5", "2001:db8:1::/48", false],
    ["10.88.10.7", "::/0", false],
    ["::1", "0.0.0.0/0", false],
  ];
  for (const [address, network, expected] of cases) {
    it(`${network} ${expected ? "holds" : "does not hold"} ${address}`, () =>
      expect(inside(address, network)).toBe(expected));
  }

  for (const text of [
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10.0.0.0/8 ",
    "::/129",
    "10/8",
    "*",
    "any",
    "::ffff:10.0.0.0/8",
    "10.0.0.0/255.0.0.0",
  ]) {
    it(`is not written ${JSON.stringify(text)}`, () => expect(parseNetwork(text)).toBeUndefined());
  }
});

describe("siteOf", () => {
  const named = (text: string): string => siteOf(parseAddress(text) as never);
  it("is an IPv4 address itself, however it came", () => {
    expect(named("192.0.2.7")).toBe("192.0.2.7");
    expect(named("::ffff:192.0.2.7")).toBe("192.0.2.7");
  });

  it("is the same for all addresses that one line is given", () => {
    expect(named("2001:db8:1:2::1")).toBe("2001:db8:1:2::/64");
    expect(named("2001:db8:1:2:ffff:ffff:ffff:ffff")).toBe("2001:db8:1:2::/64");
    expect(named("2001:db8:1:3::1")).toBe("2001:db8:1:3::/64");
  });
});
