// What health says of the cards: by the folder's lock, whoever holds it.

import { describe, expect, it } from "bun:test";
import { idleService } from "../../tests/support/live-figures.ts";
import { createMetrics, type Figures } from "../watch/metrics/index.ts";
import { checkHealth, healthFigures } from "./health.ts";

const health = (isNotifying: boolean, uptimeSeconds: number, answered: readonly Figures[] = []) =>
  checkHealth({
    trace: { check: async () => ({ ok: true }) },
    directory: { check: async () => undefined },
    clock: { now: () => uptimeSeconds * 1000 },
    startedAt: 0,
    // By default no worker gave its figures in time.
    figures: async () => healthFigures(answered),
    isNotifying: () => isNotifying,
  });

describe("checkHealth", () => {
  it("is well where another process brings the cards, or one too busy to say so", async () => {
    expect((await health(true, 60)).body).toMatchObject({ status: "ok", reasons: [] });
  });

  it("says that nobody brings cards, but not in the first seconds", async () => {
    const { status, body } = await health(false, 60);
    expect([status, body.status]).toEqual([200, "degraded"]);
    expect(body.reasons).toEqual([
      "no process brings cards to Telegram; the service log tells why",
    ]);
    expect((await health(false, 2)).body.status).toBe("ok");
  });

  it("says that this node's files are not those of the other nodes", async () => {
    const figuresOf = (unequal: readonly string[]): Promise<Figures> =>
      createMetrics({
        version: "1.2.3",
        commit: "abc",
        live: {
          ...idleService,
          cluster: () => ({
            isConnected: true,
            waitingBytes: 0,
            late: 0,
            leading: { lag: 0, leases: 5, isFilling: false, fault: undefined, unequal },
          }),
        },
      }).figures();
    expect((await health(true, 60, [await figuresOf([])])).body.reasons).toEqual([]);
    const { status, body } = await health(true, 60, [await figuresOf(["days are lacking"])]);
    expect([status, body.status]).toEqual([200, "degraded"]);
    expect(body.reasons.join()).toContain("not those of the other nodes");
  });
});
