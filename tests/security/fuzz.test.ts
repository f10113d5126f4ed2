// The short form of `bun run fuzz`: the built program and both apps in this process, from a seed that stays the same, so that
// a failure is found again. `bun run fuzz --seed N` tries others.

import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import type { Enterprise } from "../../src/domain/enterprise.ts";
import { type LogFields, silentLog } from "../../src/lib/log.ts";
import { createViewerApp } from "../../src/pages/index.ts";
import { createWebhooksApp } from "../../src/sources/webhooks/index.ts";
import { openTraceStore } from "../../src/store/index.ts";
import { addEnterprise, startBinary } from "../support/binary.ts";
import { checkFiles } from "../support/fuzz-files.ts";
import { requestAt, runFuzz, sendInto, sendTo } from "../support/fuzz-run.ts";
import { residentBytes } from "../support/memory.ts";
import { inTempDir } from "../support/temp-dir.ts";

const SEED = 20251130;
const MAX_RESIDENT_BYTES = 512 * 1024 * 1024;
const known = {
  number: "0367",
  webhookToken: "fuzz-webhook-token-0367",
  secret: "fuzz-page-secret-0123456789abcdef",
};
const enterprise: Enterprise = { ...known, name: "ООО Ромашка", botToken: null, active: true };

describe("random requests", () => {
  it("are the same for the same seed", () => {
    for (const listener of ["webhooks", "viewer"] as const) {
      const of = (seed: number) =>
        Array.from({ length: 50 }, (_, at) => requestAt({ listener, seed, known }, at));
      expect(of(SEED)).toEqual(of(SEED));
      expect(of(SEED)).not.toEqual(of(SEED + 1));
    }
  });

  it("leave the program whole: answers, files, log, memory", () =>
    inTempDir(async (cwd) => {
      await addEnterprise(known, { cwd });
      await using server = await startBinary(["--log-level", "debug"], { cwd });
      const common = { known, seed: SEED, count: 1500 };
      const events = await runFuzz({
        ...common,
        listener: "webhooks",
        send: sendTo(server.webhooksUrl),
        concurrency: 32,
      });
      const pages = await runFuzz({
        ...common,
        listener: "viewer",
        send: sendTo(server.pagesUrl),
        concurrency: 128,
      });
      expect([...events.faults, ...pages.faults, ...server.errors()]).toEqual([]);
      expect(residentBytes(server.pid) ?? 0).toBeLessThan(MAX_RESIDENT_BYTES);
      expect((await fetch(`${server.webhooksUrl}/health`)).status).toBe(200);
      expect(await server.stop()).toBe(0);
      expect(server.log()).not.toContain(known.secret);
      expect(server.log()).not.toContain(known.webhookToken);
      const files = await checkFiles(join(cwd, "call_tracer"), known.number);
      expect(files).toEqual({ events: events.recorded, faults: [] });
      // Otherwise nothing was tried.
      expect(events.recorded).toBeGreaterThan(300);
      expect(pages.statuses.get(200) ?? 0).toBeGreaterThan(50);
    }));

  it("leave the apps whole, without a server before them", () =>
    inTempDir(async (folder) => {
      const dir = join(folder, "call_tracer");
      const clock = { now: () => Date.UTC(2025, 10, 30, 12) };
      const trace = openTraceStore({ dir, clock });
      const errors: { message: string; fields: LogFields | undefined }[] = [];
      const log = {
        ...silentLog,
        error: (message: string, fields?: LogFields) => void errors.push({ message, fields }),
      };
      const health = async () => ({ status: 200, body: {} }) as const;
      const webhooks = createWebhooksApp({
        directory: {
          enterpriseByWebhookToken: async (token) =>
            token === known.webhookToken ? enterprise : undefined,
        },
        trace,
        log,
        clock,
        maxBodyBytes: 262_144,
        health,
        onRecorded: () => undefined,
      });
      const viewer = createViewerApp({
        directory: {
          enterpriseByNumber: async (number) => (number === known.number ? enterprise : undefined),
        },
        trace,
        log,
        clock,
        lang: "ru",
        timeZone: "Europe/Minsk",
        health,
        callTimeoutMs: 14_400_000,
      });
      const common = { known, seed: SEED + 1, count: 1000 };
      const events = await runFuzz({
        ...common,
        listener: "webhooks",
        concurrency: 32,
        send: sendInto((request) => webhooks.handle(request)),
      });
      const pages = await runFuzz({
        ...common,
        listener: "viewer",
        concurrency: 128,
        send: sendInto((request) => viewer.handle(request)),
      });
      await trace.close();
      expect([...events.faults, ...pages.faults, ...errors]).toEqual([]);
      expect(await checkFiles(dir, known.number)).toEqual({ events: events.recorded, faults: [] });
    }));
});
