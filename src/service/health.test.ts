// What health says of the cards: by the folder's lock, whoever holds it.

import { describe, expect, it } from "bun:test";
import { checkHealth, healthFigures } from "./health.ts";

const health = (isNotifying: boolean, uptimeSeconds: number) =>
  checkHealth({
    trace: { check: async () => ({ ok: true }) },
    directory: { check: async () => undefined },
    clock: { now: () => uptimeSeconds * 1000 },
    startedAt: 0,
    // No worker gave its figures in time.
    figures: async () => healthFigures([]),
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
});
