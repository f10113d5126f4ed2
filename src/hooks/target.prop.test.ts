// However a private address is written, it is refused; whatever stands behind a host is never shown.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { hookUrlRule, refusedAsWritten, shownTarget } from "./target.ts";

const byte = fc.integer({ min: 0, max: 255 });
/** Addresses that are nobody's on the public network, as four bytes. */
const privateBytes = fc.oneof(
  fc.tuple(fc.constant(10), byte, byte, byte),
  fc.tuple(fc.constant(127), byte, byte, byte),
  fc.tuple(fc.constant(0), byte, byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
);
type Bytes = readonly [number, number, number, number];
const whole = ([a, b, c, d]: Bytes): number => ((a * 256 + b) * 256 + c) * 256 + d;

/** The spellings that a URL allows. */
const SPELLINGS: readonly ((bytes: Bytes) => string)[] = [
  (bytes) => bytes.join("."),
  (bytes) => String(whole(bytes)),
  (bytes) => `0x${whole(bytes).toString(16)}`,
  (bytes) => `0${whole(bytes).toString(8)}`,
  (bytes) => bytes.map((one) => `0x${one.toString(16)}`).join("."),
  (bytes) => bytes.map((one) => `0${one.toString(8)}`).join("."),
  ([a, b, c, d]) => `${a}.${b}.${c * 256 + d}`,
  (bytes) => `${bytes.join(".")}.`,
  (bytes) => `[::ffff:${bytes.join(".")}]`,
  (bytes) => `[64:ff9b::${bytes.join(".")}]`,
];

describe("refusedAsWritten", () => {
  it("refuses a private address in every spelling", () => {
    fc.assert(
      fc.property(privateBytes, fc.constantFrom(...SPELLINGS), (bytes, spell) => {
        const url = `http://${spell(bytes)}:8080/calls`;
        if (!hookUrlRule.allows(url)) return;
        expect(refusedAsWritten(url, [])).toContain("--hook-allow-private");
      }),
    );
  });
});

describe("shownTarget", () => {
  it("has nothing of what stands behind the host", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
        const { origin } = new URL(url);
        expect([`${origin}/`, `${origin}/…`]).toContain(shownTarget(url));
      }),
    );
  });
});
