// Servers to be measured, each a process of its own, stopped by its id.

import { join } from "node:path";
import { memoryMib, processorSeconds } from "./processes.ts";

export type BenchServer = {
  readonly port: number /** Memory of all its processes, MiB. */;
  readonly rssMb: () => number;
  /** Processor time of all its processes, µs. */
  readonly cpuUs: () => number;
  readonly stop: () => Promise<void>;
};

const readPort = async (stream: ReadableStream<Uint8Array>): Promise<number> => {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("cannot measure: the server ended before it listened");
    text += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return Number(text);
};

/** Starts one or more processes of a mode on one port. */
export const startServers = async (
  mode: string,
  dir: string,
  processes = 1,
): Promise<BenchServer> => {
  const script = join(import.meta.dir, "intake-server.ts");
  const env = { ...process.env, NODE_ENV: "production" };
  const children: Bun.Subprocess<"ignore", "pipe", "inherit">[] = [];
  let port = 0;
  for (let index = 0; index < processes; index += 1) {
    const child = Bun.spawn([process.execPath, script, mode, dir, `${port}`], {
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    children.push(child);
    port = await readPort(child.stdout);
  }
  const sumOf = (of: (pid: number) => number): number =>
    children.reduce((sum, { pid }) => sum + of(pid), 0);
  return {
    port,
    cpuUs: () => sumOf(processorSeconds) * 1e6,
    rssMb: () => sumOf((pid) => memoryMib(pid)),
    stop: async () => {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((child) => child.exited));
    },
  };
};
