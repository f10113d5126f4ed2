// Servers that go back behind what they had acknowledged, and buckets that are lost: nothing that was acknowledged is, on no
// node, and the nodes' files stay equal.

import { describe, expect, it } from "bun:test";
import { connectBus } from "../../src/store/index.ts";
import {
  areOpen,
  ENTERPRISES,
  filesOf,
  marksOf,
  openNode,
  recordOf,
  type TestNode,
  until,
} from "../support/cluster-nodes.ts";
import { noNats, startNats } from "../support/nats.ts";
import { inTempDir } from "../support/temp-dir.ts";

const missing = noNats();

const publish = async (nodes: readonly TestNode[], from: number, count: number): Promise<void> => {
  const all = Array.from({ length: count }, (_, index) => {
    const node = nodes[index % nodes.length];
    if (node === undefined) throw new Error("no node");
    const number = from + index;
    return node.cluster.append(ENTERPRISES[index % 2] ?? "", recordOf(node.node, number));
  });
  await Promise.all(all);
};

describe.skipIf(missing !== undefined)(
  `a server that has lost something${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    it("is filled from the files, also where its numbers have grown past the nodes' places again", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const nodes = await Promise.all(["a", "b"].map((node) => openNode(world, node)));
        await areOpen(nodes);
        await publish(nodes, 0, 100);
        await Promise.all(nodes.map(({ leading }) => leading.readToEnd()));
        await nats.quit(0);
        nats.keep(0);
        nats.start(0);
        await publish(nodes, 100, 500);
        await until(() => nodes.every((node) => new Set(marksOf(node)).size === 600));
        // Everything behind the first hundred is gone from the server, whose stream is the same by its name and birth.
        await nats.kill(0);
        nats.putBack(0);
        const waiting = publish(nodes, 600, 700);
        nats.start(0);
        await waiting;
        await until(() => nodes.every((node) => new Set(marksOf(node)).size === 1300));
        await until(
          () => JSON.stringify(nodes.map(filesOf)[0]) === JSON.stringify(nodes.map(filesOf)[1]),
        );
        for (const node of nodes) expect(marksOf(node).length).toBe(1300);
        await Promise.all(nodes.map(({ close }) => close()));
      });
    }, 120_000);

    it("has its buckets made again, and leases are held in them", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const nodes = await Promise.all(["a", "b"].map((node) => openNode(world, node)));
        await areOpen(nodes);
        const begun: string[] = [];
        const leases = nodes.map(({ node, leading }) =>
          leading.lease("cards.00", () => {
            begun.push(node);
            return { stop: async () => undefined };
          }),
        );
        await until(() => begun.length === 1);
        const bus = await connectBus({ servers: nats.urls }, "test");
        await bus.removeBuckets();
        await bus.close();
        await until(() => begun.length === 2);
        await until(() => leases.filter(({ isHeld }) => isHeld).length === 1);
        await Promise.all(nodes.map(({ close }) => close()));
      });
    }, 120_000);
  },
);
