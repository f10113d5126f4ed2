// How many events a second are answered, with the line in the file first, against a server that writes nothing.
// The answer is checked before it is timed: as many lines as answers, each of them whole.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeLine } from "../../src/store/index.ts";
import { type LoadResult, load } from "./load.ts";
import { percentile, table } from "./machine.ts";
import { startServers } from "./servers.ts";

const linesIn = async (dir: string): Promise<number> => {
  let lines = 0;
  for (const name of readdirSync(join(dir, "0367")).filter((name) => !name.startsWith("."))) {
    for (const line of (await Bun.file(join(dir, "0367", name)).text()).split("\n")) {
      if (line === "") continue;
      if (!decodeLine(line).ok) throw new Error(`a line that cannot be read: ${line.slice(0, 80)}`);
      lines += 1;
    }
  }
  return lines;
};

type Measured = LoadResult & {
  readonly rssMb: number;
  /** Processor time of the server for a request: what the client takes of the machine does not touch it. */
  readonly cpuUs: number;
};

const measure = async (mode: string, processes: number, seconds: number): Promise<Measured> => {
  const root = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  const dir = join(root, "call_tracer");
  const server = await startServers(mode, dir, processes);
  try {
    await load(root, server.port, 2);
    const before = mode === "bare" ? 0 : await linesIn(dir);
    const cpuBefore = server.cpuUs();
    const result = await load(root, server.port, seconds);
    const cpuUs = (server.cpuUs() - cpuBefore) / result.requests;
    const rssMb = server.rssMb();
    if (result.failures > 0) throw new Error(`${mode}: ${result.failures} answers were no 200`);
    if (mode !== "bare") {
      const written = (await linesIn(dir)) - before;
      if (written < result.requests)
        throw new Error(`${mode}: ${result.requests} answers, ${written} lines`);
    }
    return { ...result, rssMb, cpuUs };
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
};

/** What the app in one process is to reach: of bare, and waiting in milliseconds. */
const TARGET = "0.85, p99 5";

const MODES: readonly (readonly [mode: string, what: string, processes: number])[] = [
  ["bare", "`Bun.serve`: JSON parsed, line built, nothing written", 1],
  ["engine-written", "the same + `append`, written", 1],
  ["engine-synced", "the same + `append`, synced", 1],
  ["app-written", "the webhook app, written", 1],
  ["app-synced", "the webhook app, synced", 1],
  ["bare", "`Bun.serve`, nothing written", 2],
  ["engine-written", "+ `append`, written", 2],
  ["engine-synced", "+ `append`, synced", 2],
  ["app-written", "the webhook app, written", 2],
  ["app-synced", "the webhook app, synced", 2],
];

/**
 * Measures every mode in several rounds, all modes in each, and gives a table of the medians: what else the machine does
 * then hits all of them.
 */
export const benchIntake = async (seconds = 5, rounds = 3): Promise<string> => {
  const results: Measured[][] = MODES.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [mode, , processes]] of MODES.entries()) {
      results[index]?.push(await measure(mode, processes, seconds));
    }
  }
  const median = (index: number, field: keyof Measured): number =>
    percentile(results[index]?.map((result) => result[field]) ?? [], 0.5);
  const rows = MODES.map(([name, what, processes], index) => {
    const bare = MODES.findIndex(([mode, , as]) => mode === "bare" && as === processes);
    return [
      what,
      processes,
      Math.round(median(index, "perSecond")),
      (median(index, "perSecond") / median(bare, "perSecond")).toFixed(2),
      median(index, "p50Ms").toFixed(1),
      median(index, "p99Ms").toFixed(1),
      median(index, "cpuUs").toFixed(1),
      (median(bare, "cpuUs") / median(index, "cpuUs")).toFixed(2),
      Math.round(median(index, "rssMb")),
      name === "app-written" && processes === 1 ? TARGET : "",
    ];
  });
  const asked = ["server", "processes", "requests/s", "of bare", "p50 ms", "p99 ms"];
  const head = [...asked, "processor µs a request", "of bare", "RSS MiB", "target"];
  return `${table(head, rows)}\n\n- 32 connections, a body of about 600 bytes, medians of ${rounds} rounds of ${seconds} s.`;
};
