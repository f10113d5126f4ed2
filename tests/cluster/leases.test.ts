// What one node does for all: when it dies, another does it, and nothing is done twice.

import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { recordedBlocks, recordedEvents } from "../support/ami.ts";
import { startAmiServer } from "../support/ami-server.ts";
import { ClusterWorld } from "../support/cluster-world.ts";
import { noNats } from "../support/nats.ts";
import { hasPostgres } from "../support/postgres.ts";

const why = noNats() ?? (hasPostgres() ? undefined : "no PostgreSQL");

describe.skipIf(why !== undefined)(
  `the leases of a cluster${why === undefined ? "" : ` (${why})`}`,
  () => {
    it("let one node listen to a PBX, and another when that one dies", async () => {
      await using pbx = await startAmiServer();
      const settings = (name: string): string[] => [
        ...["--ami", `tcp://calllog:s3cret@127.0.0.1:${pbx.port}`, "--ami-enterprise", "0367"],
        ...["--spool-dir", join("spools", name)],
      ];
      await using world = await ClusterWorld.start(2, settings);
      const key = `pbx.0367.127.0.0.1_${pbx.port}`;
      const told = (): number =>
        pbx.actions.filter((action) => action === "CoreShowChannels").length;
      const speak = (scenario: string): Promise<void> =>
        pbx.send(Buffer.concat(recordedBlocks(scenario).map(({ text }) => Buffer.from(text))));
      const lines = (): string[] =>
        world.nodes
          .filter(({ binary }) => binary !== undefined)
          .flatMap((node) => [...world.filesOf(node, "0367").values()])
          .flatMap((text) => text.split("\n").filter((line) => line.includes("|AST|")));

      await world.until("a node listens", () => told() === 1);
      expect(pbx.connections()).toBe(1);
      await speak("in_answered");
      const first = recordedEvents("in_answered").length;
      await world.until("both nodes have the call", () => lines().length === 2 * first);

      const holder = (await world.leases())[key];
      const node = world.nodes.find(({ name }) => name === holder);
      if (node === undefined) throw new Error(`nobody holds ${key}`);
      await world.killNode(node);
      await world.until("the other node listens", () => told() === 2);
      expect((await world.leases())[key]).not.toBe(holder);
      await speak("out_answered");
      const second = recordedEvents("out_answered").length;
      await world.until(
        "the other node has the next call",
        () => lines().length === first + second,
      );

      await world.startNode(node, { args: settings(node.name) });
      await world.until(
        "the node that came back has all",
        () => lines().length === 2 * (first + second),
      );
      const ids = lines().map((line) => /"EventId":"([^"]+)"/.exec(line)?.[1] ?? "");
      expect(new Set(ids).size).toBe(first + second);
      expect(world.areEqual()).toBe(true);
      expect(pbx.connections()).toBe(1);
    }, 120_000);
  },
);
