// One server to be measured: `bun intake-server.ts MODE DIR [PORT]`. Prints its port. The modes answer the same to the
// same request; they differ in what happens in between.

import type { Enterprise } from "../../src/domain/enterprise.ts";
import type { EventBody } from "../../src/domain/event.ts";
import { bodyText } from "../../src/domain/event.ts";
import { idKey, recordKeys } from "../../src/domain/record.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createWebhooksApp } from "../../src/sources/webhooks/index.ts";
import { encodeRecord, type OpenTraceStore, openTraceStore } from "../../src/store/index.ts";

const [mode = "bare", dir = "", port = "0"] = process.argv.slice(2);
const enterprise: Enterprise = {
  number: "0367",
  name: null,
  webhookToken: "375290000001",
  secret: "secret",
  botToken: null,
  active: true,
};
const answer = { status: "ok" };

const record = (body: EventBody) =>
  ({ kind: "AST", event: "hangup", uniqueId: bodyText(body, "UniqueId"), body }) as const;

const openStore = () =>
  openTraceStore({ dir, durability: mode.endsWith("synced") ? "synced" : "written" });

/** Parses the same JSON and builds the same line, and writes nothing. */
const bare = async (request: Request): Promise<Response> => {
  const body = (await request.json()) as EventBody;
  const line = encodeRecord({ ...record(body), at: Date.now() });
  return line.length > 0 ? Response.json(answer) : new Response(null, { status: 500 });
};

/** The records of the whole call: what names its ids and bridges, until nothing new is named. */
const countRecords = async (store: OpenTraceStore, id: string): Promise<number> => {
  const asked = new Set<string>();
  const lines = new Set<string>();
  for (let keys = [idKey(id)]; keys.length > 0; ) {
    for (const key of keys) asked.add(key);
    const { records } = await store.find("0367", keys);
    for (const { raw } of records) lines.add(raw);
    keys = [...new Set(records.flatMap(recordKeys))].filter((key) => !asked.has(key));
  }
  return lines.size;
};

/** The same, and the line is in the file before the answer. `GET /find/ID` counts a call's records. */
const engine = () => {
  const store = openStore();
  return async (request: Request): Promise<Response> => {
    if (request.method === "GET") {
      const { pathname } = new URL(request.url);
      if (pathname === "/indexed") await store.indexed();
      return new Response(`${await countRecords(store, pathname.slice("/find/".length))}`);
    }
    const body = (await request.json()) as EventBody;
    await store.append("0367", record(body));
    return Response.json(answer);
  };
};

const quiet = { debug() {}, info() {}, warn() {}, error: console.error };

/** The real webhook listener. */
const app = () => {
  const elysia = createWebhooksApp({
    directory: { enterpriseByWebhookToken: async () => enterprise },
    trace: openStore(),
    log: quiet,
    clock: systemClock,
    maxBodyBytes: 256 * 1024,
    health: () => ({ status: 200, body: {} }),
    onRecorded: () => undefined,
  });
  return elysia.fetch;
};

const fetch = mode === "bare" ? bare : mode.startsWith("engine") ? engine() : app();
const server = Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  reusePort: true,
  idleTimeout: 255,
  fetch,
});
console.log(server.port);
