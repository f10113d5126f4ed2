// `calllog cluster verify` over nodes whose finished days differ: records in another order are no loss, a record that one of them
// lacks is.

import { describe, expect, it } from "bun:test";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { clusterCommands } from "../../src/cli/cluster.ts";
import { openSandbox } from "../../src/cli/testing.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { DAY_MS } from "../../src/lib/time.ts";
import { formatDay, formatStamp } from "../../src/store/format/stamp.ts";
import { areOpen, openNode, recordOf, until } from "../support/cluster-nodes.ts";
import { noNats, startNats } from "../support/nats.ts";
import { inTempDir } from "../support/temp-dir.ts";

const missing = noNats();

/** As time does with messages that are older than the stream keeps them. */
const forgetAll = async (servers: readonly string[]): Promise<void> => {
  const connection = await connect({ servers: servers.map((url) => new URL(url).host) });
  await (await jetstreamManager(connection)).streams.purge("CALLLOG");
  await connection.close();
};

const event = (at: number, id: string): string =>
  `${formatStamp(at)}|AST|start|1764493655.1|{"Phone":"375295305942","EventId":"${id}"}\n`;

describe.skipIf(missing !== undefined)(
  `calllog cluster verify${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    it("tells days whose order differs from days of which a node lacks a record", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const today = Math.floor(Date.now() / DAY_MS);
        const at = (today - 1) * DAY_MS + 1000;
        const yesterday = `events.log.${formatDay(today - 1)}`;
        const put = (node: string, name: string, text: string): void => {
          mkdirSync(join(folder, node, "0367"), { recursive: true });
          writeFileSync(join(folder, node, "0367", name), text);
        };
        // The second one came late to b, after midnight.
        put("a", yesterday, event(at, "one") + event(at + 1, "two") + event(at + 2, "three"));
        put("b", yesterday, event(at, "one") + event(at + 2, "three"));
        put("a", "events.log", event(today * DAY_MS, "last"));
        put("b", "events.log", event(today * DAY_MS, "last") + event(today * DAY_MS, "two"));
        const world = { nats, folder, shift: { ms: 0 } };
        const nodes = await Promise.all(["a", "b"].map((node) => openNode(world, node)));
        await areOpen(nodes);
        await nodes[0]?.cluster.append("0367", {
          kind: "AST",
          event: "hangup",
          uniqueId: "1764493655.1",
          body: { Phone: "375295305942" },
        });
        await Promise.all(nodes.map(({ leading }) => leading.readToEnd()));
        const sandbox = openSandbox(clusterCommands);
        const verify = () =>
          sandbox.run(["cluster", "verify", "--cluster", nats.urls.join(","), "--node", "x"], {
            clock: systemClock,
          });
        try {
          // Nodes say how far they have read every two seconds.
          let run = await verify();
          while (!run.stdout.includes("ORDER")) run = await verify();
          expect(run).toEqual({
            code: 0,
            stderr: "",
            stdout: [
              `ORDER  0367 ${yesterday}: the same records on all nodes, in another order`,
              "0 finished days are the same on a, b; 1 have the same records in another order",
              "",
            ].join("\n"),
          });
          appendFileSync(join(folder, "a/0367", yesterday), event(at + 3, "four"));
          const lacking = await verify();
          expect(lacking.code).toBe(1);
          expect(lacking.stdout).toMatch(
            /^WRONG {2}0367 events\.log\.\S+: a [0-9a-f]{12}, b [0-9a-f]{12}\n {7}records of 0367 since then: a \d, b \d\n/,
          );
          const [, a, b] = /: a (\d), b (\d)\n/.exec(lacking.stdout) ?? [];
          expect(Number(a) - Number(b)).toBe(1);
        } finally {
          sandbox.remove();
        }
        await Promise.all(nodes.map(({ close }) => close()));
      });
    }, 60_000);

    it("and status tell at once that a node lacks what the stream no longer has", async () => {
      await using nats = await startNats(1);
      await inTempDir(async (folder) => {
        const world = { nats, folder, shift: { ms: 0 } };
        const [a, b] = await Promise.all(["a", "b"].map((node) => openNode(world, node)));
        if (a === undefined || b === undefined) throw new Error("no node");
        await areOpen([a, b]);
        const publish = (from: number, count: number): Promise<unknown> =>
          Promise.all(
            Array.from({ length: count }, (_, index) =>
              a.cluster.append("0367", recordOf("a", from + index)),
            ),
          );
        await publish(0, 5);
        await b.leading.readToEnd();
        await b.close();
        await publish(5, 10);
        await forgetAll(nats.urls);
        const back = await openNode(world, "b");
        await until(() => back.leading.figures().unequal.length > 0);
        const sandbox = openSandbox(clusterCommands);
        const run = (command: string) =>
          sandbox.run(["cluster", command, "--cluster", nats.urls.join(","), "--node", "x"], {
            clock: systemClock,
          });
        const why =
          /^WRONG {2}b: this node was away for longer .* and lacks 10 of them: move its folder away/m;
        try {
          let status = await run("status");
          while (!status.stdout.includes("away for longer")) status = await run("status");
          expect(status.stdout).toMatch(why);
          expect(status.code).toBe(1);
          const verify = await run("verify");
          expect(verify.stdout).toMatch(why);
          expect(verify.code).toBe(1);
        } finally {
          sandbox.remove();
        }
        await Promise.all([a.close(), back.close()]);
        // It is known to the next process, too.
        const again = await openNode(world, "b");
        expect(again.leading.figures().unequal.length).toBe(1);
        await again.close();
      });
    }, 60_000);
  },
);
