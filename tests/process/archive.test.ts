// The archive of a running service: days go there and leave the disk, pages open all the same, and whatever happens to
// the store or the process, nothing is lost, intake goes on, and it is told.

import { describe, expect, it } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { makeVariedTree } from "../../scripts/bench/trees.ts";
import { callOf, enterprise, healthOf, postStart, until } from "../support/archived-service.ts";
import { addEnterprise, type RunningBinary, startBinary } from "../support/binary.ts";
import { req } from "../support/http.ts";
import { type S3Server, startS3 } from "../support/s3-server.ts";
import { inTempDir } from "../support/temp-dir.ts";

const DAY_MS = 86_400_000;
/** A data folder with two finished days that retention would take, and the store for them. */
const inWorld = (
  work: (world: {
    readonly cwd: string;
    readonly s3: S3Server;
    readonly id: string;
    readonly days: () => string[];
    readonly start: () => Promise<RunningBinary>;
  }) => Promise<void>,
): Promise<void> =>
  inTempDir(async (cwd) => {
    const s3 = startS3();
    try {
      await addEnterprise(enterprise, { cwd });
      const dir = join(cwd, "call_tracer");
      makeVariedTree(dir, 3, 0.5, Math.floor(Date.now() / DAY_MS) - 20);
      const [first = ""] = readdirSync(join(dir, "0367"))
        .filter((name) => /\d$/.test(name))
        .sort();
      const text = await Bun.file(join(dir, "0367", first)).text();
      const id = /\|hangup\|(\d{10}\.\d+)\|/.exec(text)?.[1] ?? "";
      await work({
        cwd,
        s3,
        id,
        days: () => readdirSync(join(dir, "0367")).filter((name) => /^events\.log\.\d/.test(name)),
        start: () =>
          startBinary(["--archive", "s3://calls/p", "--archive-cache", "1MiB"], {
            cwd,
            env: s3.env,
          }),
      });
    } finally {
      await s3.stop();
    }
  });

const indexes = (s3: S3Server): string[] =>
  [...s3.objects.keys()].filter((key) => key.endsWith(".idx"));

describe("calllog serve --archive", () => {
  it("brings finished days there, lets them go, and opens their calls by the same address", async () => {
    await inWorld(async ({ s3, id, days, start }) => {
      await using server = await start();
      await until("the days are archived and gone", () => days().length === 0);
      expect(indexes(s3).length).toBe(2);
      expect([...s3.objects.keys()].filter((key) => key.endsWith(".calls")).length).toBe(2);
      const page = await callOf(server, id, "text/html");
      expect({ status: page.status, errors: server.errors() }).toEqual({ status: 200, errors: [] });
      expect(await page.text()).toContain(id);
      const list = await fetch(
        req(`/calls/0367?token=${enterprise.secret}&format=json&limit=500`, {
          base: server.pagesUrl,
        }),
      );
      const { calls } = (await list.json()) as { calls: { uniqueId: string }[] };
      expect(calls.length).toBeGreaterThan(100);
      const metrics = await (await fetch(`${server.pagesUrl}/metrics`)).text();
      expect(metrics).toContain("calllog_archive_uploaded_days_total 2");
      expect((await healthOf(server)).reasons.join()).not.toContain("archive");
    });
  }, 60_000);

  it("keeps everything here while the store refuses, says so, and takes events", async () => {
    await inWorld(async ({ s3, id, days, start }) => {
      s3.fault = () => ({ status: 403, code: "AccessDenied" });
      await using server = await start();
      await until("health tells", async () =>
        (await healthOf(server)).reasons.some((reason) => reason.includes("archive")),
      );
      expect((await healthOf(server)).status).toBe("degraded");
      expect(days().length).toBe(2);
      expect((await callOf(server, id)).status).toBe(200);
      expect(await postStart(server, "1764493655.61")).toBe(200);
      expect((await callOf(server, "1764493655.61")).status).toBe(200);
      expect(server.log()).not.toContain(s3.env["AWS_SECRET_ACCESS_KEY"] ?? "-");
    });
  }, 60_000);

  it("says that old days cannot be opened where nothing is to be brought there either", async () => {
    await inWorld(async ({ s3, id, days, start }) => {
      await using server = await start();
      await until("the days are archived and gone", () => days().length === 0);
      s3.fault = () => ({ status: 403, code: "AccessDenied" });
      const reasons = async (): Promise<string> => (await healthOf(server)).reasons.join();
      await until("health tells", async () => {
        expect((await callOf(server, id)).status).toBe(503);
        return (await reasons()).includes("the archive does not answer");
      });
      expect((await healthOf(server)).status).toBe("degraded");
      s3.fault = () => undefined;
      await until("health is well", async () => {
        await callOf(server, id);
        return (await reasons()) === "";
      });
    });
  }, 60_000);

  it("shows old pages as unavailable while the store hangs, and new ones as ever", async () => {
    await inWorld(async ({ s3, id, days, start }) => {
      await using server = await start();
      await until("the days are archived and gone", () => days().length === 0);
      s3.fault = () => "hang";
      const old = callOf(server, id, "text/html");
      const began = performance.now();
      expect(await postStart(server, "1764493655.61")).toBe(200);
      expect((await callOf(server, "1764493655.61")).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(3000);
      const page = await old;
      expect(page.status).toBe(503);
      expect(page.headers.get("retry-after")).toBe("30");
      expect(await page.text()).toContain("архив");
    });
  }, 60_000);

  it("goes on after kill -9 in the middle of an upload: a half day is never taken for one", async () => {
    await inWorld(async ({ s3, id, days, start }) => {
      s3.fault = ({ method, key }) =>
        method === "PUT" && key.endsWith(".idx") ? "hang" : undefined;
      const first = await start();
      await until("the upload has come to its index", () =>
        s3.requests.some(({ method, key }) => method === "PUT" && key.endsWith(".idx")),
      );
      await first.stop("SIGKILL");
      expect(indexes(s3)).toEqual([]);
      expect(days().length).toBe(2);
      s3.fault = () => undefined;
      await using server = await start();
      await until("the days are archived and gone", () => days().length === 0);
      expect(indexes(s3).length).toBe(2);
      expect((await callOf(server, id)).status).toBe(200);
    });
  }, 60_000);

  it("stops in time while the store hangs", async () => {
    await inWorld(async ({ cwd, s3, days }) => {
      s3.fault = ({ method }) => (method === "PUT" ? "hang" : undefined);
      const args = ["--archive", "s3://calls/p", "--shutdown-timeout", "1s"];
      const server = await startBinary(args, { cwd, env: s3.env });
      await until("an upload hangs", () => s3.requests.some(({ method }) => method === "PUT"));
      const began = performance.now();
      expect(await server.stop()).toBe(0);
      expect(performance.now() - began).toBeLessThan(5000);
      expect(days().length).toBe(2);
    });
  }, 60_000);

  it("uploads once, however many processes serve", async () => {
    await inWorld(async ({ cwd, s3, days }) => {
      const args = ["--archive", "s3://calls/p", "--workers", "2"];
      await using _server = await startBinary(args, { cwd, env: s3.env });
      await until("the days are archived and gone", () => days().length === 0);
      const puts = s3.requests.filter(({ method }) => method === "PUT").map(({ key }) => key);
      expect(puts.length).toBe(new Set(puts).size);
    });
  }, 60_000);

  it("makes nothing in the data folder without an archive", async () => {
    await inWorld(async ({ cwd }) => {
      await using server = await startBinary([], { cwd });
      const metrics = await (await fetch(`${server.pagesUrl}/metrics`)).text();
      expect(metrics).not.toContain("archive");
      expect(existsSync(join(cwd, "call_tracer/.archive"))).toBe(false);
      expect(existsSync(join(cwd, "call_tracer/.archive.lock"))).toBe(false);
    });
  }, 60_000);
});
