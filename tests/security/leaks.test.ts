// Where secrets could leak: the service log at debug level while everything fails that can fail, the modes of the files, and
// what the headers let a browser pass on. The built program, as an operator runs it.

import { Database } from "bun:sqlite";
import { describe, expect, it } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callPath, callToken } from "../../src/pages/index.ts";
import { runBinary, startBinary } from "../support/binary.ts";
import { post, req } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const secrets = {
  webhookToken: "leaky-webhook-token",
  secret: "leaky-page-secret-0123456789abcdef",
  botToken: "7123456789:AAleaky-bot-token-0123456789abcdef",
  password: "leaky-password",
};
const SCOPE = { enterprise: "0367", uniqueId: "1764500000.1" };

const addEnterprise = async (cwd: string): Promise<void> => {
  const credentials = ["--webhook-token", secrets.webhookToken, "--secret", secrets.secret];
  const bot = ["--bot-token", secrets.botToken];
  const added = await runBinary(
    ["enterprise", "add", "0367", "--name", "Test", ...credentials, ...bot],
    { cwd },
  );
  expect(added.code).toBe(0);
  for (const secret of Object.values(secrets))
    expect(added.stdout + added.stderr).not.toContain(secret);
  expect(
    (await runBinary(["user", "add", "374573193", "--enterprise", "0367"], { cwd })).code,
  ).toBe(0);
};

const event = {
  Token: secrets.webhookToken,
  UniqueId: SCOPE.uniqueId,
  Phone: "375295305942",
  CallType: 0,
};

/** A bot API that refuses everybody, and shows that it was asked. */
const refusingBotApi = () => {
  const asked: string[] = [];
  const first = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      asked.push(new URL(request.url).pathname);
      first.resolve();
      const description = `Unauthorized: token ${secrets.botToken} of ${request.url}`;
      return Response.json({ ok: false, error_code: 401, description }, { status: 401 });
    },
  });
  return { server, asked, wasAsked: first.promise };
};

describe("the service log", () => {
  it("holds no secret, whatever fails", () =>
    inTempDir(async (cwd) => {
      await addEnterprise(cwd);
      const { server: botApi, wasAsked } = refusingBotApi();
      const flags = [
        "--log-level",
        "debug",
        "--telegram-api-root",
        botApi.url.origin,
        "--metadata-url",
        "http://127.0.0.1:9",
        "--public-url",
        "https://calls.example.test",
      ];
      await using service = await startBinary(flags, { cwd });
      const { webhooksUrl: hooks, pagesUrl: pages } = service;
      const link = await callToken(secrets.secret, SCOPE, Date.now() + 600_000);
      const folder = join(cwd, "call_tracer/0367");
      const paths = [
        callPath(SCOPE, link),
        callPath(SCOPE, secrets.secret),
        `/calls/0367?token=${secrets.secret}`,
        `/call/0367/%zz?token=${secrets.secret}`,
        `/call/0367/1.1/live?token=${link}`,
        `/nothing?token=${secrets.secret}`,
        `/call/0368/1.1?token=${secrets.secret}`,
      ];
      const everything = async (): Promise<number[]> => {
        const statuses: number[] = [];
        for (const path of paths) {
          const headers = { accept: "text/html" };
          const abort = AbortSignal.timeout(5000);
          const answer = await fetch(req(path, { base: pages, headers }), { signal: abort });
          statuses.push(answer.status);
          await answer.body?.cancel();
        }
        for (const body of [
          event,
          { ...event, Token: `${secrets.webhookToken}x` },
          `{"Token":"${secrets.webhookToken}`,
        ]) {
          statuses.push((await fetch(post("/start", body, { base: hooks }))).status);
        }
        const headers = { token: secrets.webhookToken };
        statuses.push(
          (
            await fetch(
              post(`/dial?Token=${secrets.webhookToken}`, "nothing", { base: hooks, headers }),
            )
          ).status,
        );
        return statuses;
      };

      expect(await everything()).toContain(200);
      await wasAsked;

      // The trace cannot be written: a file stands where the folder should be.
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "");
      expect(await everything()).toContain(503);
      rmSync(folder);

      // The directory cannot be asked for what it has not remembered.
      const db = new Database(join(cwd, "calllog.sqlite"));
      db.run("ALTER TABLE enterprises RENAME TO elsewhere");
      db.close();
      for (const path of [
        `/call/0999/1.1?token=${secrets.secret}`,
        `/calls/0998?token=${secrets.secret}`,
      ]) {
        expect((await fetch(req(path, { base: pages }))).status).toBe(503);
      }
      const unknown = { ...event, Token: secrets.password };
      expect((await fetch(post("/start", unknown, { base: hooks }))).status).toBe(503);

      await service.stop();
      await botApi.stop(true);
      expect(service.log()).toContain("cannot ask the directory");
      expect(service.log()).toContain("cannot record events");
      for (const secret of [...Object.values(secrets), link]) {
        expect(service.log()).not.toContain(secret);
      }
      // Nor do the records, but for the events themselves, which are kept as they came.
      for (const name of readdirSync(join(cwd, "call_tracer"), {
        recursive: true,
        encoding: "utf8",
      })) {
        const path = join(cwd, "call_tracer", name);
        if (!statSync(path).isFile() || name.includes("/.")) continue;
        const lines = readFileSync(path, "utf8").split("\n");
        const ours = lines.filter((line) => !line.includes("|AST|")).join("\n");
        for (const secret of [...Object.values(secrets), link]) expect(ours).not.toContain(secret);
      }
    }));

  it("holds no secret of the settings that cannot be used", () =>
    inTempDir(async (cwd) => {
      const url = `postgres://calllog:${secrets.password}@127.0.0.1:9/calllog`;
      const bad = await runBinary(
        ["serve", "--port", "0", "--webhook-port", "0", "--database-url", url],
        {
          cwd,
          env: { CALLLOG_METADATA_URL: `https://user:${secrets.password}@names.example.test` },
        },
      );
      expect(bad.code).not.toBe(0);
      expect(bad.stdout + bad.stderr).not.toContain(secrets.password);
    }));
});

describe("files", () => {
  it("are their owner's alone, the database with its side files too", () =>
    inTempDir(async (cwd) => {
      mkdirSync(join(cwd, "call_tracer"), { mode: 0o755 });
      await addEnterprise(cwd);
      await using service = await startBinary([], { cwd });
      expect((await fetch(post("/start", event, { base: service.webhooksUrl }))).status).toBe(200);
      await fetch(req(`/calls/0367?token=${secrets.secret}`, { base: service.pagesUrl }));
      const open = readdirSync(cwd, { recursive: true, encoding: "utf8" })
        // The operator's own folder keeps the mode it was given.
        .filter((name) => name !== "call_tracer")
        .map((name) => ({ name, mode: statSync(join(cwd, name)).mode & 0o077 }))
        .filter(({ mode }) => mode !== 0);
      expect(open).toEqual([]);
    }));
});

describe("what a browser passes on", () => {
  it("is nothing: no referrer, no cache, no frame, no index, nothing loaded from elsewhere", () =>
    inTempDir(async (cwd) => {
      await addEnterprise(cwd);
      await using service = await startBinary([], { cwd });
      await fetch(post("/start", event, { base: service.webhooksUrl }));
      for (const path of [
        callPath(SCOPE, secrets.secret),
        `/calls/0367?token=${secrets.secret}`,
        "/call/0367/1.1",
      ]) {
        const answer = await fetch(
          req(path, { base: service.pagesUrl, headers: { accept: "text/html" } }),
        );
        expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
        expect(answer.headers.get("cache-control")).toBe("private, no-store");
        expect(answer.headers.get("x-robots-tag")).toBe("noindex");
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        const policy = answer.headers.get("content-security-policy") ?? "";
        expect(policy).toStartWith("default-src 'none'");
        expect(policy).toContain("frame-ancestors 'none'");
        expect(policy).not.toMatch(/unsafe|\*|https?:/);
        const html = await answer.text();
        expect(html).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\//);
        // The page of a call holds not even the token that opened it: saved or printed, it opens nothing.
        if (path.startsWith("/call/")) expect(html).not.toContain(secrets.secret);
        expect(html).not.toContain(secrets.webhookToken);
      }
      for (const base of [service.webhooksUrl, service.pagesUrl]) {
        const figures = await (await fetch(req("/metrics", { base }))).text();
        for (const secret of Object.values(secrets)) expect(figures).not.toContain(secret);
      }
    }));
});
