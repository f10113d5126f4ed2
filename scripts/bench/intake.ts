// How many events a second are answered, with the line in the file first, against a server that writes nothing.
// The answer is checked before it is timed: as many lines as answers, each of them whole.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeLine } from "../../src/trace/index.ts";
import { type LoadResult, load } from "./load.ts";
import { table } from "./machine.ts";
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

const measure = async (
  mode: string,
  processes: number,
  seconds: number,
): Promise<LoadResult & { rssMb: number }> => {
  const root = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  const dir = join(root, "call_tracer");
  const server = await startServers(mode, dir, processes);
  try {
    await load(root, server.port, 2);
    const before = mode === "bare" ? 0 : await linesIn(dir);
    const result = await load(root, server.port, seconds);
    const rssMb = await server.rssMb();
    if (result.failures > 0) throw new Error(`${mode}: ${result.failures} answers were no 200`);
    if (mode !== "bare") {
      const written = (await linesIn(dir)) - before;
      if (written < result.requests)
        throw new Error(`${mode}: ${result.requests} answers, ${written} lines`);
    }
    return { ...result, rssMb };
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
};

/** Measures every mode, and gives a table. */
export const benchIntake = async (seconds = 8): Promise<string> => {
  const rows: (string | number)[][] = [];
  let bare = Number.NaN;
  const modes: [string, string, number][] = [
    ["bare", "`Bun.serve`: JSON parsed, line built, nothing written", 1],
    ["engine-written", "the same + `append`, written", 1],
    ["engine-synced", "the same + `append`, synced", 1],
    ["app-written", "the webhook app, written", 1],
    ["app-synced", "the webhook app, synced", 1],
    ["bare", "`Bun.serve`, nothing written", 2],
    ["engine-written", "+ `append`, written", 2],
    ["app-written", "the webhook app, written", 2],
    ["app-synced", "the webhook app, synced", 2],
  ];
  for (const [mode, what, processes] of modes) {
    const { perSecond, p50Ms, p99Ms, rssMb } = await measure(mode, processes, seconds);
    if (mode === "bare") bare = perSecond;
    rows.push([
      what,
      processes,
      Math.round(perSecond),
      (perSecond / bare).toFixed(2),
      p50Ms.toFixed(1),
      p99Ms.toFixed(1),
      Math.round(rssMb),
    ]);
  }
  return table(
    ["server", "processes", "requests/s", "of bare", "p50 ms", "p99 ms", "RSS MiB"],
    rows,
  );
};
