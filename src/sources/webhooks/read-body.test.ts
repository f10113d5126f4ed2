// Bodies over real sockets that arrive slowly, never, cut, or compressed.

import { afterEach, describe, expect, it } from "bun:test";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { ENTERPRISE } from "../../../tests/support/enterprise.ts";
import { silentLog } from "../../lib/log.ts";
import { createIntakeCounters, createWebhooksApp } from "./index.ts";

const BODY = '{"Token":"tok0367","UniqueId":"1764500001.27","Phone":"375291112233"}';

const servers: { stop: (close: boolean) => unknown }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

const setUp = (bodyTimeoutMs = 30_000) => {
  const written: unknown[] = [];
  const complaints: string[] = [];
  const counters = createIntakeCounters();
  const app = createWebhooksApp({
    directory: { enterpriseByWebhookToken: async () => ENTERPRISE },
    trace: {
      append: async (_number, record) => {
        written.push(record);
        return { at: 0, duplicate: false };
      },
    },
    log: { ...silentLog, warn: (message) => void complaints.push(message) },
    clock: { now: () => 0 },
    maxBodyBytes: 4096,
    bodyTimeoutMs,
    counters,
    health: () => ({ status: 200, body: {} }),
    onRecorded: () => undefined,
  });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => app.fetch(request),
  });
  servers.push(server);
  /** Sends the texts as they are and answers what came until the server closed the connection. */
  const raw = (...texts: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      let received = "";
      const socket = connect(server.port ?? 0, "127.0.0.1", () => {
        for (const text of texts) socket.write(text);
      });
      socket.on("data", (data) => {
        received += data;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(received));
    });
  return { origin: server.url.origin, raw, written, complaints, counters };
};

const HEAD = "POST /start HTTP/1.1\r\nHost: pbx.test\r\n";

describe("a body that does not arrive", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["of a declared length", `${HEAD}Content-Length: 100\r\n\r\n{"Token":`],
    ["in chunks", `${HEAD}Transfer-Encoding: chunked\r\n\r\n9\r\n{"Token":\r\n`],
    ["and has not begun", `${HEAD}Content-Length: 100\r\n\r\n`],
  ];
  for (const [name, text] of cases) {
    it(`is given up, and its connection closed: ${name}`, async () => {
      const { raw, written, counters } = setUp(50);
      const answer = await raw(text);
      expect(answer).toStartWith("HTTP/1.1 408 ");
      expect(answer).toContain('"code":"timeout"');
      expect(written).toEqual([]);
      expect(counters.events.start.invalid).toBe(1);
    });
  }

  it("is given up however steadily it trickles", async () => {
    const { origin } = setUp(100);
    let trickle: ReturnType<typeof setInterval> | undefined;
    const stream = new ReadableStream({
      start(controller) {
        trickle = setInterval(() => {
          try {
            controller.enqueue(new TextEncoder().encode(" "));
          } catch {
            clearInterval(trickle);
          }
        }, 10);
      },
      cancel: () => clearInterval(trickle),
    });
    const answer = await fetch(`${origin}/start`, { method: "POST", body: stream });
    expect(answer.status).toBe(408);
    clearInterval(trickle);
  });
});

describe("a body that says it is compressed", () => {
  const send = (origin: string, encoding: string, bytes: BodyInit) =>
    fetch(`${origin}/start`, {
      method: "POST",
      headers: { "content-encoding": encoding },
      body: bytes,
    });

  it("is answered 415 with what to do, and the log says so", async () => {
    const { origin, written, complaints, counters } = setUp();
    for (const encoding of ["gzip", "x-gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip"]) {
      const answer = await send(origin, encoding, gzipSync(BODY));
      expect(answer.status).toBe(415);
      expect(answer.headers.get("accept-encoding")).toBe("identity");
      expect(await answer.json()).toEqual({
        error: { code: "compressed", message: "send the body as it is, not compressed" },
      });
    }
    expect(written).toEqual([]);
    expect(counters.events.start.invalid).toBe(7);
    expect(complaints).toEqual(["event refused: send the body as it is, not compressed"]);
  });

  it("is never unpacked: a bomb costs its own size", async () => {
    const { origin } = setUp();
    const bomb = gzipSync(Buffer.alloc(1_000_000, " "));
    expect(bomb.length).toBeLessThan(4096);
    expect((await send(origin, "gzip", bomb)).status).toBe(415);
    // Without the header it is bytes that mean nothing.
    expect((await send(origin, "identity", bomb)).status).toBe(400);
  });

  it("is taken where the word is only a mistake", async () => {
    const { origin, written } = setUp();
    for (const encoding of ["utf-8", "identity", ""]) {
      expect((await send(origin, encoding, BODY)).status).toBe(200);
    }
    expect(written).toHaveLength(3);
  });
});
