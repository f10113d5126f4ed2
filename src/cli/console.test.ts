import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openConsoleStore } from "../console/index.ts";
import { consoleCommand } from "./console.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

let box: CliSandbox;
beforeEach(() => {
  box = openSandbox([consoleCommand]);
});
afterEach(() => box.remove());

const store = () =>
  openConsoleStore(join(box.folder, "call_tracer"), { now: () => 1_764_493_655_000 });

describe("calllog console", () => {
  it("prints a link that can be used once, made by the user of the machine", async () => {
    const isRoot = process.getuid?.() === 0;
    const { code, stdout } = await box.run(
      ["console", "--public-url", "https://calls.example.by"],
      {
        env: { SUDO_USER: "anna" },
      },
    );
    expect(code).toBe(0);
    const link = /^https:\/\/calls\.example\.by\/console\?code=([0-9a-f]{32})\n/.exec(stdout)?.[1];
    const by = store().linkOf(link ?? "")?.by;
    expect(by === "anna").toBe(isRoot);
    const audit = readFileSync(join(box.folder, "call_tracer", ".audit.log"), "utf8");
    expect(JSON.parse(audit)).toMatchObject({ who: by, what: "console-link" });
    expect(audit).not.toContain(link);
  });

  it("ends all sessions", async () => {
    const open = store();
    const session = open.begin(open.createLink("anna"))?.session ?? "";
    expect((await box.run(["console", "--end"])).stdout).toContain("now ended: 1");
    expect(open.sessionOf(session)).toBeUndefined();
  });

  it("asks for an address where the port is any", async () => {
    const { code, stderr } = await box.run(["console", "--port", "0"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("give --public-url")]);
  });
});
