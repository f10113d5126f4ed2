// Real NATS servers for tests: one, or a cluster of three, each in a folder of its own, on free ports of the loopback. They can
// be killed, started again with what they had, and stopped. They die with `stop`, or with the test's process.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingTool } from "../../scripts/tools.ts";
import { freePorts } from "./free-ports.ts";

/** Why there can be no servers here; undefined where they can. */
export const noNats = (): string | undefined => missingTool("nats-server");

export type NatsServers = AsyncDisposable & {
  /** `nats://127.0.0.1:…`, one for each server. */
  readonly urls: readonly string[];
  /** Kills a server at once, as a power cut would. */
  kill(index: number): Promise<void>;
  start(index: number): void;
  /** Lets it end in good order. */
  quit(index: number): Promise<void>;
  /** Takes a copy of what a server has on its disk; the server must not run. */
  keep(index: number): void;
  /** Puts the copy back, as after a loss of power or from a backup; the server must not run. */
  putBack(index: number): void;
  stop(): Promise<void>;
};

const configOf = (
  folder: string,
  index: number,
  ports: readonly number[],
  routes: readonly number[],
) =>
  [
    `server_name: n${index + 1}`,
    `listen: 127.0.0.1:${ports[index]}`,
    `jetstream { store_dir: "${join(folder, `store${index}`)}", max_file: 4G, max_mem: 64M }`,
    ...(ports.length === 1
      ? []
      : [
          `cluster { name: calllog, no_advertise: true, listen: 127.0.0.1:${routes[index]}, routes: [${routes
            .filter((_, other) => other !== index)
            .map((port) => `nats://127.0.0.1:${port}`)
            .join(", ")}] }`,
        ]),
  ].join("\n");

/** Starts them; they need some seconds until they take streams. */
export const startNats = async (count: 1 | 3): Promise<NatsServers> => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-nats-"));
  const ports = await freePorts(count);
  const routes = await freePorts(count);
  const running = new Map<number, Bun.Subprocess>();
  const start = (index: number): void => {
    const config = join(folder, `${index}.conf`);
    writeFileSync(config, configOf(folder, index, ports, routes));
    const program = Bun.which("nats-server", { PATH: `${process.env["PATH"]}:/usr/sbin` });
    running.set(
      index,
      Bun.spawn([program ?? "nats-server", "-c", config], {
        stdio: ["ignore", "ignore", Bun.file(join(folder, `${index}.log`))],
      }),
    );
  };
  const end = async (index: number, signal: NodeJS.Signals): Promise<void> => {
    const server = running.get(index);
    running.delete(index);
    server?.kill(signal);
    await server?.exited;
  };
  for (let index = 0; index < count; index += 1) start(index);
  const stop = async (): Promise<void> => {
    await Promise.all([...running.keys()].map((index) => end(index, "SIGKILL")));
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    urls: ports.map((port) => `nats://127.0.0.1:${port}`),
    kill: (index) => end(index, "SIGKILL"),
    quit: (index) => end(index, "SIGTERM"),
    start,
    keep: (index) =>
      cpSync(join(folder, `store${index}`), join(folder, `kept${index}`), { recursive: true }),
    putBack: (index) => {
      rmSync(join(folder, `store${index}`), { recursive: true, force: true });
      cpSync(join(folder, `kept${index}`), join(folder, `store${index}`), { recursive: true });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
