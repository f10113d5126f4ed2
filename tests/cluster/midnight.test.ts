// What a cluster's nodes do with time: stamps are the stream's, whatever the clocks of the nodes say, and a midnight in the
// middle of everything puts every record into the same day's file everywhere.

import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { DAY_MS } from "../../src/lib/time.ts";
import { type Bus, connectBusPatiently } from "../../src/store/cluster/bus.ts";
import { Cluster, openTraceStore } from "../../src/store/index.ts";
import { noNats, startNats } from "../support/nats.ts";
import { inTempDir } from "../support/temp-dir.ts";

const missing = noNats();
const ENTERPRISES = ["0367", "0368"];
const EVENTS = 1500;

/** The servers' time, moved: what comes after `at` is of the next day. */
const shifted = (bus: Bus, shift: { readonly ms: number }): Bus => {
  const read: Bus["read"] = async (from) => {
    const reader = await bus.read(from);
    return {
      stop: () => reader.stop(),
      async *[Symbol.asyncIterator]() {
        for await (const batch of reader)
          yield batch.map((message) => ({ ...message, at: message.at + shift.ms }));
      },
    };
  };
  return new Proxy(bus, {
    get: (target, name) => {
      if (name === "read") return read;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
};

const recordOf = (node: string, number: number) => ({
  kind: "AST" as const,
  event: "start",
  uniqueId: `${1_764_493_655 + number}.${node.charCodeAt(0)}`,
  body: { Phone: "375295305942", Mark: `${node}-${number}` },
});

describe.skipIf(missing !== undefined)(
  `the time of a cluster${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    it("is the stream's: nodes ten seconds apart have the same files, over a midnight under load", async () => {
      await using nats = await startNats(3);
      await inTempDir(async (folder) => {
        const shift = { ms: 0 };
        const openNode = async (node: string, offMs: number) => {
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
            connect: async (...given) => shifted(await connectBusPatiently(...given), shift),
          });
          const writer = store.stampedWriter();
          const leading = cluster.lead({ writer, find: store.findHere });
          return { node, dir, store, cluster, leading, writer };
        };
        const nodes = await Promise.all([
          openNode("a", -5000),
          openNode("b", 0),
          openNode("c", 5000),
        ]);
        const until = async (isSo: () => boolean): Promise<void> => {
          while (!isSo()) await Bun.sleep(20);
        };
        await until(() => nodes.every(({ leading }) => leading.place.phase === "open"));
        // Midnight comes three seconds from now.
        shift.ms = DAY_MS - (Date.now() % DAY_MS) - 3000;
        let isOver = false;
        let count = 0;
        const load = async ({ node, cluster }: (typeof nodes)[number]): Promise<void> => {
          for (let number = 0; number < EVENTS || !isOver; number += 1) {
            await cluster.append(ENTERPRISES[number % 2] ?? "", recordOf(node, number));
            count += 1;
          }
        };
        const loads = nodes.map(load);
        const hasTurned = (): boolean =>
          nodes.every(({ dir }) =>
            ENTERPRISES.every((enterprise) => {
              try {
                return (
                  readdirSync(join(dir, enterprise)).filter((name) => name.startsWith("events.log"))
                    .length === 2
                );
              } catch {
                return false;
              }
            }),
          );
        await until(hasTurned);
        isOver = true;
        await Promise.all(loads);
        await Promise.all(nodes.map(({ leading }) => leading.readToEnd()));

        const filesOf = (dir: string): Record<string, string> =>
          Object.fromEntries(
            ENTERPRISES.flatMap((enterprise) =>
              readdirSync(join(dir, enterprise))
                .filter((name) => name.startsWith("events.log"))
                .sort()
                .map((name) => [
                  `${enterprise}/${name}`,
                  readFileSync(join(dir, enterprise, name), "utf8"),
                ]),
            ),
          );
        const [first, ...others] = nodes.map(({ dir }) => filesOf(dir));
        for (const other of others) expect(other).toEqual(first ?? {});
        const days = new Map<string, Set<string>>();
        const marks: string[] = [];
        for (const [name, text] of Object.entries(first ?? {})) {
          const lines = text.split("\n").slice(0, -1);
          const stamps = lines.map((line) => line.slice(0, 23));
          expect(stamps).toEqual([...stamps].sort());
          days.set(name, new Set(stamps.map((stamp) => stamp.slice(0, 10))));
          marks.push(...lines.map((line) => /"Mark":"([^"]+)"/.exec(line)?.[1] ?? line));
        }
        // Every file has one day, and every record is in one file.
        for (const [name, own] of days) {
          expect(own.size).toBe(1);
          if (!name.endsWith("events.log")) expect(name.endsWith([...own][0] ?? "?")).toBe(true);
        }
        expect(marks.length).toBe(count);
        expect(new Set(marks).size).toBe(count);

        for (const { leading, cluster, store, writer } of nodes) {
          await leading.stop();
          await cluster.close(1000);
          writer.close();
          await store.close();
        }
      });
    }, 60_000);
  },
);
