// A TCP proxy on a free port of 127.0.0.1 that can fail as networks do: pass everything, go silent (connections are
// taken and kept, no byte comes through), cut answers off, refuse, or close what connects.

import { createConnection, createServer, type Server, type Socket } from "node:net";

export type ProxyMode = "pass" | "silent" | "cut" | "refuse" | "close";

/** What comes through of the answers of a connection while answers are cut: their heads, and little more. */
const CUT_AFTER_BYTES = 1000;

export type TcpProxy = AsyncDisposable & {
  readonly port: number;
  /** From now on; connections that are open go silent too, are ended by the others but `pass`, and stay silent otherwise. */
  turn(mode: ProxyMode): Promise<void>;
  /** Connections open to it now. */
  connections(): number;
  /** Connections taken since it was started. */
  taken(): number;
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });

/** Stands in front of that port of this machine. Use it with `await using`. */
export const startTcpProxy = async (targetPort: number): Promise<TcpProxy> => {
  let mode: ProxyMode = "pass";
  let taken = 0;
  const pairs = new Map<Socket, Socket | undefined>();

  const serve = (client: Socket): void => {
    taken += 1;
    client.on("error", () => client.destroy());
    if (mode === "close") {
      client.destroy();
      return;
    }
    const target =
      mode === "silent" ? undefined : createConnection({ host: "127.0.0.1", port: targetPort });
    let left = CUT_AFTER_BYTES;
    pairs.set(client, target);
    // Taken away, not paused: a silent peer still takes what is sent to it.
    client.on("data", (bytes) => {
      if (mode !== "silent") target?.write(bytes);
    });
    client.on("close", () => {
      pairs.delete(client);
      target?.destroy();
    });
    target?.on("data", (bytes: Buffer) => {
      if (mode === "pass") client.write(bytes);
      if (mode !== "cut") return;
      client.write(bytes.subarray(0, Math.max(0, left)));
      left -= bytes.length;
      if (left < 0) client.end();
    });
    target?.on("error", () => undefined);
    target?.on("close", () => {
      if (mode !== "silent") client.destroy();
    });
  };

  let server: Server | undefined = createServer(serve);
  const port = await listen(server, 0);
  const cutAll = (): void => {
    for (const [client, target] of pairs) {
      client.destroy();
      target?.destroy();
    }
    pairs.clear();
  };
  const closeServer = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    cutAll();
    if (closing === undefined) return;
    await new Promise<void>((resolve) => closing.close(() => resolve()));
  };
  return {
    port,
    turn: async (next) => {
      mode = next;
      if (next === "refuse") return closeServer();
      if (next === "close" || next === "cut") cutAll();
      if (server !== undefined) return;
      server = createServer(serve);
      await listen(server, port);
    },
    connections: () => pairs.size,
    taken: () => taken,
    [Symbol.asyncDispose]: closeServer,
  };
};
