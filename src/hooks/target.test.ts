// Which addresses a webhook may go to.

import { describe, expect, it } from "bun:test";
import { type Network, parseNetwork } from "../lib/addresses.ts";
import { addressOf, hookUrlRule, refusedAsWritten, shownTarget } from "./target.ts";

const networks = (...texts: readonly string[]): Network[] =>
  texts.flatMap((text) => parseNetwork(text) ?? []);

describe("hookUrlRule", () => {
  it.each([
    ["https://crm.example/calls?key=1", true],
    ["http://crm.example:8080/", true],
    ["ftp://crm.example/", false],
    ["https://user:pass@crm.example/", false],
    ["https://crm.example/#part", false],
    ["crm.example/calls", false],
    [`https://crm.example/${"a".repeat(2000)}`, false],
  ])("%s: %p", (text, isAllowed) => expect(hookUrlRule.allows(text)).toBe(isAllowed));
});

describe("refusedAsWritten", () => {
  it.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "http://[::1]/",
    "http://[fc00::1]/",
    "http://[fe80::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[2002:a00:1::]/",
  ])("refuses %s", (url) => expect(refusedAsWritten(url, [])).toContain("--hook-allow-private"));

  it("takes public addresses, names, and what the operator allows", () => {
    expect(refusedAsWritten("https://93.184.216.34/", [])).toBeUndefined();
    expect(refusedAsWritten("https://[2606:2800:220:1::1]/", [])).toBeUndefined();
    expect(refusedAsWritten("https://crm.example/", [])).toBeUndefined();
    expect(refusedAsWritten("http://10.1.2.3/", networks("10.0.0.0/8"))).toBeUndefined();
    expect(refusedAsWritten("http://10.1.2.3/", networks("10.2.0.0/16"))).toBeDefined();
  });
});

describe("addressOf", () => {
  const answering =
    (...addresses: readonly string[]) =>
    async () =>
      addresses;

  it("refuses a name that means a private address, and takes the public one of several", async () => {
    const of = (...addresses: readonly string[]) =>
      addressOf("https://crm.example/", [], answering(...addresses));
    expect(await of("10.0.0.5")).toMatchObject({ ok: false });
    expect(await of("10.0.0.5", "93.184.216.34")).toEqual({ ok: true, value: "93.184.216.34" });
    expect(await of()).toMatchObject({ ok: false });
  });

  it("says in one line why a name cannot be found", async () => {
    const found = await addressOf("https://crm.example/", [], async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" });
    });
    expect(found).toEqual({
      ok: false,
      error: "cannot find the address of crm.example (ENOTFOUND)",
    });
  });
});

describe("shownTarget", () => {
  it("shows the host alone: the rest may be a secret", () => {
    expect(shownTarget("https://acme.example/rest/1/abcdef/?x=1")).toBe("https://acme.example/…");
    expect(shownTarget("https://acme.example")).toBe("https://acme.example/");
  });
});
