// The command line from outside: what is printed where, and the exit code.

import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { addEnterprise, runBinary, startBinary } from "../support/binary.ts";
import { req } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

describe("calllog", () => {
  it("prints its version, the package's own", async () => {
    const { version } = await Bun.file(join(import.meta.dir, "../../package.json")).json();
    await inTempDir(async (cwd) => {
      for (const argv of [["version"], ["--version"]]) {
        const run = await runBinary(argv, { cwd });
        expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
        expect(run.stdout).toStartWith(`calllog ${version} `);
      }
    });
  });

  it("prints help to standard output, for itself and for a command", async () => {
    await inTempDir(async (cwd) => {
      const all = await runBinary(["--help"], { cwd });
      expect({ code: all.code, stderr: all.stderr }).toEqual({ code: 0, stderr: "" });
      for (const word of ["serve", "simulate", "enterprise", "--webhook-port"]) {
        expect(all.stdout).toContain(word);
      }
      const one = await runBinary(["help", "simulate"], { cwd });
      expect(one.code).toBe(0);
      expect(one.stdout).toContain("--speed");
    });
  });

  it("names every mistake at once, listens to nothing and ends with 2", async () => {
    await inTempDir(async (cwd) => {
      const wrong = ["--port", "99999", "--retention-days", "soon", "--durabilty", "synced"];
      const run = await runBinary(["serve", ...wrong], { cwd, env: { CALLLOG_LANG: "fr" } });
      expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: "" });
      expect(run.stderr).toContain("--port 99999");
      expect(run.stderr).toContain("--retention-days soon");
      expect(run.stderr).toContain("--durabilty");
      expect(run.stderr).toContain("did you mean --durability?");
      expect(run.stderr).toContain("CALLLOG_LANG=fr");
      expect(run.stderr).not.toContain("listening");
    });
  });

  it("guesses what a mistyped command was", async () => {
    await inTempDir(async (cwd) => {
      const run = await runBinary(["simulat", "in_answered"], { cwd });
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("did you mean simulate?");
    });
  });
});

describe("calllog simulate", () => {
  it("plays a call into a running service, where its page tells what happened", async () => {
    await inTempDir(async (cwd) => {
      const secret = "0123456789abcdef0123456789abcdef";
      const webhookToken = "token-of-the-test";
      await addEnterprise({ number: "0367", webhookToken, secret }, { cwd });
      await using server = await startBinary([], { cwd });
      const to = ["--to", server.webhooksUrl, "--token", webhookToken, "--speed", "max"];
      const run = await runBinary(["simulate", "field_transfer_attended", ...to], { cwd });
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
      expect(run.stdout).toContain("45 of 45 events accepted");
      const uniqueId = /^call (\S+)$/m.exec(run.stdout)?.[1];
      const page = await fetch(
        req(`/call/0367/${uniqueId}?token=${secret}`, {
          base: server.pagesUrl,
          headers: { accept: "application/json" },
        }),
      );
      expect({ status: page.status, errors: server.errors() }).toEqual({ status: 200, errors: [] });
      const { call, records } = (await page.json()) as {
        call: { uniqueIds: string[]; bridgeIds: string[]; [key: string]: unknown };
        records: unknown[];
      };
      expect(records.length).toBe(45);
      expect(call.uniqueIds.length).toBe(8);
      expect(call.bridgeIds.length).toBe(5);
      expect(call).toMatchObject({
        direction: "incoming",
        status: "answered",
        answeredBy: ["150", "151", "152"],
        waitSeconds: 12,
        talkSeconds: 70,
      });
    });
  });

  it("says that nothing listens, and ends with 1", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary([], { cwd });
      await server.stop();
      const run = await runBinary(["simulate", "in_missed", "--to", server.webhooksUrl], { cwd });
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(`cannot post start to ${server.webhooksUrl}: nothing listens`);
    });
  });
});
