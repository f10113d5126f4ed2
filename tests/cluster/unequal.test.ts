// Nodes whose files have become unequal, and a stream that is made anew: afterwards every node has what any of them had, once.

import { describe, expect, it } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Message } from "../../src/store/cluster/bus.ts";
import { formatStamp } from "../../src/store/format/stamp.ts";
import { connectBus } from "../../src/store/index.ts";
import {
  areOpen,
  filesOf,
  marksOf,
  openNode,
  recordOf,
  type TestNode,
  until,
} from "../support/cluster-nodes.ts";
import { type NatsServers, noNats, startNats } from "../support/nats.ts";
import { inTempDir } from "../support/temp-dir.ts";

const missing = noNats();

const publish = async ({ node, cluster }: TestNode, from: number, count: number): Promise<void> => {
  for (let number = from; number < from + count; number += 1)
    await cluster.append("0367", recordOf(node, number));
};

const close = (nodes: readonly TestNode[]): Promise<unknown> =>
  Promise.all(nodes.map((node) => node.close()));

/** A line that one node alone has: of a stream that has forgotten it. */
const appendTo = ({ dir }: Pick<TestNode, "dir">, at: number, fields: string): void =>
  appendFileSync(join(dir, "0367/events.log"), `${formatStamp(at)}|${fields}\n`);

const event = (mark: string): string =>
  `AST|start|1764490000.${mark.length}|{"Phone":"375295305942","Mark":"${mark}","EventId":"e-${mark}"}`;

const forget = async (nats: NatsServers): Promise<void> => {
  const bus = await connectBus({ servers: nats.urls }, "test");
  await bus.remove();
  await bus.close();
};

/** They have taken up the stream that was made after the one of that name. */
const areAnew = (nodes: readonly TestNode[], epoch: string): Promise<void> =>
  until(() =>
    nodes.every(({ leading: { place } }) => place.epoch !== epoch && place.phase === "open"),
  );

const sortedMarks = (node: TestNode): string[] => marksOf(node).sort();

describe.skipIf(missing !== undefined)(
  `nodes that are unequal${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    it("give each other what the others lack when the stream is new", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const open = () => Promise.all(["a", "b", "c"].map((node) => openNode(world, node)));
        const before = await open();
        await areOpen(before);
        const [a, b] = before;
        if (a === undefined || b === undefined) throw new Error("no node");
        await publish(a, 0, 40);
        await Promise.all(before.map(({ leading }) => leading.readToEnd()));
        await close(before);
        const expected = [...marksOf(a), "x1", "x2", "y1"].sort();
        const now = Date.now();
        const answer = "HTTP|1764490000.9|GET|http://localhost/x|200|{}|{}";
        for (const [node, at, mark] of [
          [a, now + 10, "x1"],
          [b, now + 11, "y1"],
          [a, now + 12, "x2"],
        ] as const)
          appendTo(node, at, event(mark));
        // Asked twice, with the same answer: two records.
        appendTo(b, now + 13, answer);
        appendTo(b, now + 14, answer);
        await forget(nats);
        const { epoch } = a.leading.place;
        const nodes = await open();
        await areAnew(nodes, epoch);
        const answersOf = (node: TestNode): number =>
          Object.values(filesOf(node)).join("").split(answer).length - 1;
        await until(() =>
          nodes.every((node) => sortedMarks(node).length === 43 && answersOf(node) === 2),
        );
        await Promise.all(nodes.map(({ leading }) => leading.readToEnd()));
        for (const node of nodes) {
          expect(sortedMarks(node)).toEqual(expected);
          expect(answersOf(node)).toBe(2);
        }
        // Once more: nothing comes again.
        await close(nodes);
        await forget(nats);
        const again = await open();
        const [one] = again;
        if (one === undefined) throw new Error("no node");
        await areAnew(again, nodes[0]?.leading.place.epoch ?? "");
        await publish(one, 100, 10);
        await Promise.all(again.map(({ leading }) => leading.readToEnd()));
        for (const node of again) {
          expect(marksOf(node).length).toBe(53);
          expect(new Set(marksOf(node)).size).toBe(53);
          expect(answersOf(node)).toBe(2);
        }
        await close(again);
      });
    }, 120_000);

    it("get what a node had that came after the stream was filled without it", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const first = await Promise.all(["a", "c"].map((node) => openNode(world, node)));
        await areOpen(first);
        const [a, c] = first;
        if (a === undefined || c === undefined) throw new Error("no node");
        await publish(a, 0, 20);
        await Promise.all(first.map(({ leading }) => leading.readToEnd()));
        await a.close();
        await publish(c, 100, 50);
        await c.leading.readToEnd();
        await c.close();
        await forget(nats);
        // The power is back, and the one that was behind is the first.
        const behind = await openNode(world, "a");
        await areAnew([behind], c.leading.place.epoch);
        await publish(behind, 200, 5);
        const ahead = await openNode(world, "c");
        const nodes = [behind, ahead];
        await until(() => nodes.every((node) => marksOf(node).length >= 75));
        await Promise.all(nodes.map(({ leading }) => leading.readToEnd()));
        for (const node of nodes) {
          expect(marksOf(node).length).toBe(75);
          expect(new Set(marksOf(node)).size).toBe(75);
        }
        await close(nodes);
      });
    }, 120_000);

    it("are made equal when one has read what servers forgot, and read on before anybody noticed", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        // To this node messages came that no server has any more; in their stead there are others, which it has not read.
        let isForgotten = false;
        const seen = (message: Message): Message => {
          if (isForgotten || !message.text.includes("a-20")) return message;
          isForgotten = true;
          return { ...message, at: message.at - 3, text: event("z1"), header: () => "" };
        };
        const a = await openNode(world, "a");
        const b = await openNode({ ...world, seen }, "b");
        const nodes = [a, b];
        await areOpen(nodes);
        const { epoch } = a.leading.place;
        await publish(a, 0, 21);
        await until(() => marksOf(b).includes("z1"));
        // A silence, and it goes on.
        await Bun.sleep(220);
        await publish(a, 21, 9);
        await areAnew(nodes, epoch);
        await until(() => nodes.every((node) => new Set(marksOf(node)).size === 31));
        for (const node of nodes) expect(marksOf(node).length).toBe(31);
        await close(nodes);
      });
    }, 120_000);
  },
);
