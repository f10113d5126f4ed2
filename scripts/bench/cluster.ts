// What the intake of a node costs: the compiled program on its own, as one node with one NATS server, and as one of three
// nodes with three servers, all on this machine's cores. Every answer is held against the files before it counts.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  addEnterprise,
  type RunningBinary,
  runBinary,
  startBinary,
} from "../../tests/support/binary.ts";
import { startNats } from "../../tests/support/nats.ts";
import { startPostgres } from "../../tests/support/postgres.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { readFigures } from "./figures.ts";
import { type LoadResult, load } from "./load.ts";
import { table } from "./machine.ts";

const bench = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};

const linesIn = (dir: string): number => {
  const path = join(dir, bench.number, "events.log");
  return existsSync(path) ? readFileSync(path, "latin1").split("\n").length - 1 : 0;
};

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error("cannot measure: not all nodes got everything");
    await Bun.sleep(50);
  }
};

const CPU = "process_cpu_seconds_total";

type Row = LoadResult & { readonly equalAfterS: number; readonly cpuUs: number };

/** Full load by wrk, then as many requests as a busy operator has, for the latency. */
const measure = async (
  nodes: readonly { readonly binary: RunningBinary; readonly dir: string }[],
  folder: string,
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<Row> => {
  const [first] = nodes;
  if (first === undefined) throw new Error("nothing to measure");
  const port = Number(new URL(first.binary.webhooksUrl).port);
  const before = linesIn(first.dir);
  const cpuBefore = await readFigures(first.binary.pagesUrl);
  const result = await load(folder, port, seconds, connections);
  const over = performance.now();
  if (result.failures > 0) throw new Error(`${result.failures} answers were no 200`);
  await until(() => nodes.every(({ dir }) => linesIn(dir) - before >= result.requests));
  const equalAfterS = (performance.now() - over) / 1000;
  const cpu = (await readFigures(first.binary.pagesUrl))(CPU) - cpuBefore(CPU);
  return { ...result, equalAfterS, cpuUs: (cpu / result.requests) * 1e6 };
};

const isOpen = async ({ webhooksUrl }: RunningBinary): Promise<boolean> => {
  const health = (await (await fetch(`${webhooksUrl}/health`)).json()) as { status: string };
  return health.status === "ok";
};

export const benchCluster = async (seconds: number): Promise<string> => {
  const rows: (readonly (string | number)[])[] = [];
  let alone = Number.NaN;
  await using postgres = await startPostgres();
  const shapes = [
    ["alone", 0, 1],
    ["one node, one server", 1, 1],
    ["one of three nodes, three servers", 3, 3],
  ] as const;
  for (const [name, servers, count] of shapes) {
    await inTempDir(async (cwd) => {
      const env = { DATABASE_URL: postgres.url };
      if (rows.length === 0) {
        await runBinary(["migrate"], { cwd, env });
        await addEnterprise(bench, { cwd, env });
      }
      await using nats = servers === 0 ? undefined : await startNats(servers);
      const nodes: { readonly binary: RunningBinary; readonly dir: string }[] = [];
      try {
        for (let index = 0; index < count; index += 1) {
          const dir = join(cwd, `node${index}`);
          const cluster =
            nats === undefined ? [] : ["--cluster", nats.urls.join(","), "--node", `node${index}`];
          nodes.push({
            dir,
            binary: await startBinary(["--data-dir", dir, ...cluster], { cwd, env }),
          });
        }
        await Bun.sleep(nats === undefined ? 1000 : 12_000);
        await until(async () =>
          (await Promise.all(nodes.map(({ binary }) => isOpen(binary)))).every(Boolean),
        );
        await measure(nodes, cwd, { seconds: 2, connections: 32 });
        const full = await measure(nodes, cwd, { seconds, connections: 32 });
        const few = await measure(nodes, cwd, { seconds, connections: 4 });
        if (servers === 0) alone = full.perSecond;
        rows.push([
          name,
          Math.round(full.perSecond),
          (full.perSecond / alone).toFixed(2),
          full.p99Ms.toFixed(1),
          few.p99Ms.toFixed(1),
          Math.round(full.cpuUs),
          full.equalAfterS.toFixed(1),
        ]);
      } finally {
        await Promise.all(nodes.map(({ binary }) => binary.stop()));
      }
    });
  }
  return table(
    [
      "the program",
      "events/s, 32 connections",
      "of alone (target 0.25)",
      "p99 ms (target 50)",
      "p99 ms, 4 connections",
      "processor of the node, µs an event",
      "all nodes have all, s after",
    ],
    rows,
  );
};
