// The running service: directory, trace and the two listeners put together, and taken down in order. Webhooks and
// viewer meet here and nowhere else.

import type { Server } from "bun";
import { openHistory } from "../call/list/index.ts";
import type { Config } from "../config/index.ts";
import { createClientAddressOf } from "../lib/client-address.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { createMetadata } from "../metadata/index.ts";
import { createViewerApp } from "../pages/index.ts";
import {
  createIntake,
  createIntakeCounters,
  createWebhooksApp,
  eventCounts,
  type RecordedEvent,
} from "../sources/webhooks/index.ts";
import { openFollower, openTraceStore } from "../store/index.ts";
import {
  createMetrics,
  type Figures,
  measuredBot,
  measuredDirectory,
  measuredFetch,
  measuredPages,
  measuredTrace,
  metricsText,
} from "../watch/metrics/index.ts";
import { type AmiLinks, startAmiLinks } from "./ami-links.ts";
import { createCardWriter } from "./card-texts.ts";
import { checkHealth, healthFigures } from "./health.ts";
import { intakeDelivery } from "./intake-delivery.ts";
import { listen, reachableUrl, stopListener } from "./listener.ts";
import { type RunningNotifier, startNotifier } from "./notifier.ts";
import { hasNotifier } from "./notifier-lock.ts";
import { operatorOf } from "./operator.ts";
import { openServiceDirectory } from "./service-directory.ts";
import { buildInfo } from "./version.ts";

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
  /** The figures of this process. */
  figures(): Promise<Figures>;
};

/** What a process that shares its ports with others is told by whoever started them. */
export type Sharing = {
  /** The figures of every process that answers, this one's among them, and how many processes there are. */
  readonly figuresOfAll: (
    own: () => Promise<Figures>,
  ) => Promise<{ readonly answered: readonly Figures[]; readonly workers: number }>;
};

/**
 * Starts the service; both listeners are bound when this resolves. Stop it with `stop()`.
 *
 * @throws Error, in one line with what to do, where the directory or a port cannot be had; nothing is left running.
 */
export const startService = async (
  config: Config,
  clock: Clock,
  log: Log,
  sharing?: Sharing,
): Promise<Service> => {
  const startedAt = clock.now();
  const counters = createIntakeCounters();
  // Started when the listeners are bound: what happened before is found in the files.
  let notifier: RunningNotifier | undefined;
  let liveStreams = 0;
  const metrics = createMetrics({
    ...buildInfo,
    live: {
      events: () => eventCounts(counters),
      salvaged: () => counters.salvaged,
      repeats: () => counters.repeats,
      notifier: () => notifier?.state() ?? { calls: 0, lanes: 0, isHolder: false },
      liveStreams: () => liveStreams,
    },
  });
  const figuresOfAll = async () => {
    const own = () => metrics.figures();
    return sharing === undefined
      ? { answered: [await own()], workers: 1 }
      : sharing.figuresOfAll(own);
  };
  const metricsOfAll = async (): Promise<string> => {
    const { answered, workers } = await figuresOfAll();
    return metricsText(answered, workers);
  };
  const { inner, directory } = await openServiceDirectory({
    config,
    clock,
    log,
    onStale: metrics.directoryStale,
    measured: (asked) => measuredDirectory(asked, metrics),
  });
  const store = openTraceStore({
    dir: config.dataDir,
    clock,
    durability: config.durability,
    retentionDays: config.retentionDays,
    onWritten: metrics.bytesWritten,
    onFinished: metrics.rotated,
    onSweep: ({ removed, failures }) => {
      metrics.swept(removed.length, failures.length);
      if (removed.length > 0) log.info("old days removed", { files: removed.length });
      for (const failure of failures) log.error(failure);
    },
  });
  const trace = measuredTrace(store, metrics);
  const { dataDir: dir, callTimeoutMs } = config;
  const history = openHistory({ dir, clock, callTimeoutMs, log, find: store.find });
  // Cards and open pages share it: one watcher a file, whoever follows.
  const follower = openFollower(config.dataDir, (message) => log.warn(message));
  const stopping = new AbortController();
  const metadata =
    config.metadataUrl === null
      ? undefined
      : createMetadata({
          url: config.metadataUrl,
          clock,
          fetch: measuredFetch((url, init) => fetch(url, init), metrics),
        });
  const clientAddressOf = createClientAddressOf(config.trustProxy);
  const figures = async () => healthFigures((await figuresOfAll()).answered);
  // Told by the lock: a worker too busy to give its figures, or another service on this folder, may be the one.
  const isNotifying = () => hasNotifier(config.dataDir);
  const health = () =>
    checkHealth({ trace, directory: inner, clock, startedAt, figures, isNotifying });

  const intakeOptions = {
    directory,
    trace,
    log,
    clock,
    counters,
    maxBodyBytes: config.maxBodyBytes,
    onRecorded: (event: RecordedEvent) => notifier?.recorded(event),
  };
  const intake = createIntake(intakeOptions);
  let links: AmiLinks | undefined;
  const webhooks = createWebhooksApp({
    ...intakeOptions,
    intake,
    ...(config.webhookAllow === null
      ? {}
      : { allow: { networks: config.webhookAllow, clientOf: clientAddressOf } }),
    health,
    metrics: metricsOfAll,
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
    clientAddressOf,
    // Nothing is recorded of what a page asks: reading writes nothing.
    ...(metadata === undefined
      ? {}
      : {
          names: (assembled) => metadata.namesOf(assembled),
          listNames: metadata.namesAmong,
        }),
    recipients: (enterprise) => directory.usersOf(enterprise),
    history,
    linkTtlMs: config.linkTtlMs,
    follow: follower.follow,
    stopping: stopping.signal,
    onStreams: (open) => {
      liveStreams = open;
    },
    health,
    metrics: metricsOfAll,
  });

  const isShared = sharing !== undefined;
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const gate = { isOpen: false, opened };
  const servers: Server<undefined>[] = [];
  const close = async (): Promise<void> => {
    await links?.stop(config.shutdownTimeoutMs);
    await notifier?.stop();
    await follower.close();
    await history.close();
    await trace.close();
    await directory.close();
  };
  try {
    const onWebhooks = {
      host: config.webhookHost,
      port: config.webhookPort,
      flag: "--webhook-port",
      isShared,
    };
    const webhooksApp = {
      fetch: webhooks.fetch,
      attach: (server: Server<undefined>) => {
        webhooks.server = server;
      },
    };
    servers.push(listen(webhooksApp, onWebhooks, gate));
    const onPages = { host: config.host, port: config.port, flag: "--port", isShared };
    const viewerApp = {
      fetch: measuredPages(viewer.fetch, metrics),
      attach: (server: Server<undefined>) => {
        viewer.server = server;
      },
    };
    servers.push(listen(viewerApp, onPages, gate));
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
    config,
    directory,
    directoryNow: inner,
    trace,
    clock,
    log,
    follower,
    cardText: createCardWriter({ config, directory, trace, metadata, clock, log }),
    measured: (bot) => measuredBot(bot, metrics),
    operator: operatorOf({ config, directory, clock, log }),
  });

  links = startAmiLinks({
    config,
    clock,
    log,
    deliveryFor: (enterprise) => intakeDelivery(intake, directory, enterprise ?? ""),
  });

  const [webhooksServer, pagesServer] = servers as [Server<undefined>, Server<undefined>];
  return {
    webhooksUrl: reachableUrl(config.webhookHost, webhooksServer.port ?? 0),
    pagesUrl: reachableUrl(config.host, pagesServer.port ?? 0),
    figures: () => metrics.figures(),
    stop: async () => {
      const { promise: deadline, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, config.shutdownTimeoutMs);
      stopping.abort();
      await Promise.all(servers.map((server) => stopListener(server, deadline)));
      clearTimeout(timer);
      await close();
    },
  };
};
