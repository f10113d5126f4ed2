// Several workers on the same two ports, as an operator sees them: one service. They are started, killed, asked for
// their figures and stopped for real.

import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addEnterprise,
  type RunningBinary,
  runBinary,
  spawnBinary,
  startBinary,
} from "../support/binary.ts";
import { post } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};

const workersOf = async ({ pid }: Pick<RunningBinary, "pid">): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Asks again until it is so; the test's own time limit ends what never comes. */
const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await Bun.sleep(20);
  }
};

/** Every request on a connection of its own, so that all workers get some. */
const postEvent = (base: string, i: number): Promise<number> =>
  fetch(
    post(
      "/start",
      { Token: enterprise.webhookToken, UniqueId: `1764493655.${i}`, Phone: "375295305942" },
      { base, headers: { connection: "close" } },
    ),
  ).then(
    ({ status }) => status,
    () => 0,
  );

const metricsOf = async (base: string): Promise<Map<string, number>> => {
  const text = await (await fetch(`${base}/metrics`)).text();
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [
        line.slice(0, line.lastIndexOf(" ")),
        Number(line.slice(line.lastIndexOf(" ") + 1)),
      ]),
  );
};

const recorded = async (cwd: string): Promise<number> =>
  (await readFile(join(cwd, "call_tracer/0367/events.log"), "utf8")).trimEnd().split("\n").length;

describe("calllog serve --workers 2", () => {
  it("is one service: all events are in the file, a scrape of any worker answers for both", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using server = await startBinary(["--workers", "2"], { cwd });
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) => postEvent(server.webhooksUrl, i)),
      );
      expect(new Set(answers)).toEqual(new Set([200]));
      expect(await recorded(cwd)).toBe(60);
      for (const base of [server.webhooksUrl, server.pagesUrl, server.webhooksUrl]) {
        const metrics = await metricsOf(base);
        expect(metrics.get("calllog_workers")).toBe(2);
        expect(metrics.get("calllog_workers_answered")).toBe(2);
        expect(metrics.get('calllog_events_total{event="start",result="recorded"}')).toBe(60);
        expect(metrics.get("calllog_append_seconds_count")).toBe(60);
        expect(metrics.get("calllog_notifier_active")).toBe(1);
      }
      expect(await server.stop()).toBe(0);
    });
  });

  it("puts another in the place of one that was killed, and loses nothing that was answered", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using server = await startBinary(["--workers", "2"], { cwd });
      let answered = 0;
      for (let round = 0; round < 3; round++) {
        const [victim] = await workersOf(server);
        if (victim === undefined) throw new Error("no worker");
        const posting = Array.from({ length: 40 }, (_, i) =>
          postEvent(server.webhooksUrl, round * 1000 + i),
        );
        process.kill(victim, "SIGKILL");
        answered += (await Promise.all(posting)).filter((status) => status === 200).length;
        await until(async () => {
          const now = await workersOf(server);
          return now.length === 2 && !now.includes(victim) ? true : undefined;
        });
        await until(async () =>
          (await metricsOf(server.webhooksUrl)).get("calllog_workers_answered") === 2
            ? true
            : undefined,
        );
      }
      expect(answered).toBeGreaterThan(0);
      expect(await recorded(cwd)).toBeGreaterThanOrEqual(answered);
      // Whoever was killed may have been the one that notifies.
      await until(async () =>
        (await metricsOf(server.webhooksUrl)).get("calllog_notifier_active") === 1
          ? true
          : undefined,
      );
      expect(await server.stop()).toBe(0);
    });
  });

  it("ends its workers when the parent is killed", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary(["--workers", "2"], { cwd });
      const workers = await workersOf(server);
      expect(workers.length).toBe(2);
      await server.stop("SIGKILL");
      await until(async () => (workers.some(isAlive) ? undefined : true));
    });
  });

  it("does not share its ports with a second service", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary(["--workers", "2"], { cwd });
      const port = new URL(server.webhooksUrl).port;
      const second = await runBinary(
        ["serve", "--workers", "2", "--host", "127.0.0.1", "--port", "0"].concat([
          "--webhook-host",
          "127.0.0.1",
          "--webhook-port",
          port,
        ]),
        { cwd },
      );
      expect(second.code).toBe(1);
      expect(second.stderr).toContain(`cannot listen on 127.0.0.1:${port}: the port is taken`);
    });
  });

  it("logs into one file for all", async () => {
    await inTempDir(async (cwd) => {
      const args = ["--workers", "2", "--host", "127.0.0.1", "--webhook-host", "127.0.0.1"];
      const file = join(cwd, "logs/logger.log");
      const ports = ["--port", "0", "--webhook-port", "0", "--log-file", file];
      const run = spawnBinary(["serve", ...args, ...ports], { cwd });
      const lines = await until(async () => {
        const text = await readFile(file, "utf8").catch(() => "");
        return text.includes('"listening"') && text.includes('"worker"') ? text : undefined;
      });
      for (const line of lines.trimEnd().split("\n")) JSON.parse(line);
      run.kill("SIGTERM");
      expect(await run.exited).toBe(0);
      expect(await new Response(run.stderr).text()).toBe("");
      expect(await readFile(file, "utf8")).toContain('"stopped"');
    });
  });
});
