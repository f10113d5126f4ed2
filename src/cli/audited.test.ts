// Changes on the command line are in the audit, by whom, and without what opens anything.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { nameInPasswd } from "./audited.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { hookCommands } from "./hook.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";
import { userCommands } from "./user.ts";

let box: CliSandbox;
beforeEach(() => {
  box = openSandbox([...enterpriseCommands, ...userCommands, ...hookCommands]);
});
afterEach(() => box.remove());
const path = () => join(box.folder, "call_tracer", ".audit.log");

const LINES = [
  "enterprise add 0367 --name A --secret given-secret --bot-token 700001:given-bot",
  "enterprise set 0367 --name B --secret other-secret",
  "user add 101 --enterprise 0367",
  "user set 101 --enterprise 0367 --cards missed",
  "user remove 101 --enterprise 0367",
  "enterprise rotate-secret 0367",
  "user uninvite 0367",
  "enterprise remove 0367",
];

describe("a command that changes something", () => {
  it("is a line of the audit, without a secret; one that fails is two", async () => {
    mkdirSync(join(box.folder, "call_tracer"));
    const shown: string[] = [];
    for (const line of LINES) {
      const { code, stdout } = await box.run(line.split(" "));
      expect([line, code]).toEqual([line, 0]);
      shown.push(...(stdout.match(/\b[0-9a-f]{32}\b/g) ?? []));
    }
    expect((await box.run(["enterprise", "remove", "0367"])).code).toBe(1);
    const text = readFileSync(path(), "utf8");
    const told = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      told.map(({ what, enterprise, about }) =>
        [what, enterprise, about].filter(Boolean).join(" "),
      ),
    ).toEqual([
      "enterprise-add 0367",
      "enterprise-set 0367 name, secret",
      "user-add 0367 101",
      "user-set 0367 101",
      "user-remove 0367 101",
      "enterprise-rotate-secret 0367",
      "user-uninvite 0367",
      "enterprise-remove 0367",
      "enterprise-remove 0367",
      "enterprise-remove-failed 0367",
    ]);
    expect(told.every(({ from, at }) => from === "command line" && /Z$/.test(at))).toBe(true);
    expect(shown.length).toBeGreaterThan(0);
    for (const secret of [...shown, "given-secret", "other-secret", "given-bot"]) {
      expect(text).not.toContain(secret);
    }
  });

  it("is told of webhooks by their host alone, without their secrets", async () => {
    mkdirSync(join(box.folder, "call_tracer"));
    await box.run((LINES[0] ?? "").split(" "));
    const url = "https://crm.example/calls?key=invented-key";
    const { stdout } = await box.run(["hook", "add", "0367", url, "--json"]);
    const { id, secret } = JSON.parse(stdout);
    const rotated = JSON.parse((await box.run(["hook", "rotate", "0367", id, "--json"])).stdout);
    await box.run(["hook", "add", "0367", url]);
    await box.run(["hook", "add", "0367", "http://10.0.0.5/"]);
    await box.run(["hook", "remove", "0367", id]);
    await box.run(["hook", "test", "0367", id]);
    const text = readFileSync(path(), "utf8");
    const told = text.trimEnd().split("\n").slice(1);
    expect(
      told.map((line) => {
        const { what, enterprise, about } = JSON.parse(line);
        return [what, enterprise, about].join(" ");
      }),
    ).toEqual([
      "hook-add 0367 https://crm.example/…",
      `hook-rotate 0367 ${id}`,
      "hook-add 0367 https://crm.example/…",
      "hook-add-failed 0367 https://crm.example/…",
      "hook-add 0367 http://10.0.0.5/",
      "hook-add-failed 0367 http://10.0.0.5/",
      `hook-remove 0367 ${id}`,
    ]);
    for (const hidden of [secret, rotated.secret, "invented-key"])
      expect(text).not.toContain(hidden);
  });

  it("makes no data folder, which would be whoever's ran it first", async () => {
    await box.run((LINES[0] ?? "").split(" "));
    expect(existsSync(join(box.folder, "call_tracer"))).toBe(false);
  });
});

describe("nameInPasswd", () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n::5:5\n";
  it.each([
    [0, "root"],
    [1000, "anna"],
    [100, undefined],
    [5, undefined],
  ])("%i is %p", (uid, name) => expect(nameInPasswd(passwd, uid)).toBe(name));
});
