// What must not end the link or the process: faults of the mapper at any of its doors, an error body without an end. And
// what TLS tells a PBX that is named by its address.

import { describe, expect, it } from "bun:test";
import { createServer } from "node:tls";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { systemScheduler } from "../../src/lib/scheduler.ts";
import {
  type AmiMapper,
  createAmiReader,
  Peers,
  runSession,
  startAgent,
} from "../../src/sources/ami/index.ts";
import { type AgentEvent, httpDelivery } from "../../src/sources/outbox/index.ts";
import { startAmiServer } from "../support/ami-server.ts";
import { selfSignedCertificate } from "../support/certificate.ts";
import { handTime, until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const block = (text: string): Uint8Array => new TextEncoder().encode(`${text}\r\n\r\n`);

/** A mapper that fails where it is told to, and makes an event of everything else. */
const failing = (door: "due" | "resync" | "take"): AmiMapper => {
  let isDue = door === "due";
  const fail = (): never => {
    throw new Error("a fault of ours");
  };
  return {
    peers: new Peers(),
    isUnderWay: () => false,
    dropped: () => ({ count: 0, lastAt: undefined, reason: "" }),
    take: ({ event }) =>
      door === "take" && event === "Bad"
        ? fail()
        : [{ event: "dial", body: { UniqueId: "1.1", EventId: event } }],
    nextDueAt: () => (isDue ? 0 : undefined),
    due: () => {
      if (!isDue) return [];
      isDue = false;
      return fail();
    },
    unlisted: () => [],
    resync: () => (door === "resync" ? fail() : []),
  };
};

describe("a fault of the mapper", () => {
  for (const door of ["due", "resync", "take"] as const) {
    it(`costs what it was about and nothing else: ${door}`, () =>
      inTempDir(async (dir) => {
        await using pbx = await startAmiServer();
        pbx.channels = [];
        const time = handTime();
        const got: AgentEvent[] = [];
        const errors: string[] = [];
        const agent = startAgent({
          endpoint: {
            host: "127.0.0.1",
            port: pbx.port,
            user: "calllog",
            secret: "s3cret",
            tls: false,
          },
          createReader: createAmiReader,
          createMapper: () => failing(door),
          delivery: {
            deliver: async (event) => {
              got.push(event);
              return { kind: "taken" };
            },
          },
          spoolDir: dir,
          clock: time,
          scheduler: time,
          random: () => 0,
          log: { ...silentLog, error: (message) => void errors.push(message) },
        });
        await until(() => agent.state().isUp);
        await pbx.until((actions) => actions.includes("CoreShowChannels"));
        await pbx.send(block("Event: Bad"));
        await pbx.send(block("Event: Good"));
        await until(() => got.some(({ body }) => body["EventId"] === "Good"));
        time.pass(1);
        await until(() => agent.state().faults === 1);
        expect(errors).toEqual(["cannot read what the PBX said; it is left out"]);
        expect(agent.state().isUp).toBe(true);
        await agent.stop(0);
      }));
  }
});

it("reads an error body that never ends only as far as it says why", async () => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(4096).fill(120)),
        }),
        { status: 400 },
      ),
  });
  try {
    const delivery = httpDelivery(server.url.href, "token");
    const startedAt = performance.now();
    expect(await delivery.deliver({ event: "dial", body: {} })).toEqual({
      kind: "refused",
      reason: "HTTP 400",
    });
    // Well before the time-out of the request, which is what used to end it.
    expect(performance.now() - startedAt).toBeLessThan(2500);
  } finally {
    await server.stop(true);
  }
});

const serverNameSentTo = async (host: string): Promise<string | undefined> => {
  const { certificate, key } = selfSignedCertificate("localhost");
  let asked: string | undefined;
  const server = createServer(
    {
      cert: certificate,
      key,
      SNICallback: (name, done) => {
        asked = name;
        done(null);
      },
    },
    (socket) => socket.destroy(),
  );
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };
  const ended = await runSession({
    endpoint: { host, port, user: "u", secret: "s", tls: true },
    createReader: createAmiReader,
    clock: systemClock,
    scheduler: systemScheduler(systemClock),
    signal: new AbortController().signal,
    onLogin: () => undefined,
    onEvents: async () => undefined,
    onChannels: async () => undefined,
  });
  server.close();
  // Nobody vouches for the certificate.
  expect(ended.kind).toBe("lost");
  return asked;
};

it("sends a PBX's name over TLS where it has one, never its address", async () => {
  expect(await serverNameSentTo("localhost")).toBe("localhost");
  expect(await serverNameSentTo("127.0.0.1")).toBeUndefined();
});
