// Requests over real sockets with Host headers that spoil their URL.

import { afterEach, describe, expect, it } from "bun:test";
import { connect } from "node:net";
import type { Server } from "bun";
import { createReadable } from "./readable-request.ts";

const servers: { stop: (close: boolean) => unknown }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

const serve = () => {
  const { readable, teach } = createReadable();
  const server: Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (original) => {
      const request = readable(original);
      const { pathname, search } = new URL(request.url);
      server.timeout(request, 60);
      return Response.json({
        path: pathname + search,
        reachable: request.url.indexOf("/", 11) >= 11,
        client: server.requestIP(request)?.address,
        body: await request.text(),
      });
    },
  });
  teach(server);
  servers.push(server);
  return (host: string, target = "/start?token=1"): Promise<unknown> =>
    new Promise((resolve, reject) => {
      let received = "";
      const head = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
      const socket = connect(server.port ?? 0, "127.0.0.1", () => socket.write(head));
      socket.on("data", (data) => {
        received += data;
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(JSON.parse(received.slice(received.indexOf("\r\n\r\n")))));
    });
};

describe("a request", () => {
  const hosts = [
    "pbx.example.test",
    "pbx.example.test:8000",
    "127.0.0.1:8000",
    "[::1]:8000",
    "pbx",
    "a",
    "a:1",
    "",
    "[",
    "[::1",
    "a b",
    "%zz",
    "a:99999",
    "é",
    '"<x>',
    "evil@host",
    "x/other?",
    "x#y",
    "x\\y",
    "*",
  ];
  for (const host of hosts) {
    it(`keeps path, body and sender whatever its Host says: ${JSON.stringify(host)}`, async () => {
      const seen = { path: "/start?token=1", reachable: true, client: "127.0.0.1", body: "{}" };
      const ask = serve();
      expect(await ask(host)).toEqual(seen);
      // Also after another one has made itself known.
      await ask("other.example.test");
      expect(await ask(host)).toEqual(seen);
    });
  }

  it("keeps a path that looks like a host", async () => {
    expect(await serve()("[", "//evil.example.test/start")).toMatchObject({
      path: "//evil.example.test/start",
    });
  });
});
