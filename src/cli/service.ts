// The running service: directory, trace and the two listeners put together, and taken down in order. Webhooks and
// viewer meet here and nowhere else.

import type { Server } from "bun";
import { type Config, sqlitePathOf } from "../config.ts";
import { cacheDirectory, openDirectory } from "../directory/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { createMetadata } from "../metadata/index.ts";
import { openTraceStore } from "../trace/index.ts";
import { createViewerApp } from "../viewer/index.ts";
import { createWebhooksApp } from "../webhooks/index.ts";
import { createCardWriter } from "./cards.ts";
import { checkHealth } from "./health.ts";
import { type RunningNotifier, startNotifier } from "./notify.ts";

export type Service = {
  /** Where events are posted, such as `http://127.0.0.1:8000`. */
  readonly webhooksUrl: string;
  /** Where pages are opened. */
  readonly pagesUrl: string;
  /**
   * Stops accepting, lets what was accepted finish within `shutdownTimeoutMs`, then closes files and directory.
   * Resolves when everything is closed.
   */
  stop(): Promise<void>;
};

type App = { fetch(request: Request): Response | Promise<Response>; server: unknown };

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

const errorCode = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";

const SLASH = 47;
/** Where Elysia begins to look for the path in `http://host/path`. */
const ELYSIA_PATH_FROM = 11;

/**
 * Elysia skips the first eleven characters of a URL, and so misses the path where the host is shorter than four
 * (`http://pbx/start`): every event posted so would be lost. Such a request gets another host, which nobody reads.
 */
const withLongHost = (request: Request): Request => {
  const { url } = request;
  for (let at = "http://".length; at < ELYSIA_PATH_FROM; at++) {
    if (url.charCodeAt(at) === SLASH)
      return new Request(`http://localhost${url.slice(at)}`, request);
  }
  return request;
};

/** A listener whose requests wait for the gate, so that none is answered before all are bound. */
const listen = (
  app: App,
  at: { readonly host: string; readonly port: number; readonly flag: string },
  gate: { readonly isOpen: boolean; readonly opened: Promise<void> },
): Server<undefined> => {
  try {
    const server = Bun.serve({
      hostname: at.host,
      port: at.port,
      maxRequestBodySize: BUN_BODY_LIMIT_BYTES,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      fetch: (request) => {
        const readable = withLongHost(request);
        return gate.isOpen ? app.fetch(readable) : gate.opened.then(() => app.fetch(readable));
      },
    });
    app.server = server;
    return server;
  } catch (cause) {
    const code = errorCode(cause);
    const why =
      code === "EADDRINUSE"
        ? `the port is taken; stop the other program or choose another port with ${at.flag}`
        : code === "EACCES"
          ? `this user may not take the port; choose one above 1023 with ${at.flag}`
          : code === "EADDRNOTAVAIL"
            ? "this machine has no such address"
            : String(cause);
    throw new Error(`cannot listen on ${at.host}:${at.port}: ${why}`, { cause });
  }
};

const stopListener = async (server: Server<undefined>, deadline: Promise<void>): Promise<void> => {
  const drained = server.stop(false);
  await Promise.race([drained, deadline]);
  await server.stop(true);
};

/**
 * Starts the service; both listeners are bound when this resolves. Stop it with `stop()`.
 *
 * @throws Error, in one line with what to do, where the directory or a port cannot be had; nothing is left running.
 */
export const startService = async (config: Config, clock: Clock, log: Log): Promise<Service> => {
  const startedAt = clock.now();
  const inner = await openDirectory({ sqlitePath: sqlitePathOf(config) });
  const directory = cacheDirectory(inner, { clock });
  const trace = openTraceStore({
    dir: config.dataDir,
    clock,
    durability: config.durability,
    retentionDays: config.retentionDays,
    onSweep: ({ removed, failures }) => {
      if (removed.length > 0) log.info("old days removed", { files: removed.length });
      for (const failure of failures) log.error(failure);
    },
  });
  const metadata =
    config.metadataUrl === null ? undefined : createMetadata({ url: config.metadataUrl, clock });
  const health = () => checkHealth({ trace, directory: inner, clock, startedAt });

  // Started when the listeners are bound: what happened before is found in the files.
  let notifier: RunningNotifier | undefined;

  const webhooks = createWebhooksApp({
    directory,
    trace,
    log,
    clock,
    maxBodyBytes: config.maxBodyBytes,
    health,
    onRecorded: (event) => notifier?.recorded(event),
  });
  const viewer = createViewerApp({
    directory,
    trace,
    log,
    clock,
    lang: config.lang,
    timeZone: config.timeZone,
    callTimeoutMs: config.callTimeoutMs,
    secretLinks: config.secretLinks,
    // Nothing is recorded of what a page asks: reading writes nothing.
    ...(metadata === undefined ? {} : { names: (assembled) => metadata.namesOf(assembled) }),
    recipients: (enterprise) => directory.usersOf(enterprise),
    health,
  });

  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const gate = { isOpen: false, opened };
  const servers: Server<undefined>[] = [];
  const close = async (): Promise<void> => {
    await notifier?.stop();
    await trace.close();
    await directory.close();
  };
  try {
    const onWebhooks = {
      host: config.webhookHost,
      port: config.webhookPort,
      flag: "--webhook-port",
    };
    servers.push(listen(webhooks, onWebhooks, gate));
    const onPages = { host: config.host, port: config.port, flag: "--port" };
    servers.push(listen(viewer, onPages, gate));
  } catch (cause) {
    for (const server of servers) await server.stop(true);
    await close();
    throw cause;
  }
  gate.isOpen = true;
  open();
  const writable = await trace.check();
  if (!writable.ok) {
    log.error(
      "events cannot be recorded, senders are answered 503; mend the folder, no restart is needed",
      {
        reason: writable.reason,
      },
    );
  }
  notifier = startNotifier({
    ...{ config, directory, trace, clock, log },
    cardText: createCardWriter({ config, directory, trace, metadata, clock, log }),
  });

  const [webhooksServer, pagesServer] = servers as [Server<undefined>, Server<undefined>];
  return {
    webhooksUrl: reachableUrl(config.webhookHost, webhooksServer.port ?? 0),
    pagesUrl: reachableUrl(config.host, pagesServer.port ?? 0),
    stop: async () => {
      const { promise: deadline, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, config.shutdownTimeoutMs);
      await Promise.all(servers.map((server) => stopListener(server, deadline)));
      clearTimeout(timer);
      await close();
    },
  };
};
