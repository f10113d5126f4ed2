// What a link opens, and that nothing else does.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { callPath, callToken, isCallToken } from "./links.ts";

const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const SCOPE = { enterprise: "0367", uniqueId: "1764493655.61" };
const NOW = Date.UTC(2025, 10, 30, 12);
const EXPIRES = NOW + 60_000;
const opens = (token: string, { secret = SECRET, scope = SCOPE, now = NOW } = {}) =>
  isCallToken(token, secret, scope, now);

describe("a link's token", () => {
  it("is 28 characters that need no escaping", async () => {
    expect(await callToken(SECRET, SCOPE, EXPIRES)).toMatch(/^[A-Za-z0-9_-]{28}$/);
  });

  it("opens its call until it expires, by the clock it is given", async () => {
    const token = await callToken(SECRET, SCOPE, EXPIRES + 999);
    expect(await opens(token)).toBe(true);
    expect(await opens(token, { now: EXPIRES - 1 })).toBe(true);
    expect(await opens(token, { now: EXPIRES })).toBe(false);
  });

  it("opens no other call, enterprise, or anything after the secret changed", async () => {
    const token = await callToken(SECRET, SCOPE, EXPIRES);
    const others = [
      { scope: { ...SCOPE, uniqueId: "1764493655.6" } },
      { scope: { ...SCOPE, uniqueId: "1764493655.610" } },
      { scope: { ...SCOPE, enterprise: "0368" } },
      { scope: { enterprise: "036", uniqueId: "71764493655.61" } },
      { secret: `${SECRET}0` },
      { secret: SECRET.toUpperCase() },
    ];
    for (const other of others) expect(await opens(token, other)).toBe(false);
  });

  it("is refused with any character changed", async () => {
    const token = await callToken(SECRET, SCOPE, EXPIRES);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < token.length; at++) {
      const old = alphabet.indexOf(token[at] as string);
      // One bit, and all of them.
      for (const flipped of [old ^ 1, old ^ 32, old ^ 63]) {
        const changed = token.slice(0, at) + alphabet[flipped] + token.slice(at + 1);
        expect(await opens(changed)).toBe(false);
      }
    }
  });

  it("has no other spelling", async () => {
    // The expiry is chosen so that both characters that base64 writes otherwise occur.
    let token = "";
    for (let later = 0; !/-.*_|_.*-/.test(token); later += 1000) {
      token = await callToken(SECRET, SCOPE, EXPIRES + later);
    }
    expect(await opens(token)).toBe(true);
    const spellings = [
      token.replaceAll("-", "+"),
      token.replaceAll("_", "/"),
      `${token}=`,
      `${token}====`,
      `${token}A`,
      ` ${token}`,
      `${token}\n`,
      `${token.slice(0, 14)}\n${token.slice(14)}`,
      encodeURIComponent(token).replace("-", "%2D"),
    ];
    for (const spelling of spellings) expect(await opens(spelling)).toBe(false);
  });

  it("opens exactly what it was made for, whatever that is", async () => {
    const number = fc.stringMatching(/^[A-Za-z0-9_-]{1,4}$/);
    const id = fc.stringMatching(/^[0-9.]{1,4}$/);
    const scope = fc.record({ enterprise: number, uniqueId: id });
    const secret = fc.stringMatching(/^[a-f0-9]{4,8}$/);
    await fc.assert(
      fc.asyncProperty(scope, scope, secret, secret, async (made, asked, signed, known) => {
        const token = await callToken(signed, made, EXPIRES);
        const isSame =
          made.enterprise === asked.enterprise &&
          made.uniqueId === asked.uniqueId &&
          signed === known;
        expect(await isCallToken(token, known, asked, NOW)).toBe(isSame);
        expect(await isCallToken(token, signed, made, NOW)).toBe(true);
      }),
    );
  });

  it("is never made up", async () => {
    const guess = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[\w-]{28}$/));
    await fc.assert(
      fc.asyncProperty(guess, async (token) => expect(await opens(token)).toBe(false)),
    );
  });
});

it("puts ids into the path so that they come back", () => {
  const path = callPath({ enterprise: "0367", uniqueId: "pbx:0367@x+y-1.2" }, "t");
  expect(path).toBe("/call/0367/pbx%3A0367%40x%2By-1.2?token=t");
});
