import { describe, expect, it } from "bun:test";
import { parseAddress, parseNetwork } from "../lib/addresses.ts";
import { isOwnOrigin, type Way, wayOf } from "./transport.ts";

const trusted = [parseNetwork("192.0.2.1"), parseNetwork("127.0.0.1")].filter(
  (network) => network !== undefined,
);
const local = { host: "127.0.0.1:8026" };
const secure = { host: "calls.example.by", "x-forwarded-proto": "https" };

describe("wayOf", () => {
  const cases: readonly (readonly [peer: string, headers: Record<string, string>, way: Way])[] = [
    ["127.0.0.1", local, "loopback"],
    ["::ffff:127.0.0.1", { host: "localhost" }, "loopback"],
    ["::1", { host: "[::1]:8026" }, "loopback"],
    // A proxy without headers, and a name that was made to lead here.
    ["127.0.0.1", { host: "calls.example.by" }, "open"],
    ["127.0.0.1", { host: "127.0.0.1.evil.example" }, "open"],
    ["203.0.113.7", local, "open"],
    ["203.0.113.7", secure, "open"],
    ["192.0.2.1", secure, "https"],
    ["127.0.0.1", secure, "https"],
    ["192.0.2.1", { ...secure, "x-forwarded-proto": "https, http" }, "open"],
    ["192.0.2.1", { ...secure, "x-forwarded-proto": "http, HTTPS" }, "https"],
    ["192.0.2.1", { host: "calls.example.by", "x-forwarded-for": "127.0.0.1" }, "open"],
  ];
  it.each(cases)("%s %p is %s", (peer, headers, way) =>
    expect(wayOf(parseAddress(peer), new Headers(headers), trusted)).toBe(way),
  );

  it("is open where the other end is not known", () =>
    expect(wayOf(undefined, new Headers(local), trusted)).toBe("open"));
});

describe("isOwnOrigin", () => {
  const PUBLIC = "https://calls.example.by/pages";
  const own = (headers: Record<string, string>, way: Way): boolean =>
    isOwnOrigin(new Headers(headers), way, PUBLIC);

  it("is what was asked for, and over https the public address", () => {
    expect(own({ ...local, origin: "http://127.0.0.1:8026" }, "loopback")).toBe(true);
    expect(own({ host: "10.0.0.1", origin: "https://calls.example.by" }, "https")).toBe(true);
    expect(own({ ...local, origin: "https://calls.example.by" }, "loopback")).toBe(false);
    expect(own({ ...local, origin: "https://127.0.0.1:8026" }, "loopback")).toBe(false);
    expect(own({ ...local, origin: "null" }, "loopback")).toBe(false);
    expect(own(local, "loopback")).toBe(false);
  });
});
