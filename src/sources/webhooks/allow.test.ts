// --webhook-allow: who is let in, and what the others leave behind.

import { describe, expect, it } from "bun:test";
import { ENTERPRISE } from "../../../tests/support/enterprise.ts";
import { parseNetwork } from "../../lib/addresses.ts";
import { createClientAddressOf } from "../../lib/client-address.ts";
import { type LogFields, silentLog } from "../../lib/log.ts";
import { createIntakeCounters, createWebhooksApp } from "./index.ts";

const networks = (...texts: string[]) =>
  texts.map(parseNetwork).filter((network) => network !== undefined);

const setUp = (trusted: string[] = []) => {
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const counters = createIntakeCounters();
  const state = { nowMs: 1_764_500_000_000, written: 0, lookups: 0 };
  const app = createWebhooksApp({
    directory: {
      enterpriseByWebhookToken: async () => {
        state.lookups++;
        return ENTERPRISE;
      },
    },
    trace: {
      append: async () => {
        state.written++;
        return { at: state.nowMs, duplicate: false };
      },
    },
    log: { ...silentLog, warn: (message, fields) => void logged.push({ message, fields }) },
    clock: { now: () => state.nowMs },
    maxBodyBytes: 1024,
    counters,
    allow: {
      networks: networks("10.88.10.0/24", "2001:db8:1::/48"),
      clientOf: createClientAddressOf(networks(...trusted)),
    },
    health: () => ({ status: 200, body: {} }),
    metrics: () => "up 1\n",
    onRecorded: () => undefined,
  });
  const from = async (address: string | undefined, path = "/start", headers = {}) => {
    const requestIP = () => (address === undefined ? null : { address });
    app.server = { requestIP } as unknown as typeof app.server;
    const method = path === "/health" || path === "/metrics" ? "GET" : "POST";
    const body = method === "POST" ? '{"Token":"tok0367","UniqueId":"1.1"}' : null;
    const request = new Request(`http://localhost${path}`, { method, headers, body });
    return app.handle(request);
  };
  return { from, logged, counters, state };
};

describe("--webhook-allow", () => {
  it("takes events from the networks it names, however the address is written", async () => {
    const { from, state } = setUp();
    for (const address of ["10.88.10.7", "::ffff:10.88.10.7", "2001:db8:1::5"]) {
      expect((await from(address)).status).toBe(200);
    }
    expect(state.written).toBe(3);
  });

  it("answers everybody else 403, before anything is read, looked up or written", async () => {
    const { from, state, counters } = setUp();
    for (const address of ["10.88.11.7", "2001:db8:2::5", "203.0.113.9", undefined]) {
      const refused = await from(address);
      expect(refused.status).toBe(403);
      expect(await refused.json()).toEqual({
        error: { code: "forbidden", message: "events are not taken from this address" },
      });
    }
    expect(state).toMatchObject({ written: 0, lookups: 0 });
    expect(counters.events.start.forbidden).toBe(4);
  });

  it("covers every path but health and metrics, unknown ones too", async () => {
    const { from, counters } = setUp();
    for (const path of [
      "/hangup",
      "/events/parked_call",
      "/nothing",
      "//start",
      "/health/../dial",
    ]) {
      expect((await from("203.0.113.9", path)).status).toBe(403);
    }
    for (const path of ["/health", "/metrics"]) {
      expect((await from("203.0.113.9", path)).status).toBe(200);
    }
    expect(counters.events.hangup.forbidden).toBe(1);
    expect(counters.events.other.forbidden).toBe(3);
  });

  it("goes by X-Forwarded-For only where a trusted proxy wrote it", async () => {
    const invented = { "x-forwarded-for": "10.88.10.7" };
    expect((await setUp().from("203.0.113.9", "/start", invented)).status).toBe(403);
    const behind = setUp(["192.0.2.1"]);
    expect((await behind.from("192.0.2.1", "/start", invented)).status).toBe(200);
    expect((await behind.from("192.0.2.2", "/start", invented)).status).toBe(403);
    const twice = { "x-forwarded-for": "10.88.10.7, 203.0.113.9" };
    expect((await behind.from("192.0.2.1", "/start", twice)).status).toBe(403);
  });

  it("logs a client once a minute, and never more than a hundred", async () => {
    const { from, logged, state } = setUp();
    for (let i = 0; i < 3; i++) await from("203.0.113.9");
    await from("2001:db8:2::5");
    await from("2001:db8:2::6");
    expect(logged.map(({ fields }) => fields?.["client"])).toEqual([
      "203.0.113.9",
      "2001:db8:2::/64",
    ]);
    for (let i = 0; i < 300; i++) await from(`198.51.${i >> 8}.${i & 255}`);
    expect(logged).toHaveLength(100);
    state.nowMs += 60_000;
    await from("203.0.113.9");
    expect(logged.slice(100)).toEqual([
      { message: "more events were refused in that minute", fields: { unsaid: 205 } },
      { message: expect.stringContaining("--webhook-allow"), fields: { client: "203.0.113.9" } },
    ]);
  });
});
