// A console that listens, over a directory and calls in memory: tests speak HTTP with it, as a browser does.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callRow, memoryHistory } from "../../tests/support/memory-history.ts";
import { makeInvitation, openAudit } from "../changes/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { createPost, openHooks } from "../hooks/index.ts";
import { type Network, parseNetwork } from "../lib/addresses.ts";
import { silentLog } from "../lib/log.ts";
import { openDirectory } from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import { openRefusalJournal } from "../sources/webhooks/index.ts";
import { recentRecords } from "../store/index.ts";
import { createConsole } from "./app.tsx";
import { openConsoleStore } from "./store.ts";

/** Sunday, 22 November 2026, 12:00 in Minsk. */
export const NOON = Date.UTC(2026, 10, 22, 9);
export const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";

export const enterprise = (over: Partial<Enterprise> & Pick<Enterprise, "number">): Enterprise => ({
  name: null,
  webhookToken: `token-of-${over.number}`,
  secret: SECRET,
  botToken: null,
  active: true,
  ...over,
});

/** Opens it on a free port of this machine; close it. Two workers of one folder answer by turns. */
export const openConsole = async (
  trusted: readonly string[] = [],
  /** Where Telegram answers; by default nowhere. */
  telegram = "http://127.0.0.1:1",
) => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-console-"));
  const dataDir = join(folder, "call_tracer");
  let now = NOON;
  const clock = { now: () => now };
  const directory = await openDirectory({ sqlitePath: join(folder, "calllog.sqlite") });
  const trustProxy: readonly Network[] = trusted.flatMap((text) => parseNetwork(text) ?? []);
  const refusals = openRefusalJournal(dataDir, {
    clock,
    onFault: (error) => {
      throw error;
    },
  });
  const loopback = ["127.0.0.0/8"].flatMap((text) => parseNetwork(text) ?? []);
  const worker = () =>
    createConsole({
      store: openConsoleStore(dataDir, clock),
      audit: openAudit(dataDir, clock),
      directory,
      history: memoryHistory([
        callRow({ startedAt: NOON - 60_000, status: "missed", answeredBy: [] }),
        callRow({ startedAt: NOON - 120_000, phone: "375291112233" }),
      ]),
      rulesOf: async () => ({ windowMs: 72 * 3_600_000, minWaitMs: 0, country: "BY" }),
      clock,
      log: silentLog,
      lang: "ru",
      timeZone: "Europe/Minsk",
      publicUrl: "https://calls.example.by",
      trustProxy,
      readHealth: async () => ({
        status: "degraded",
        reasons: ["Telegram cannot be reached; cards are kept and sent when it can"],
        version: "1.2.3",
        uptimeSeconds: 7260,
        queues: { calls: 3, waitingChats: 2, livePages: 1 },
        freeBytes: 12_300_000_000,
      }),
      refusals,
      salvagedSince: (number, since, isWanted) =>
        recentRecords(dataDir, number, "AST", since, { containing: '"_raw"', isWanted }),
      diagnose: async (isAll) => [
        { level: "ok", what: "disk", finding: "12.3 GB free" },
        ...(isAll
          ? [{ level: "wrong", what: "bot 700001", finding: "no answer", todo: "look" } as const]
          : []),
      ],
      hooks: openHooks(dataDir, clock),
      hookAllowed: loopback,
      post: createPost({ allowed: loopback, now: clock.now }),
      invitations: openInvitations(dataDir, clock),
      invite: (to, wish) => makeInvitation(to, wish, { dataDir, clock, telegramApiRoot: telegram }),
    });
  const workers = [worker(), worker()];
  let turn = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, served) => {
      turn += 1;
      return (workers[turn % 2] as (typeof workers)[number])(request, served);
    },
  });
  const base = `http://127.0.0.1:${server.port}`;
  const store = openConsoleStore(dataDir, clock);

  /** A browser's way of sending a form of a page of ours. */
  const send = (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> =>
    fetch(`${base}${path}`, {
      method: "POST",
      redirect: "manual",
      headers: { origin: base, ...headers },
      body: new URLSearchParams(fields),
    });
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${base}${path}`, { redirect: "manual", headers });

  return {
    base,
    dataDir,
    directory,
    store,
    refusals,
    send,
    get,
    wait: (ms: number) => {
      now += ms;
    },
    audit: (): Record<string, unknown>[] =>
      readFileSync(join(dataDir, ".audit.log"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    /** Begins a session by a link of that user; the headers that its browser sends, and the token of its forms. */
    begin: async (by = "anna") => {
      const answer = await send("/console/begin", { code: store.createLink(by) });
      const cookie = (answer.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
      const page = await (await get("/console", { cookie })).text();
      const token = /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? "";
      return { cookie, token, page };
    },
    close: async () => {
      await server.stop(true);
      await directory.close();
      rmSync(folder, { recursive: true });
    },
  };
};
