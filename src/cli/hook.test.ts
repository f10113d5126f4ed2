// `calllog hook …`: what it says, and what it changes.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { enterpriseCommands } from "./enterprise.ts";
import { hookCommands } from "./hook.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

const URL = "https://crm.example/calls?key=invented-key";
let box: CliSandbox;

beforeEach(async () => {
  box = openSandbox([...enterpriseCommands, ...hookCommands]);
  await box.run(["enterprise", "add", "0367", "--name", "Example"]);
});
afterEach(() => box.remove());

const idOf = async (): Promise<string> => {
  const { stdout } = await box.run(["hook", "list", "0367", "--json"]);
  return JSON.parse(stdout)[0]?.id ?? "";
};

describe("calllog hook", () => {
  it("adds one, shows its secret once, and lists it without", async () => {
    const added = await box.run(["hook", "add", "0367", URL]);
    const secret = /whsec_\S+/.exec(added.stdout)?.[0] ?? "none";
    expect(added).toMatchObject({ code: 0, stderr: "" });
    const listed = await box.run(["hook", "list"]);
    expect(listed.stdout).toMatch(
      /^ENTERPRISE {2}ID .*\n0367 {8}h[0-9a-f]{8} {2}https:\/\/crm\.example\/… .* on\n$/,
    );
    expect(listed.stdout).not.toContain(secret);
    expect(listed.stdout).not.toContain("invented-key");
    const again = await box.run(["hook", "add", "0367", URL]);
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringContaining(`is webhook ${await idOf()}`),
    ]);
  });

  it.each([
    [["hook", "add", "0367", "ftp://crm.example/"], "must be a web address"],
    [["hook", "add", "0367", "http://10.0.0.5/"], "not of the public network"],
    [["hook", "add", "0999", URL], "there is no enterprise 0999"],
    [["hook", "add", "0367", URL, "--secret", "whsec_c2hvcnQ="], "24 to 64 bytes"],
    [["hook", "remove", "0367", "h00000000"], "has no webhook h00000000"],
    [["hook", "rotate", "0367", "h00000000"], "has no webhook h00000000"],
    [["hook", "test", "0367"], "has no webhooks"],
    [["hook", "resend", "0367", "1.1"], "has no webhooks"],
    [["hook", "remove", "0367", "../x"], "must be h and 8 hexadecimal digits"],
  ])("%p changes nothing and says why", async (argv, why) => {
    const { code, stderr } = await box.run(argv);
    expect(code).not.toBe(0);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain("c2hvcnQ");
    expect((await box.run(["hook", "list"])).stdout).toBe(
      "There are no webhooks: calllog hook add ENT URL\n",
    );
  });

  it("takes a private address where the operator allows its network", async () => {
    const flags = ["--hook-allow-private", "10.0.0.0/24"];
    expect((await box.run(["hook", "add", "0367", "http://10.0.0.5/", ...flags])).code).toBe(0);
    expect((await box.run(["hook", "add", "0367", "http://10.0.1.5/", ...flags])).code).toBe(1);
  });

  it("rotates the secret, and removes", async () => {
    const added = await box.run(["hook", "add", "0367", URL, "--json"]);
    const id = await idOf();
    const rotated = await box.run(["hook", "rotate", "0367", id, "--json"]);
    const [before, after] = [JSON.parse(added.stdout), JSON.parse(rotated.stdout)];
    expect(after.secret).not.toBe(before.secret);
    expect(after.formerUntil).toBe("2025-12-01T09:07:35.000Z");
    expect((await box.run(["hook", "remove", "0367", id])).code).toBe(0);
    expect(await idOf()).toBe("");
  });

  it("asks for nothing of a call that is not there", async () => {
    await box.run(["hook", "add", "0367", URL]);
    const { code, stderr } = await box.run(["hook", "resend", "0367", "1764493655.61"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("no record of 1764493655.61")]);
  });

  it("goes with its enterprise", async () => {
    await box.run(["hook", "add", "0367", URL]);
    await box.run(["enterprise", "remove", "0367"]);
    expect(await idOf()).toBe("");
  });
});
