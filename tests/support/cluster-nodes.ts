// Nodes of a cluster within the test's process, over real NATS servers: what they record, and what their files have.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { Bus, Message } from "../../src/store/cluster/bus.ts";
import { connectBusPatiently } from "../../src/store/cluster/nats/connection.ts";
import { Cluster, openTraceStore } from "../../src/store/index.ts";
import type { NatsServers } from "./nats.ts";

export const ENTERPRISES = ["0367", "0368"];

/** The servers' time, moved: what comes after `at` is of the next day. And what a reader sees that servers have forgotten since. */
const shifted = (
  bus: Bus,
  { shift, seen = (message) => message }: Omit<NodeWorld, "nats" | "folder">,
): Bus => {
  const read: Bus["read"] = async (from) => {
    const reader = await bus.read(from);
    return {
      stop: () => reader.stop(),
      async *[Symbol.asyncIterator]() {
        for await (const batch of reader)
          yield batch.map((message) => seen({ ...message, at: message.at + shift.ms }));
      },
    };
  };
  return new Proxy(bus, {
    get: (target, name) => {
      if (name === "read") return read;
      // Of what was read with other times it cannot be told whether it is the same.
      if (name === "takenAt" && shift.ms !== 0) return async () => undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
};

export const recordOf = (node: string, number: number) => ({
  kind: "AST" as const,
  event: "start",
  uniqueId: `${1_764_493_655 + number}.${node.charCodeAt(0)}`,
  body: { Phone: "375295305942", Mark: `${node}-${number}` },
});

export type NodeWorld = {
  readonly nats: NatsServers;
  readonly folder: string;
  readonly shift: { ms: number };
  /** What comes to a reader in the stead of a message. */
  readonly seen?: (message: Message) => Message;
};

/** A node within this process, whose clock is that much off. */
export const openNode = async ({ nats, folder, ...world }: NodeWorld, node: string, offMs = 0) => {
  const dir = join(folder, node);
  const clock = { now: () => systemClock.now() + offMs };
  const store = openTraceStore({ dir, clock, retentionDays: 3650 });
  const cluster = await Cluster.open({
    dataDir: dir,
    address: { servers: nats.urls },
    node,
    version: "test",
    keepDays: 14,
    clock,
    log: silentLog,
    connect: async (...given) => shifted(await connectBusPatiently(...given), world),
  });
  const writer = store.stampedWriter();
  const leading = cluster.lead({ writer, find: store.findHere });
  const close = async (): Promise<void> => {
    await leading.stop();
    await cluster.close(1000);
    writer.close();
    await store.close();
  };
  return { node, dir, cluster, leading, close };
};

export type TestNode = Awaited<ReturnType<typeof openNode>>;

export const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await Bun.sleep(20);
};

export const areOpen = (nodes: readonly TestNode[]): Promise<void> =>
  until(() => nodes.every(({ leading }) => leading.place.phase === "open"));

export const namesIn = (dir: string, enterprise: string): string[] => {
  const folder = join(dir, enterprise);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith("events.log"))
    .sort();
};

export const filesOf = ({ dir }: TestNode): Record<string, string> =>
  Object.fromEntries(
    ENTERPRISES.flatMap((enterprise) =>
      namesIn(dir, enterprise).map((name) => [
        `${enterprise}/${name}`,
        readFileSync(join(dir, enterprise, name), "utf8"),
      ]),
    ),
  );

export const marksIn = (text: string): string[] =>
  [...text.matchAll(/"Mark":"([^"]+)"/g)].map(([, mark = ""]) => mark);

/** The marks in all files of a node. */
export const marksOf = (node: TestNode): string[] => Object.values(filesOf(node)).flatMap(marksIn);
