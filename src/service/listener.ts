// An HTTP listener: bound at once, answering only when both listeners are bound, and shut down without cutting off
// accepted requests.

import type { Server } from "bun";
import { errorCode } from "../lib/errors.ts";
import { within } from "../lib/within.ts";
import { createReadable } from "./readable-request.ts";

export type ListenAt = {
  readonly host: string;
  readonly port: number;
  /** What an operator changes the port with. */
  readonly flag: string;
  /** Other workers of this service listen on it too; the system spreads connections over them. */
  readonly isShared: boolean;
};

export type StartGate = { readonly isOpen: boolean; readonly opened: Promise<void> };

export type App = {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Hands the app the server it runs on. */
  readonly attach: (server: Server<undefined>) => void;
};

/**
 * Bun answers a bare 413 at its own limit, so ours must be the lower one by far: the app counts as it reads, and answers
 * with a reason.
 */
const BUN_BODY_LIMIT_BYTES = 1024 * 1024 * 1024;
/** Seconds without a byte after which Bun drops a connection; senders keep theirs open between the events of a call. */
const IDLE_TIMEOUT_SECONDS = 120;

/** How this machine reaches an address it listens on. */
export const reachableUrl = (host: string, port: number): string => {
  const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
};

/** Why a port cannot be had, and what to do. */
const listenError = (at: Omit<ListenAt, "isShared">, cause: unknown): Error => {
  const code = errorCode(cause);
  const why =
    code === "EADDRINUSE"
      ? `the port is taken; stop the other program or choose another port with ${at.flag}`
      : code === "EACCES"
        ? `this user may not take the port; choose one above 1023 with ${at.flag}`
        : code === "EADDRNOTAVAIL"
          ? "this machine has no such address"
          : String(cause);
  return new Error(`cannot listen on ${at.host}:${at.port}: ${why}`, { cause });
};

/**
 * Makes sure that nobody else has a port before workers share it, and chooses one where it is 0: a port that is shared
 * would be shared with a second calllog as well. Answers its number.
 *
 * @throws Error, in one line with what to do.
 */
export const claimPort = async (at: Omit<ListenAt, "isShared">): Promise<number> => {
  try {
    const server = Bun.serve({ hostname: at.host, port: at.port, fetch: () => new Response() });
    const port = server.port ?? at.port;
    await server.stop(true);
    return port;
  } catch (cause) {
    throw listenError(at, cause);
  }
};

/** A listener whose requests wait for the gate, so that none is answered before all are bound. */
export const listen = (app: App, at: ListenAt, gate: StartGate): Server<undefined> => {
  const { readable, teach } = createReadable();
  try {
    const server = Bun.serve({
      hostname: at.host,
      port: at.port,
      reusePort: at.isShared,
      maxRequestBodySize: BUN_BODY_LIMIT_BYTES,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      fetch: (request) => {
        const read = readable(request);
        return gate.isOpen ? app.fetch(read) : gate.opened.then(() => app.fetch(read));
      },
    });
    teach(server);
    app.attach(server);
    return server;
  } catch (cause) {
    throw listenError(at, cause);
  }
};

/** Stops a listener: answers what is under way, for no longer than that, and cuts off the rest. */
export const stopListener = async (server: Server<undefined>, timeoutMs: number): Promise<void> => {
  await within(server.stop(false), timeoutMs, () => undefined);
  await server.stop(true);
};
