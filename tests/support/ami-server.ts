// A strict stand-in for Asterisk's manager interface on a free port of 127.0.0.1: banner, login by challenge, Ping,
// CoreShowChannels, Logoff. It tells nothing to whom did not log in, closes on whatever a real one would not take, and can
// cut connections, fall silent, and cut what it sends into any pieces.

import { createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";

export type AmiServer = AsyncDisposable & {
  readonly port: number;
  /** What clients asked for so far, in order: `Challenge Login CoreShowChannels …`. */
  readonly actions: string[];
  /** Connections that are open now. */
  connections(): number;
  /** Everything that clients sent. */
  received(): string;
  /** Resolves when the actions fulfil the condition, or at once. */
  until(condition: (actions: readonly string[]) => boolean): Promise<void>;
  /** Sends to whoever is logged in; answers when it is handed to the system. Cut at the given offsets, where there are. */
  send(bytes: Uint8Array, cuts?: readonly number[]): Promise<void>;
  /** Cuts every connection, without a word. */
  cut(): void;
  /** From now on nothing is answered and nothing is sent. */
  silent: boolean;
  /** The version of the manager interface that the banner tells. */
  version: string;
  secret: string;
  /** How long Asterisk runs, in seconds, as it tells after a login; undefined where the user may not read it. */
  uptime: number | undefined;
  /** What the console shows for a command; undefined: permission denied. */
  console: ((command: string) => string) | undefined;
  /** What CoreShowChannels tells; undefined: permission denied. */
  channels: readonly Readonly<Record<string, string>>[] | undefined;
};

const block = (fields: readonly (readonly [string, string])[]): string =>
  `${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;

const CHALLENGE = "840415273";

export const startAmiServer = async (user = "calllog", secret = "s3cret"): Promise<AmiServer> => {
  const sockets = new Map<Socket, { isIn: boolean }>();
  const actions: string[] = [];
  let received = "";
  let waiters: { condition: (actions: readonly string[]) => boolean; resolve: () => void }[] = [];

  const act = (socket: Socket, text: string): void => {
    const fields = new Map(
      text.split("\r\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const action = fields.get("Action") ?? "";
    const id: [string, string] = ["ActionID", fields.get("ActionID") ?? ""];
    const state = sockets.get(socket);
    const answer = (response: string, ...more: (readonly [string, string])[]): void => {
      if (!server.silent) socket.write(block([["Response", response], id, ...more]));
    };
    if (state === undefined) return;
    if (action === "Challenge") {
      if (fields.get("AuthType") === "MD5") answer("Success", ["Challenge", CHALLENGE]);
      else answer("Error", ["Message", "Must specify AuthType"]);
    } else if (action === "Login") {
      const key = createHash("md5").update(CHALLENGE).update(server.secret).digest("hex");
      state.isIn =
        fields.get("Username") === user &&
        (fields.get("Key") === key || fields.get("Secret") === server.secret);
      if (state.isIn) {
        answer("Success", ["Message", "Authentication accepted"]);
        const uptime = String(server.uptime);
        const told: [string, string][] = [
          ["Event", "FullyBooted"],
          ["Privilege", "system,all"],
        ];
        told.push(["Uptime", uptime], ["LastReload", uptime], ["Status", "Fully Booted"]);
        if (server.uptime !== undefined) socket.write(block(told));
      } else {
        answer("Error", ["Message", "Authentication failed"]);
        socket.end();
      }
    } else if (!state.isIn) {
      socket.destroy();
    } else if (action === "Ping") {
      answer("Success", ["Ping", "Pong"], ["Timestamp", "1795333350.000000"]);
    } else if (action === "CoreShowChannels") {
      if (server.channels === undefined) answer("Error", ["Message", "Permission denied"]);
      else {
        answer("Success", ["EventList", "start"], ["Message", "Channels will follow"]);
        const list = server.channels
          .map((channel) => block([["Event", "CoreShowChannel"], id, ...Object.entries(channel)]))
          .join("");
        const end: [string, string][] = [["EventList", "Complete"]];
        end.push(["ListItems", String(server.channels.length)]);
        if (!server.silent)
          socket.write(list + block([["Event", "CoreShowChannelsComplete"], id, ...end]));
      }
    } else if (action === "Command") {
      const output = server.console?.(fields.get("Command") ?? "");
      if (output === undefined) answer("Error", ["Message", "Permission denied"]);
      else {
        const lines = output.split("\n").map((line): [string, string] => ["Output", line]);
        answer("Success", ["Message", "Command output follows"], ...lines);
      }
    } else if (action === "Logoff") {
      answer("Goodbye", ["Message", "Thanks for all the fish."]);
      socket.end();
    } else {
      answer("Error", ["Message", "Invalid/unknown command"]);
    }
    actions.push(action);
    const due = waiters.filter(({ condition }) => condition(actions));
    waiters = waiters.filter((waiter) => !due.includes(waiter));
    for (const { resolve } of due) resolve();
  };

  const listener: Server = createServer((socket) => {
    sockets.set(socket, { isIn: false });
    let text = "";
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      received += bytes.toString();
      text += bytes.toString();
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const action = text.slice(0, end);
        text = text.slice(end + 4);
        act(socket, action);
      }
    });
    if (!server.silent) socket.write(`Asterisk Call Manager/${server.version}\r\n`);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();

  const write = (socket: Socket, bytes: Uint8Array): Promise<void> =>
    new Promise((resolve) => socket.write(bytes, () => resolve()));
  const server: AmiServer = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    actions,
    secret,
    version: "9.0.0",
    uptime: undefined,
    console: undefined,
    silent: false,
    channels: [],
    connections: () => sockets.size,
    received: () => received,
    until: (condition) => {
      if (condition(actions)) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiters.push({ condition, resolve });
      return promise;
    },
    send: async (bytes, cuts = []) => {
      for (const [socket, { isIn }] of sockets) {
        if (!isIn) continue;
        let from = 0;
        for (const cut of [...cuts, bytes.length]) {
          await write(socket, bytes.subarray(from, cut));
          from = cut;
        }
      }
    },
    cut: () => {
      for (const socket of sockets.keys()) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      server.cut();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
  return server;
};
