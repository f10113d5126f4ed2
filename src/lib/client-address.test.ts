// Who a request is from, whatever its headers say.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseNetwork } from "./addresses.ts";
import { clientAddress, clientName, createClientAddressOf } from "./client-address.ts";

const networks = (...texts: string[]) =>
  texts.map((text) => parseNetwork(text)).filter((network) => network !== undefined);
const TRUSTED = networks("127.0.0.1", "10.0.0.0/8", "2001:db8:aaaa::/48");
const clientOf = (peer: string, forwardedFor: string | null, trusted = TRUSTED) =>
  clientAddress(peer, forwardedFor, trusted)?.toString();

describe("clientAddress", () => {
  const cases: readonly (readonly [string, string, string | null, string])[] = [
    ["no header", "198.51.100.5", null, "198.51.100.5"],
    ["a header from somebody who is no proxy", "198.51.100.5", "203.0.113.9", "198.51.100.5"],
    ["one proxy", "127.0.0.1", "203.0.113.9", "203.0.113.9"],
    [
      "one proxy, and what the client had sent before",
      "127.0.0.1",
      "127.0.0.1, 203.0.113.9",
      "203.0.113.9",
    ],
    ["two proxies", "127.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4", "203.0.113.9"],
    [
      "a trusted address in front of an untrusted one",
      "127.0.0.1",
      "10.9.9.9, 203.0.113.9",
      "203.0.113.9",
    ],
    ["nothing but proxies", "127.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"],
    ["an empty header", "127.0.0.1", "", "127.0.0.1"],
    ["no address at the end", "127.0.0.1", "203.0.113.9, unknown", "127.0.0.1"],
    ["an empty place at the end", "127.0.0.1", "203.0.113.9,", "127.0.0.1"],
    ["no address before a proxy", "127.0.0.1", "_hidden, 10.2.2.2", "10.2.2.2"],
    ["a port", "127.0.0.1", "203.0.113.9:51234", "203.0.113.9"],
    ["IPv6", "127.0.0.1", "2001:db8::7", "2001:db8::7"],
    ["IPv6 in brackets", "127.0.0.1", "[2001:db8::7]", "2001:db8::7"],
    ["IPv6 with a port", "127.0.0.1", "[2001:db8::7]:443", "2001:db8::7"],
    ["a proxy reached by IPv6", "2001:db8:aaaa::1", "203.0.113.9", "203.0.113.9"],
    ["a proxy that a dual socket sees as mapped", "::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["a mapped client", "127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
    ["an address that programs read differently", "127.0.0.1", "0203.0.113.9", "127.0.0.1"],
  ];
  for (const [name, peer, header, expected] of cases) {
    it(name, () => expect(clientOf(peer, header)).toBe(expected));
  }

  it("believes nobody where no proxy is trusted", () => {
    expect(clientOf("127.0.0.1", "203.0.113.9", [])).toBe("127.0.0.1");
  });

  it("is what the proxy wrote, whatever and however much the client had written before", () => {
    const invented = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 }), fc.constant(""));
    fc.assert(
      fc.property(fc.array(invented, { maxLength: 50 }), (before) => {
        expect(clientOf("127.0.0.1", [...before, "203.0.113.9"].join(", "))).toBe("203.0.113.9");
      }),
    );
    expect(clientOf("127.0.0.1", `${"10.1.1.1,".repeat(5000)}203.0.113.9`)).toBe("203.0.113.9");
  });

  it("is nobody where the runtime does not tell", () => {
    expect(clientAddress(undefined, "203.0.113.9", TRUSTED)).toBeUndefined();
    expect(clientName(undefined)).toBe("unknown");
  });
});

describe("createClientAddressOf", () => {
  const server = { requestIP: () => ({ address: "127.0.0.1" }) };
  const request = new Request("http://localhost/", {
    headers: { "x-forwarded-for": "203.0.113.9" },
  });

  it("reads the header only for the proxies it was given", () => {
    expect(createClientAddressOf(TRUSTED)(request, server)?.toString()).toBe("203.0.113.9");
    expect(createClientAddressOf([])(request, server)?.toString()).toBe("127.0.0.1");
    expect(createClientAddressOf(TRUSTED)(request, null)).toBeUndefined();
  });
});
