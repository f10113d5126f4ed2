// The service from outside: the program is started, events are posted, the page is opened, the files are read, and a
// signal stops it.

import { describe, expect, it } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addEnterprise, runBinary, startBinary } from "../support/binary.ts";
import { post, req } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};

const linesOf = async (folder: string): Promise<string[]> => {
  const file = await readFile(join(folder, "call_tracer/0367/events.log"), "utf8");
  expect(file).toEndWith("\n");
  return file.slice(0, -1).split("\n");
};

describe("calllog serve", () => {
  it("takes events, writes them as lines, shows the call, and ends with 0 on SIGTERM", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using server = await startBinary([], { cwd });
      const base = server.webhooksUrl;
      const uniqueId = "1764493655.61";
      const start = {
        Token: enterprise.webhookToken,
        UniqueId: uniqueId,
        Phone: "375295305942",
        CallType: 0,
        Trunk: "0001363",
        CallerIDName: "Иван | Петров",
      };
      const hangup = { ...start, CallStatus: "0", Extensions: [""] };
      const answers = [
        await fetch(post("/start", start, { base })),
        await fetch(post("/dial", { ...start, Extensions: ["151"] }, { base })),
        await fetch(post("/hangup", hangup, { base })),
      ];
      for (const answer of answers) {
        expect({ status: answer.status, body: await answer.json() }).toEqual({
          status: 200,
          body: { status: "ok" },
        });
      }
      const refused = await fetch(post("/start", { ...start, Token: "000000000000" }, { base }));
      expect(refused.status).toBe(401);

      const path = `/call/0367/${uniqueId}?token=${enterprise.secret}`;
      const page = await fetch(
        req(path, { base: server.pagesUrl, headers: { accept: "text/html" } }),
      );
      expect({ status: page.status, errors: server.errors() }).toEqual({ status: 200, errors: [] });
      expect(await page.text()).toContain(uniqueId);
      const json = await fetch(
        req(path, { base: server.pagesUrl, headers: { accept: "application/json" } }),
      );
      expect(await json.json()).toMatchObject({
        call: { enterprise: "0367", direction: "incoming", status: "missed" },
        records: [{ event: "start" }, { event: "dial" }, { event: "hangup" }],
      });
      const denied = await fetch(req(path.replace(/.$/, "0"), { base: server.pagesUrl }));
      expect(denied.status).toBe(403);

      expect(await server.stop()).toBe(0);
      const lines = await linesOf(cwd);
      expect(lines.map((line) => line.split("|").slice(1, 4).join("|"))).toEqual([
        `AST|start|${uniqueId}`,
        `AST|dial|${uniqueId}`,
        `AST|hangup|${uniqueId}`,
      ]);
      expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\|AST\|start\|/);
      expect(JSON.parse(lines[2]?.split("|").slice(4).join("|") ?? "")).toEqual(hangup);
      for (const secret of [enterprise.secret, enterprise.webhookToken]) {
        expect(server.log()).not.toContain(secret);
      }
    });
  });

  it("takes events whatever host they are sent to, however short its name", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using server = await startBinary([], { cwd });
      for (const host of ["a", "pbx", "pbx1", "log:8000"]) {
        const event = { Token: enterprise.webhookToken, UniqueId: `1764493655.${host.length}` };
        const request = post("/start", event, { base: server.webhooksUrl });
        request.headers.set("host", host);
        expect({ host, status: (await fetch(request)).status }).toEqual({ host, status: 200 });
      }
    });
  });

  it("says why it takes no body of 20 MB", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary([], { cwd });
      const answer = await fetch(
        post("/start", "x".repeat(20_000_000), { base: server.webhooksUrl }),
      );
      expect(answer.status).toBe(413);
      expect((await answer.json()).error.code).toBe("too_large");
    });
  });

  it("says at the start that the folder cannot be written, and goes on", async () => {
    await inTempDir(async (cwd) => {
      await writeFile(join(cwd, "call_tracer"), "a file, no folder");
      await using server = await startBinary([], { cwd });
      expect(server.log()).toContain("events cannot be recorded");
      expect((await fetch(req("/health", { base: server.webhooksUrl }))).status).toBe(503);
    });
  });

  it("finds a call again after a restart", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      const body = { Token: enterprise.webhookToken, UniqueId: "host-1764493655.7", CallType: 0 };
      {
        await using first = await startBinary([], { cwd });
        await fetch(post("/start", body, { base: first.webhooksUrl }));
        expect(await first.stop("SIGINT")).toBe(0);
      }
      await using second = await startBinary([], { cwd });
      const path = `/call/0367/${body.UniqueId}?token=${enterprise.secret}`;
      const page = await fetch(req(path, { base: second.pagesUrl }));
      expect({ status: page.status, errors: second.errors() }).toEqual({ status: 200, errors: [] });
    });
  });

  it("answers /health on both listeners", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary([], { cwd });
      for (const base of [server.webhooksUrl, server.pagesUrl]) {
        const health = await fetch(req("/health", { base }));
        expect(health.status).toBe(200);
        expect(await health.json()).toMatchObject({ status: "ok" });
      }
    });
  });

  it("says which port is taken and ends with 1", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary([], { cwd });
      const taken = new URL(server.webhooksUrl).port;
      const local = ["--host", "127.0.0.1", "--webhook-host", "127.0.0.1", "--port", "0"];
      const run = await runBinary(["serve", ...local, "--webhook-port", taken], { cwd });
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(taken);
      expect(run.stderr).toContain("--webhook-port");
    });
  });

  it("obeys no .env and no bunfig.toml of its working directory", async () => {
    // The sources are run by Bun itself, which does read both.
    if (process.env["TEST_SOURCE"] === "1") return;
    await inTempDir(async (cwd) => {
      await mkdir(join(cwd, "call_tracer"));
      await writeFile(join(cwd, ".env"), "CALLLOG_PORT=not-a-port\n");
      await writeFile(join(cwd, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
      await writeFile(join(cwd, "evil.ts"), 'console.log("preloaded"); process.exit(7);\n');
      await using server = await startBinary([], { cwd });
      expect((await fetch(req("/health", { base: server.pagesUrl }))).status).toBe(200);
      expect(await server.stop()).toBe(0);
    });
  });
});
