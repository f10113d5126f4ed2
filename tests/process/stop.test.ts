// A stop, seen from outside: what was accepted is on record, what hangs does not hold it, a second signal ends it.

import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { addEnterprise, type RunningBinary, startBinary } from "../support/binary.ts";
import { post, req } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const UNIQUE_ID = "1764493655.61";
const start = { Token: enterprise.webhookToken, UniqueId: UNIQUE_ID, Phone: "375295305942" };

/** Announces a body and sends half of it. */
const halfBody = async (base: string): Promise<Socket> => {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve, reject) =>
    socket.once("connect", resolve).once("error", reject),
  );
  socket.on("error", () => undefined);
  socket.write('POST /start HTTP/1.1\r\nHost: pbx\r\nContent-Length: 500\r\n\r\n{"Token":');
  // What is answered later was read later: by then the half request is under way.
  for (let i = 0; i < 3; i++) await fetch(req("/health", { base }));
  return socket;
};

/** Opens the live page of a call that goes on; resolves when its first update is here. */
const openStream = async (server: RunningBinary): Promise<ReadableStreamDefaultReader<unknown>> => {
  const path = `/call/0367/${UNIQUE_ID}/live?token=${enterprise.secret}`;
  const response = await fetch(req(path, { base: server.pagesUrl }));
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("no stream");
  await reader.read();
  return reader;
};

const drained = async (reader: ReadableStreamDefaultReader<unknown>): Promise<void> => {
  try {
    while (!(await reader.read()).done);
  } catch {
    // Cut is ended too.
  }
};

describe("a stop", () => {
  for (const workers of ["1", "2"]) {
    it(`ends with 0 though streams are open and bodies half sent (workers: ${workers})`, async () => {
      await inTempDir(async (cwd) => {
        await addEnterprise(enterprise, { cwd });
        const args = ["--workers", workers, "--shutdown-timeout", "1s"];
        await using server = await startBinary(args, { cwd });
        expect((await fetch(post("/start", start, { base: server.webhooksUrl }))).status).toBe(200);
        const stream = await openStream(server);
        const half = await halfBody(server.webhooksUrl);
        expect(await server.stop()).toBe(0);
        await drained(stream);
        half.destroy();
        const file = await readFile(join(cwd, "call_tracer/0367/events.log"), "utf8");
        expect(file.split("\n").length).toBe(2);
        expect(server.errors()).toEqual([]);
      });
    });
  }

  it("loses nothing that was answered while events pour in, over restarts", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      const answered = new Set<string>();
      for (let round = 0; round < 3; round++) {
        await using server = await startBinary([], { cwd });
        let sent = 0;
        const first = Promise.withResolvers<void>();
        const senders = Array.from({ length: 8 }, async (_, sender) => {
          for (let i = 0; i < 2000; i++) {
            const uniqueId = `17644936${round}${sender}.${i}`;
            const body = { ...start, UniqueId: uniqueId };
            try {
              const answer = await fetch(post("/start", body, { base: server.webhooksUrl }));
              if (answer.status === 200) answered.add(uniqueId);
            } catch {
              return;
            }
            sent++;
            if (sent === 50) first.resolve();
          }
        });
        await first.promise;
        expect(await server.stop()).toBe(0);
        await Promise.all(senders);
      }
      const file = await readFile(join(cwd, "call_tracer/0367/events.log"), "utf8");
      const written = new Set(file.split("\n").map((line) => line.split("|")[3]));
      expect(answered.size).toBeGreaterThan(100);
      expect([...answered].filter((uniqueId) => !written.has(uniqueId))).toEqual([]);
    });
  });

  it("is at once at the second signal", async () => {
    await inTempDir(async (cwd) => {
      await using server = await startBinary(["--shutdown-timeout", "10m"], { cwd });
      const half = await halfBody(server.webhooksUrl);
      process.kill(server.pid, "SIGTERM");
      while (!server.log().includes('"stopping"')) await Bun.sleep(10);
      // Ten minutes would be past the test's limit.
      expect(await server.stop()).not.toBe(0);
      half.destroy();
    });
  });
});
