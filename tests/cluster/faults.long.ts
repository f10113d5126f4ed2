// A cluster of the real program under faults: every event that a node acknowledged is on record on every node once, the
// nodes' files are equal to the byte, and every call has its final card in every chat. Minutes long, so `bun test` does not
// find it by itself: `bun run faults` (after `bun run build`).

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { appendFileSync, rmSync } from "node:fs";
import { type ClusterNodeProcess, ClusterWorld } from "../support/cluster-world.ts";
import { noNats } from "../support/nats.ts";
import { hasPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** How long servers and nodes stay away, in seconds; `CLUSTER_AWAY_S=30` is the long form. */
const AWAY_S = Number(process.env["CLUSTER_AWAY_S"] ?? 6);
const why = noNats() ?? (hasPostgres() ? undefined : "no PostgreSQL");
const name = `a cluster under faults${why === undefined ? "" : ` (${why})`}`;

const LIMIT_MS = 180_000;

/** Where the long form writes its table, a line a fault. */
const writeRow = (fault: string, row: object): void => {
  const file = process.env["CLUSTER_TABLE"];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ fault, ...row })}\n`);
};

const pause = (seconds: number): Promise<void> => Bun.sleep(seconds * 1000);

describe.skipIf(why !== undefined)(name, () => {
  let world: ClusterWorld;
  const node = (index: number): ClusterNodeProcess => {
    const found = world.nodes[index];
    if (found === undefined) throw new Error(`there is no node ${index}`);
    return found;
  };

  beforeAll(async () => {
    world = await ClusterWorld.start(3);
    // The stream is there, and every node reads it.
    await world.call();
    await world.settled();
    await world.told();
  }, LIMIT_MS);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  /**
   * Calls come while the fault lasts and a little longer; then everything is held against what was promised.
   *
   * @param twins final cards that may stand twice: one for each crash between Telegram's answer and our record of it
   * @param isOrderFree nodes may have the records in another order: servers really forgot some of them
   * @param orphans cards that may stand for ever beside those of before: a node's last ones, which it had no time to note, or
   *   had noted in the folder that is gone
   */
  const under = async (
    fault: string,
    act: () => Promise<void>,
    {
      twins = 0,
      orphans = 0,
      isOrderFree = false,
    }: {
      readonly twins?: number;
      readonly orphans?: number;
      readonly isOrderFree?: boolean;
    } = {},
  ): Promise<void> => {
    const before = world.acknowledged.length;
    const { doubled: doubledBefore, standing: standingBefore } = world.cards();
    const traffic = world.traffic({ lanes: 3, pauseMs: 30 });
    await pause(1);
    await act();
    await pause(2);
    await traffic.stop();
    const overAt = performance.now();
    await world.settled(90_000, isOrderFree);
    const equalAfterS = Math.round((performance.now() - overAt) / 100) / 10;
    await world.told(60_000, standingBefore + orphans);
    const toldAfterS = Math.round((performance.now() - overAt) / 100) / 10;
    const verdict = world.verdict();
    const doubled = verdict.doubled - doubledBefore;
    writeRow(fault, {
      ...verdict,
      acknowledged: verdict.acknowledged - before,
      doubled,
      equalAfterS,
      toldAfterS,
      p99Ms: world.latencies.sort((a, b) => a - b)[Math.floor(world.latencies.length * 0.99)],
    });
    world.latencies.length = 0;
    expect(verdict.acknowledged).toBeGreaterThan(before);
    const equal = verdict.equal || isOrderFree;
    expect({ ...verdict, equal, acknowledged: 0, doubled: 0, standing: 0 }).toEqual({
      acknowledged: 0,
      nodes: 3,
      lost: 0,
      twice: 0,
      torn: 0,
      misfiled: 0,
      equal: true,
      withoutFinal: 0,
      doubled: 0,
      standing: 0,
    });
    expect(doubled).toBeLessThanOrEqual(twins);
  };

  it(
    "a node is killed and comes back",
    () =>
      under(
        "kill -9 of a node, started again",
        async () => {
          await world.killNode(node(0));
          await pause(AWAY_S);
          await world.startNode(node(0));
        },
        { twins: 6, orphans: 6 },
      ),
    LIMIT_MS,
  );

  it(
    "servers are killed one after another, the stream's leader among them",
    () =>
      under("kill -9 of each server in turn, the stream's leader among them", async () => {
        for (const index of [0, 1, 2]) {
          await world.nats.kill(index);
          await pause(3);
          world.nats.start(index);
          await pause(1);
          await world.serversWhole();
        }
      }),
    LIMIT_MS,
  );

  it(
    "two of three servers are away",
    () =>
      under(`two of three servers away for ${AWAY_S} s`, async () => {
        await Promise.all([world.nats.kill(0), world.nats.kill(1)]);
        await pause(AWAY_S);
        world.nats.start(0);
        world.nats.start(1);
      }),
    LIMIT_MS,
  );

  it(
    "a node is cut off from the servers, not from its senders",
    async () => {
      const proxies: TcpProxy[] = await Promise.all(
        world.nats.urls.map((url) => startTcpProxy(Number(new URL(url).port))),
      );
      try {
        await world.killNode(node(1), "SIGTERM");
        await world.startNode(node(1), {
          servers: proxies.map(({ port }) => `nats://127.0.0.1:${port}`),
        });
        await under(
          `a node cut off from the servers for ${AWAY_S} s`,
          async () => {
            await Promise.all(proxies.map((proxy) => proxy.turn("silent")));
            await pause(AWAY_S);
            await Promise.all(proxies.map((proxy) => proxy.turn("refuse")));
            await Promise.all(proxies.map((proxy) => proxy.turn("pass")));
          },
          { twins: 6 },
        );
      } finally {
        await world.killNode(node(1), "SIGTERM");
        await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
        await world.startNode(node(1));
      }
    },
    LIMIT_MS,
  );

  it(
    "a node is cut off from Telegram",
    async () => {
      const proxy = await startTcpProxy(Number(new URL(world.bot.apiRoot).port));
      try {
        await world.killNode(node(1), "SIGTERM");
        await world.startNode(node(1), { apiRoot: `http://127.0.0.1:${proxy.port}` });
        await under(`a node cut off from Telegram for ${AWAY_S} s`, async () => {
          await proxy.turn("refuse");
          await pause(AWAY_S);
          await proxy.turn("pass");
        });
      } finally {
        await world.killNode(node(1), "SIGTERM");
        await proxy[Symbol.asyncDispose]();
        await world.startNode(node(1));
      }
    },
    LIMIT_MS,
  );

  it(
    "servers and nodes are restarted one by one",
    () =>
      under("servers, then nodes, restarted one by one (an upgrade)", async () => {
        for (const index of [0, 1, 2]) {
          await world.nats.quit(index);
          await pause(1);
          world.nats.start(index);
          await pause(1);
          await world.serversWhole();
        }
        for (const each of world.nodes) {
          await world.killNode(each, "SIGTERM");
          await world.startNode(each);
        }
      }),
    LIMIT_MS,
  );

  it(
    "the stream is deleted",
    () => under("the stream deleted", () => world.deleteStream()),
    LIMIT_MS,
  );

  it(
    "a node's folder is deleted",
    () =>
      under(
        "a node killed and its folder deleted",
        async () => {
          await world.killNode(node(2));
          rmSync(node(2).dir, { recursive: true });
          await world.startNode(node(2));
        },
        { twins: 6, orphans: 6 },
      ),
    LIMIT_MS,
  );

  // The last one: nodes that differ in the order of records do so for good.
  it(
    "servers are killed faster than they catch up",
    () =>
      under(
        "kill -9 of servers one upon another, faster than they catch up",
        async () => {
          for (const index of [0, 1, 2, 0, 1, 2]) {
            await world.nats.kill(index);
            await pause(0.3);
            world.nats.start(index);
            await pause(1);
          }
          await Promise.all([0, 1, 2].map((index) => world.nats.kill(index)));
          for (const index of [0, 1, 2]) world.nats.start(index);
        },
        { twins: 6, orphans: 6, isOrderFree: true },
      ),
    LIMIT_MS,
  );
});
