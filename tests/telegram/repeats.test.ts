// Deliveries without an EventId that come twice, from the request to the chats: recorded, answered 200, and the chats get
// exactly the messages of a call whose events came once.

import { describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { bodyText } from "../../src/domain/event.ts";
import type { StoredRecord } from "../../src/domain/record.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createIntakeCounters, createWebhooksApp } from "../../src/sources/webhooks/index.ts";
import { webhookRecords } from "../support/calls.ts";
import { ENTERPRISE } from "../support/enterprise.ts";
import { openWorld, type World, type WorldOptions } from "../support/notifier-world.ts";

const SCENARIOS = readdirSync(join(import.meta.dir, "../fixtures/calls/webhooks"))
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => name.replace(".jsonl", ""))
  .sort();

type Event = Extract<StoredRecord, { kind: "AST" }>;
type Post = { readonly at: number; readonly record: StoredRecord };

/** The listener before the notifier of a world. */
const listenerOf = (world: World) => {
  const counters = createIntakeCounters();
  const app = createWebhooksApp({
    directory: { enterpriseByWebhookToken: async () => ENTERPRISE },
    trace: world.trace,
    log: silentLog,
    clock: world.time,
    maxBodyBytes: 262_144,
    counters,
    health: () => ({ status: 200, body: { status: "ok" } }),
    onRecorded: ({ record }) => world.notifier().changed(ENTERPRISE.number, record),
  });
  const token = ENTERPRISE.webhookToken ?? "";
  const post = async ({ record }: Post): Promise<void> => {
    if (record.kind !== "AST") throw new Error("only events are posted");
    const answer = await app.handle(
      new Request(`http://localhost/${record.event}`, {
        method: "POST",
        headers: { token },
        body: JSON.stringify({ ...record.body, Token: token }),
      }),
    );
    expect([answer.status, await answer.text()]).toEqual([200, '{"status":"ok"}']);
    await world.idle();
  };
  return { counters, post };
};

const placeOf = ({ body, uniqueId }: Event): string =>
  ["BridgeUniqueid", "Channel", "ChanUniqueId"].map((key) => bodyText(body, key)).join() + uniqueId;
const isOpposite = (a: StoredRecord, b: StoredRecord): boolean =>
  a.kind === "AST" &&
  b.kind === "AST" &&
  [a.event, b.event].sort().join() === "bridge,bridge_leave" &&
  placeOf(a) === placeOf(b);

/** Posts at their times: what the chat was sent and how it was changed, and what was counted. */
const played = async (posts: readonly Post[], options: WorldOptions) => {
  await using world = await openWorld({ chats: ["101"], ...options });
  const { counters, post } = listenerOf(world);
  const shift = world.time.now() - (posts[0]?.at ?? 0);
  for (const one of [...posts].sort((a, b) => a.at - b.at)) {
    await world.moveTo(one.at + shift);
    await post(one);
  }
  await world.pass(5000);
  const calls = world.api.requests
    .map(({ method }) => method)
    .filter((method) => method !== "getMe");
  return {
    calls,
    sent: world.api.everSent("101"),
    standing: world.api.texts("101"),
    repeats: counters.repeats,
  };
};

/** The calls of a scenario as they were posted, and the deliveries that come again. */
const deliveries = (scenario: string, lateMs: number) => {
  const once = webhookRecords(scenario).map((record) => ({ at: record.at, record }));
  // A channel that left meanwhile may have come back: that is no repeat.
  const isUndone = (post: Post): boolean =>
    once.some(
      ({ at, record }) => at > post.at && at <= post.at + lateMs && isOpposite(record, post.record),
    );
  const again = once
    .filter((post) => !isUndone(post))
    .map((post) => ({ ...post, at: post.at + lateMs }));
  return { once, again };
};

describe("events that are posted again within a minute", () => {
  for (const scenario of SCENARIOS) {
    for (const lateMs of [1, 59_000]) {
      it(`change nothing in the chats: ${scenario}, ${lateMs} ms later`, async () => {
        const { once, again } = deliveries(scenario, lateMs);
        for (const mode of ["replace", "edit"] as const) {
          const expected = await played(once, { mode });
          const seen = await played([...once, ...again], { mode });
          expect(expected.repeats).toBe(0);
          expect(seen).toEqual({ ...expected, repeats: again.length });
        }
      });
    }
  }
});
