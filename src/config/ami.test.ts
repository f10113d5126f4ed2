// What may be written for --ami and --ami-enterprise, and that nothing of it is repeated.

import { describe, expect, it } from "bun:test";
import { amiAddresses, enterpriseNumbers, peerPatterns } from "./ami.ts";
import { formatMistake, parseConfig } from "./index.ts";

const addressesOf = (text: string) => {
  const read = amiAddresses.parse(text, "/");
  return read.ok ? read.value : undefined;
};

describe("--ami", () => {
  it("reads one, several, IPv6, TLS, and secrets with any character", () => {
    expect(addressesOf("none")).toEqual([]);
    expect(addressesOf("tcp://u:s@127.0.0.1:5038,tls://v:p%40%2C%3A@[2001:db8::5]")).toEqual([
      { host: "127.0.0.1", port: 5038, user: "u", secret: "s", tls: false },
      { host: "2001:db8::5", port: 5039, user: "v", secret: "p@,:", tls: true },
    ]);
    expect(addressesOf("tcp://u:a:b@pbx")).toEqual([
      { host: "pbx", port: 5038, user: "u", secret: "a:b", tls: false },
    ]);
  });

  for (const text of [
    "",
    "127.0.0.1:5038",
    "http://u:s@127.0.0.1",
    "tcp://127.0.0.1:5038",
    "tcp://u@127.0.0.1",
    "tcp://u:@127.0.0.1",
    "tcp://u:s@127.0.0.1:0",
    "tcp://u:s@127.0.0.1:70000",
    "tcp://u:s%0D%0AAction%3A%20Originate@127.0.0.1",
    "tcp://u:s@127.0.0.1/x",
    "tcp://u:s@127.0.0.1 127.0.0.1",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(addressesOf(text)).toBeUndefined());
  }

  it("never repeats a secret in a mistake", () => {
    const flags = new Map([["ami", "tcp://u:t0psecret@127.0.0.1:x"]]);
    const read = parseConfig({ flags, env: {}, cwd: "/" });
    expect(read.ok ? "" : read.error.map(formatMistake).join()).toContain("--ami: must be tcp://");
    expect(JSON.stringify(read)).not.toContain("t0psecret");
  });

  it("goes with as many --ami-enterprise, or none", () => {
    const read = (enterprises: string) =>
      parseConfig({
        flags: new Map([["ami", "tcp://u:s@a tcp://u:s@b"]]),
        env: { CALLLOG_AMI_ENTERPRISE: enterprises },
        cwd: "/",
      }).ok;
    expect([read("0367,0999"), read(""), read("0367"), read("1 2 3")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(enterpriseNumbers.parse("0367 ../x", "/").ok).toBe(false);
  });
});

describe("--ami-trunks and --ami-extensions", () => {
  const listsOf = (text: string) => {
    const read = peerPatterns.parse(text, "/");
    return read.ok ? read.value : undefined;
  };

  it("are a list for each PBX", () => {
    expect(listsOf("none")).toEqual([]);
    expect(listsOf("mts*, 5061,DAHDI/*")).toEqual([["mts*", "5061", "DAHDI/*"]]);
    expect(listsOf("mts none SIP/line.1,a@b")).toEqual([["mts"], [], ["SIP/line.1", "a@b"]]);
  });

  for (const text of ["*", "**", "*/*", "mts,*", "", "mts,", "a|b", "x".repeat(65)]) {
    it(`refuse ${JSON.stringify(text)}`, () => expect(listsOf(text)).toBeUndefined());
  }

  it("go with as many --ami", () => {
    const read = (trunks: string) =>
      parseConfig({
        flags: new Map([
          ["ami", "tcp://u:s@a tcp://u:s@b"],
          ["ami-trunks", trunks],
        ]),
        env: {},
        cwd: "/",
      });
    expect([read("mts none").ok, read("mts").ok]).toEqual([true, false]);
    const refused = read("mts * ");
    expect(refused.ok ? "" : refused.error.map(formatMistake).join()).toContain("--ami-trunks");
  });
});
