// What a cluster's nodes do with time: stamps are the stream's, whatever the clocks of the nodes say, and a midnight in the
// middle of everything puts every record into the same day's file everywhere.

import { describe, expect, it } from "bun:test";
import { DAY_MS } from "../../src/lib/time.ts";
import {
  areOpen,
  ENTERPRISES,
  filesOf,
  marksIn,
  namesIn,
  openNode,
  recordOf,
  type TestNode,
  until,
} from "../support/cluster-nodes.ts";
import { noNats, startNats } from "../support/nats.ts";
import { inTempDir } from "../support/temp-dir.ts";

const missing = noNats();
const EVENTS = 1500;

describe.skipIf(missing !== undefined)(
  `the time of a cluster${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    it("is the stream's: nodes ten seconds apart have the same files, over a midnight under load", async () => {
      await using nats = await startNats(3);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const nodes = await Promise.all([
          openNode(world, "a", -5000),
          openNode(world, "b"),
          openNode(world, "c", 5000),
        ]);
        await areOpen(nodes);
        // Midnight comes three seconds from now.
        world.shift.ms = DAY_MS - (Date.now() % DAY_MS) - 3000;
        let isOver = false;
        let count = 0;
        const load = async ({ node, cluster }: TestNode): Promise<void> => {
          for (let number = 0; number < EVENTS || !isOver; number += 1) {
            await cluster.append(ENTERPRISES[number % 2] ?? "", recordOf(node, number));
            count += 1;
          }
        };
        const loads = nodes.map(load);
        await until(() =>
          nodes.every(({ dir }) =>
            ENTERPRISES.every((enterprise) => namesIn(dir, enterprise).length === 2),
          ),
        );
        isOver = true;
        await Promise.all(loads);
        await Promise.all(nodes.map(({ leading }) => leading.readToEnd()));

        const [first = {}, ...others] = nodes.map(filesOf);
        for (const other of others) expect(other).toEqual(first);
        for (const [name, text] of Object.entries(first)) {
          const stamps = text
            .split("\n")
            .slice(0, -1)
            .map((line) => line.slice(0, 23));
          expect(stamps).toEqual([...stamps].sort());
          // Every file has one day.
          const days = new Set(stamps.map((stamp) => stamp.slice(0, 10)));
          expect(days.size).toBe(1);
          if (!name.endsWith("events.log")) expect(name.endsWith([...days][0] ?? "?")).toBe(true);
        }
        const marks = Object.values(first).flatMap(marksIn);
        expect(marks.length).toBe(count);
        expect(new Set(marks).size).toBe(count);
        await Promise.all(nodes.map(({ close }) => close()));
      });
    }, 60_000);

    it("is caught up with by a node that was away for two days, and by one that is new", async () => {
      await using nats = await startNats(3);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const nodes = await Promise.all(["a", "b", "c"].map((node) => openNode(world, node)));
        const [one, two, three] = nodes;
        if (one === undefined || two === undefined || three === undefined) throw new Error("?");
        await areOpen(nodes);
        let number = 0;
        const some = async (through: readonly TestNode[]): Promise<void> => {
          for (let count = 0; count < 300; count += 1) {
            const { node, cluster } = through[count % through.length] ?? one;
            number += 1;
            await cluster.append(ENTERPRISES[count % 2] ?? "", recordOf(node, number));
          }
        };
        await some(nodes);
        await three.leading.readToEnd();
        await three.close();
        for (let day = 0; day < 2; day += 1) {
          // Times are moved for what is read from now on.
          await Promise.all([one, two].map(({ leading }) => leading.readToEnd()));
          world.shift.ms += DAY_MS;
          await some([one, two]);
        }
        const back = await openNode(world, "c");
        const fresh = await openNode(world, "d");
        await areOpen([back, fresh]);
        await some([one, back, fresh]);
        const all = [one, two, back, fresh];
        await Promise.all(all.map(({ leading }) => leading.readToEnd()));
        const [first = {}, ...others] = all.map(filesOf);
        expect(Object.keys(first).length).toBe(ENTERPRISES.length * 3);
        // The times are moved for all that is read, so a node that reads late sees other ones: the records are what counts.
        for (const other of others)
          expect(Object.values(other).flatMap(marksIn).sort()).toEqual(
            Object.values(first).flatMap(marksIn).sort(),
          );
        expect(Object.values(first).flatMap(marksIn).length).toBe(1200);
        expect(filesOf(two)).toEqual(first);
        await Promise.all(all.map(({ close }) => close()));
      });
    }, 60_000);
  },
);
