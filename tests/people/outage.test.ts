// The program while its PostgreSQL is killed, silent or gone at the start: known enterprises never notice. A server of
// its own, since it is killed, behind a proxy that can go silent.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";
import { openPostgresDirectory } from "../../src/people/postgres.ts";
import { migratePostgres } from "../../src/people/postgres-migrate.ts";
import { sampleEnterprise } from "../../src/people/suite.ts";
import { type RunningBinary, runBinary, startBinary } from "../support/binary.ts";
import { post, req } from "../support/http.ts";
import { hasPostgres, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { inTempDir } from "../support/temp-dir.ts";

const KNOWN = sampleEnterprise({ secret: "secret-of-0367-made-up" });
const NEVER_ASKED_FOR = sampleEnterprise({ number: "0113", webhookToken: "token-of-0113" });
/** What a PBX waits for at most. */
const PROMPT_MS = 1500;

const addressOf = (url: string) => {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
  const giveUpAt = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`${what}: not within 20 s`);
    await Bun.sleep(50);
  }
};

describe.skipIf(!hasPostgres())("calllog serve with PostgreSQL", () => {
  let server: PostgresServer;
  let proxy: TcpProxy;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    proxy = await startTcpProxy(server.port);
    url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
    await migratePostgres(addressOf(server.url));
    const directory = openPostgresDirectory({ address: addressOf(server.url) });
    await directory.addEnterprise(KNOWN);
    await directory.addEnterprise(NEVER_ASKED_FOR);
    await directory.close();
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await server?.stop();
  });
  let sent = 0;
  beforeEach(async () => {
    await proxy.turn("pass");
    sent = 0;
  });

  const send = async (running: RunningBinary, token: string | null) => {
    sent += 1;
    const event = { Token: token, UniqueId: `1764493655.${sent}`, CallType: 0 };
    const startedAt = performance.now();
    const answer = await fetch(post("/start", event, { base: running.webhooksUrl }));
    await answer.text();
    return { status: answer.status, isPrompt: performance.now() - startedAt < PROMPT_MS };
  };
  const page = async (running: RunningBinary, token: string) =>
    (await fetch(req(`/call/0367/1764493655.1?token=${token}`, { base: running.pagesUrl }))).status;
  const health = async (running: RunningBinary): Promise<string> =>
    (await (await fetch(req("/health", { base: running.webhooksUrl }))).json()).status;
  const hasCopy = (cwd: string): Promise<void> =>
    until("the copy is written", () =>
      Bun.file(join(cwd, "call_tracer/.directory-cache.json")).exists(),
    );

  const outages: readonly (readonly [
    name: string,
    begin: () => Promise<void>,
    end: () => Promise<void>,
  ])[] = [
    ["killed with SIGKILL", () => server.kill(), () => server.start()],
    ["silent", () => proxy.turn("silent"), () => proxy.turn("pass")],
    ["closing what connects", () => proxy.turn("close"), () => proxy.turn("pass")],
    ["refusing", () => proxy.turn("refuse"), () => proxy.turn("pass")],
  ];
  for (const [name, begin, end] of outages) {
    it(`serves known enterprises, also those not asked for before, while the database is ${name}`, () =>
      inTempDir(async (cwd) => {
        await using running = await startBinary([], { cwd, env: { DATABASE_URL: url } });
        expect(await send(running, KNOWN.webhookToken)).toEqual({ status: 200, isPrompt: true });
        expect(await send(running, "unknown-token")).toMatchObject({ status: 401 });
        await hasCopy(cwd);
        expect(await health(running)).toBe("ok");

        await begin();
        try {
          for (let round = 0; round < 10; round++) {
            for (const { webhookToken } of [KNOWN, NEVER_ASKED_FOR]) {
              expect(await send(running, webhookToken)).toEqual({ status: 200, isPrompt: true });
            }
          }
          expect(await send(running, "another-unknown-token")).toMatchObject({ status: 503 });
          expect(await page(running, KNOWN.secret)).toBe(200);
          expect(await page(running, "wrong-secret")).toBe(403);
          expect(await health(running)).toBe("degraded");
          // Once it is known that the database is away, nobody waits for it.
          expect(await send(running, "a-third-unknown-token")).toEqual({
            status: 503,
            isPrompt: true,
          });
        } finally {
          await end();
        }
        await until("health is ok again", async () => (await health(running)) === "ok");
        await until(
          "an unknown token is unknown again",
          async () => (await send(running, "a-fourth-unknown-token")).status === 401,
        );
        expect(running.log()).not.toContain(new URL(url).password);
      }));
  }

  it("starts while the database is away, with what the last run knew", () =>
    inTempDir(async (cwd) => {
      {
        await using first = await startBinary([], { cwd, env: { DATABASE_URL: url } });
        await send(first, KNOWN.webhookToken);
        await hasCopy(cwd);
      }
      const copy = join(cwd, "call_tracer/.directory-cache.json");
      expect((statSync(copy).mode & 0o777).toString(8)).toBe("600");
      expect(readFileSync(copy, "utf8")).not.toContain(new URL(url).password);
      for (const mode of ["refuse", "silent"] as const) {
        await proxy.turn(mode);
        await using second = await startBinary([], { cwd, env: { DATABASE_URL: url } });
        expect(await health(second)).toBe("degraded");
        expect(await send(second, KNOWN.webhookToken)).toMatchObject({ status: 200 });
        expect(await send(second, NEVER_ASKED_FOR.webhookToken)).toMatchObject({ status: 200 });
        expect(await page(second, KNOWN.secret)).toBe(200);
        expect(await send(second, "unknown-token")).toMatchObject({ status: 503 });
        await proxy.turn("pass");
        await until("health is ok", async () => (await health(second)) === "ok");
      }
    }));

  it("starts while the database is away and nothing is known, and knows once it is back", () =>
    inTempDir(async (cwd) => {
      await proxy.turn("refuse");
      await using running = await startBinary([], { cwd, env: { DATABASE_URL: url } });
      expect(await send(running, KNOWN.webhookToken)).toMatchObject({ status: 503 });
      expect(running.log()).toContain("the database is away");
      await proxy.turn("pass");
      await until(
        "the event is taken",
        async () => (await send(running, KNOWN.webhookToken)).status === 200,
      );
    }));

  it("keeps at most four connections, also through silence", () =>
    inTempDir(async (cwd) => {
      await using running = await startBinary([], { cwd, env: { DATABASE_URL: url } });
      const flood = (word: string) =>
        Promise.all(Array.from({ length: 100 }, (_, i) => send(running, `${word}-${i}-unknown`)));
      expect((await flood("first")).every(({ status }) => status === 401)).toBe(true);
      expect(proxy.connections()).toBeLessThanOrEqual(4);
      await proxy.turn("silent");
      expect((await flood("second")).every(({ status }) => status === 503)).toBe(true);
      expect((await flood("third")).every(({ status }) => status === 503)).toBe(true);
      expect(proxy.connections()).toBeLessThanOrEqual(8);
      await proxy.turn("pass");
      await until("it answers", async () => (await send(running, "fourth-unknown")).status === 401);
      await until("old connections are gone", async () => proxy.connections() <= 4);
    }));

  it("ends at the start, in one line with what to do, where waiting would not help", () =>
    inTempDir(async (cwd) => {
      const wrongPassword = url.replace(/:[^:@]*@/, ":not-the-password@");
      const empty = url.replace(/\/postgres$/, "/template1");
      const cases: readonly (readonly [url: string, says: RegExp])[] = [
        [wrongPassword, /the login is refused: see user and password/],
        [url.replace(/\/postgres$/, "/nothing_there"), /there is no such database/],
        [empty, /no table enterprises, no table telegram_users: calllog migrate/],
        [`${url}?sslmode=verify-full`, /TLS certificate is not accepted/],
      ];
      for (const [address, says] of cases) {
        const ports = ["--port", "0", "--webhook-port", "0", "--host", "127.0.0.1"];
        const run = await runBinary(["serve", ...ports], { cwd, env: { DATABASE_URL: address } });
        expect(run.code).toBe(1);
        expect(run.stderr).toMatch(says);
        expect(run.stderr.trim().split("\n")).toHaveLength(1);
        expect(run.stderr).not.toContain("not-the-password");
      }
    }));

  it("is prepared by calllog migrate, looked at by doctor, and filled by the commands", () =>
    inTempDir(async (cwd) => {
      const run = (...args: string[]) => runBinary(args, { cwd, env: { DATABASE_URL: url } });
      expect((await run("migrate")).stdout).toContain("nothing is changed");
      expect((await run("enterprise", "add", "0500", "--name", "Test")).code).toBe(0);
      expect((await run("user", "add", "100200300", "--enterprise", "0500")).code).toBe(0);
      expect((await run("enterprise", "list")).stdout).toContain("0500");
      expect((await run("doctor")).stdout).toContain(
        "directory of enterprises and people: answers",
      );
      expect((await run("enterprise", "remove", "0500")).code).toBe(0);
      await proxy.turn("refuse");
      const away = await run("enterprise", "list");
      expect([away.code, away.stderr]).toEqual([
        1,
        expect.stringMatching(/cannot list enterprises: PostgreSQL at .* cannot be reached/),
      ]);
      const wrong = await run("enterprise", "list", "--database-url", "mysql://me:hunter2@db/x");
      expect([wrong.code, wrong.stderr.includes("hunter2")]).toEqual([2, false]);
    }));
});
