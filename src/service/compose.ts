// The composition root: directory, store, the two listeners, notifier and PBX links are created here, wired, and shut
// down in order.

import type { Server } from "bun";
import { type ListFollowRules, type OpenHistory, openHistory } from "../call/list/index.ts";
import { MissedCalls } from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import { createClientAddressOf } from "../lib/client-address.ts";
import type { Clock } from "../lib/clock.ts";
import { createComplaints } from "../lib/complaints.ts";
import type { Log } from "../lib/log.ts";
import { HOUR_MS } from "../lib/time.ts";
import { createMetadata, type Metadata } from "../metadata/index.ts";
import { openApiDocument } from "../openapi/index.ts";
import { createViewerApp } from "../pages/index.ts";
import type { Directory } from "../people/index.ts";
import { openRecordings, type Recordings } from "../recordings/index.ts";
import {
  createIntake,
  createIntakeCounters,
  createWebhooksApp,
  eventCounts,
  type IntakeCounters,
  openRefusalJournal,
  type RecordedEvent,
  type RefusalJournal,
} from "../sources/webhooks/index.ts";
import {
  type Archive,
  type Follower,
  type KeeperState,
  type OpenTraceStore,
  openFollower,
  openTraceStore,
} from "../store/index.ts";
import {
  createMetrics,
  type Figures,
  type Metrics,
  measuredBot,
  measuredDirectory,
  measuredFetch,
  measuredPages,
  measuredTrace,
  metricsText,
} from "../watch/metrics/index.ts";
import { archiveOf, type RunningArchive, startArchive } from "./archive.ts";
import { createButtons } from "./buttons.ts";
import { createCardWriter } from "./card-texts.ts";
import { ClusterNode } from "./cluster-node.ts";
import { type Diagnose, withConsole } from "./console.ts";
import { createDigestWriter } from "./digest-texts.ts";
import { checkHealth, healthFigures } from "./health.ts";
import { createHookDesk } from "./hook-desk.ts";
import { intakeDelivery } from "./intake-delivery.ts";
import { listen, reachableUrl, stopListener } from "./listener.ts";
import { type NotifyOptions, type RunningNotifier, startNotifier } from "./notifier.ts";
import { hasNotifier } from "./notifier-lock.ts";
import { openCallsIn } from "./open-calls.ts";
import { operatorOf } from "./operator.ts";
import { type PbxLinks, startPbxLinks } from "./pbx-links.ts";
import { createReminders } from "./reminders.ts";
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

export type ServiceTools = {
  /** Of a process that shares its ports with others. */
  readonly sharing?: Sharing | undefined;
  /** The checks that the console shows. */
  readonly diagnose?: Diagnose;
};

/** What the listeners, the notifier and the links are built on. */
type Foundation = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly sharing: Sharing | undefined;
  readonly metrics: Metrics;
  readonly counters: IntakeCounters;
  readonly refusals: RefusalJournal;
  readonly live: LiveState;
  /** The database itself, and the same behind the cache. */
  readonly inner: Directory;
  readonly directory: Directory;
  readonly store: OpenTraceStore;
  /** What this folder is a node of, where it is one. */
  readonly cluster: ClusterNode | undefined;
  readonly archive: Archive | undefined;
  /** The store, measured. */
  readonly trace: OpenTraceStore;
  /** The same over the days that are here: for events and cards, which never wait for the archive. */
  readonly traceHere: OpenTraceStore;
  readonly follower: Follower;
  readonly metadata: Metadata | undefined;
  readonly recordings: Recordings | undefined;
};

/** What figures are read from while the service runs. */
type LiveState = {
  /** Started when the listeners are bound: what happened before is found in the files. */
  notifier: RunningNotifier | undefined;
  liveStreams: number;
  links: PbxLinks | undefined;
  archive: RunningArchive | undefined;
  cluster: ClusterNode | undefined;
};

/** Before it is opened. */
const NO_CLUSTER = { isConnected: false, waitingBytes: 0, late: 0, leading: undefined };

const archiveFigures = (state: KeeperState | undefined) =>
  state === undefined ? undefined : { ...state, isFailing: state.failure !== undefined };

const openMetrics = (config: Config, counters: IntakeCounters, live: LiveState): Metrics =>
  createMetrics({
    ...buildInfo,
    live: {
      events: () => eventCounts(counters),
      salvaged: () => counters.salvaged,
      repeats: () => counters.repeats,
      notifier: () =>
        live.notifier?.state() ?? {
          calls: 0,
          waitingChats: 0,
          isHolder: false,
          openMissed: 0,
          waitingHooks: 0,
        },
      ami: () => live.links?.figures() ?? { channels: 0, pbxs: 0, celMissing: 0 },
      ...(config.archive === null ? {} : { archive: () => archiveFigures(live.archive?.state()) }),
      ...(config.cluster === null ? {} : { cluster: () => live.cluster?.state() ?? NO_CLUSTER }),
      liveStreams: () => live.liveStreams,
    },
  });

/** Counts and logs what could not be kept beside the files. */
const sideFileFaults = (log: Log, clock: Clock, metrics: Metrics) => {
  const complain = createComplaints(log, clock);
  return (what: "index" | "table" | "cache", message: string) =>
    (error: unknown): void => {
      metrics.sideFileFault(what);
      complain("warn", message, { error });
    };
};

const openStore = (
  config: Config,
  clock: Clock,
  log: Log,
  metrics: Metrics,
  archive: Archive | undefined,
): OpenTraceStore =>
  openTraceStore({
    dir: config.dataDir,
    clock,
    ...(archive === undefined ? {} : { archive }),
    durability: config.durability,
    retentionDays: config.retentionDays,
    onWritten: metrics.bytesWritten,
    onFinished: metrics.rotated,
    onIndexFault: sideFileFaults(
      log,
      clock,
      metrics,
    )("index", "cannot make the index of a file; look-ups scan it, which is slower"),
    onSweep: ({ removed, failures }) => {
      metrics.swept(removed.length, failures.length);
      if (removed.length > 0) log.info("old days removed", { files: removed.length });
      for (const failure of failures) log.error(failure);
    },
  });

/** Of `--recordings`; their folders are read in the background from now on. */
const recordingsOf = (config: Config, clock: Clock, log: Log): Recordings | undefined => {
  const { recordings: folders, recordingPattern: pattern } = config;
  if (folders.length === 0) return undefined;
  const recordings = openRecordings({ folders, pattern, clock, log });
  void recordings.follow();
  return recordings;
};

const openFoundation = async (
  config: Config,
  clock: Clock,
  log: Log,
  sharing: Sharing | undefined,
): Promise<Foundation> => {
  const counters = createIntakeCounters();
  const live: LiveState = {
    notifier: undefined,
    liveStreams: 0,
    links: undefined,
    archive: undefined,
    cluster: undefined,
  };
  const metrics = openMetrics(config, counters, live);
  const complain = createComplaints(log, clock);
  const refusals = openRefusalJournal(config.dataDir, {
    clock,
    onFault: (error) => complain("warn", "cannot note which events were refused", { error }),
  });
  const archive = archiveOf(config, process.env, {
    clock,
    onRequest: metrics.archive,
    onCacheFault: sideFileFaults(
      log,
      clock,
      metrics,
    )("cache", "cannot keep what was read from the archive; it is read again"),
  });
  const { inner, directory } = await openServiceDirectory({
    config,
    clock,
    log,
    onStale: metrics.directoryStale,
    measured: (asked) => measuredDirectory(asked, metrics),
  });
  const cluster = await ClusterNode.open({ config, clock, log });
  live.cluster = cluster;
  const here = openStore(config, clock, log, metrics, archive);
  const store = cluster?.through(here) ?? here;
  const trace = measuredTrace(store, metrics);
  const metadata =
    config.metadataUrl === null
      ? undefined
      : createMetadata({
          url: config.metadataUrl,
          clock,
          fetch: measuredFetch((url, init) => fetch(url, init), metrics),
        });
  return {
    config,
    clock,
    log,
    sharing,
    metrics,
    counters,
    refusals,
    live,
    inner,
    directory,
    store,
    cluster,
    archive,
    trace,
    traceHere:
      archive === undefined ? trace : measuredTrace({ ...store, find: store.findHere }, metrics),
    // Cards and open pages share it: one watcher a file, whoever follows.
    follower: openFollower(config.dataDir, (message) => log.warn(message)),
    metadata,
    recordings: recordingsOf(config, clock, log),
  };
};

const openListHistory = ({
  config,
  clock,
  log,
  store,
  metrics,
  archive,
}: Foundation): OpenHistory =>
  openHistory({
    dir: config.dataDir,
    clock,
    callTimeoutMs: config.callTimeoutMs,
    log,
    days: store.days,
    find: store.findHere,
    findAnywhere: store.find,
    archive,
    onTableFault: sideFileFaults(
      log,
      clock,
      metrics,
    )("table", "cannot keep the table of a day's calls; the day is read again"),
  });

/** What both listeners answer about the service: its health and its figures, those of all its processes. */
const createAnswers = (foundation: Foundation, startedAt: number) => {
  const { config, clock, inner, trace, metrics, sharing } = foundation;
  const figuresOfAll = async () => {
    const own = () => metrics.figures();
    return sharing === undefined
      ? { answered: [await own()], workers: 1 }
      : sharing.figuresOfAll(own);
  };
  return {
    metrics: async (): Promise<string> => {
      const { answered, workers } = await figuresOfAll();
      return metricsText(answered, workers);
    },
    health: () =>
      checkHealth({
        trace,
        directory: inner,
        clock,
        startedAt,
        figures: async () => healthFigures((await figuresOfAll()).answered),
        // Told by the lock: a worker too busy to give its figures, or another service on this folder, may be the one.
        isNotifying: () => hasNotifier(config.dataDir),
      }),
  };
};

type Answers = ReturnType<typeof createAnswers>;
type ClientAddressOf = ReturnType<typeof createClientAddressOf>;

const createWebhooks = (foundation: Foundation, answers: Answers, clientOf: ClientAddressOf) => {
  const { config, clock, log, counters, live, directory, traceHere: trace, refusals } = foundation;
  const options = {
    directory,
    trace,
    log,
    clock,
    counters,
    maxBodyBytes: config.maxBodyBytes,
    onRecorded: (event: RecordedEvent) => live.notifier?.recorded(event),
  };
  const intake = createIntake(options);
  const networks = config.webhookAllow;
  const app = createWebhooksApp({
    ...options,
    ...answers,
    intake,
    clientOf,
    refusals,
    ...(networks === null ? {} : { allow: { networks, clientOf } }),
  });
  return { intake, app };
};

const createPages = (
  foundation: Foundation,
  answers: Answers,
  more: {
    readonly history: OpenHistory;
    readonly clientAddressOf: ClientAddressOf;
    readonly stopping: AbortSignal;
    readonly listeningSince: number | undefined;
  },
) => {
  const { config, clock, log, live, directory, trace, follower, metadata, recordings } = foundation;
  return createViewerApp({
    ...answers,
    ...more,
    openapi: JSON.stringify(openApiDocument(buildInfo.version)),
    directory,
    trace,
    log,
    clock,
    lang: config.lang,
    timeZone: config.timeZone,
    country: config.country,
    callTimeoutMs: config.callTimeoutMs,
    secretLinks: config.secretLinks,
    recordings,
    linkRecordings: config.linkRecordings,
    // Nothing is recorded of what a page asks: reading writes nothing.
    ...(metadata === undefined
      ? {}
      : {
          names: (assembled) => metadata.namesOf(assembled),
          listNames: (enterprise, numbers) => metadata.namesAmong(enterprise, numbers),
        }),
    recipients: (enterprise) => directory.usersOf(enterprise),
    linkTtlMs: config.linkTtlMs,
    publicUrl: config.publicUrl,
    followUp: { windowMs: config.followUpHours * HOUR_MS, minWaitMs: config.missedMinWaitMs },
    follow: (enterprise, following) => follower.follow(enterprise, following),
    onStreams: (open) => {
      live.liveStreams = open;
    },
  });
};

/** Binds both ports before either answers. @throws Error where one cannot be had; neither is bound then */
const bindListeners = async (
  { config, metrics, sharing }: Foundation,
  webhooks: ReturnType<typeof createWebhooks>["app"],
  pages: ReturnType<typeof createPages>,
  answerPages: (request: Request) => Response | Promise<Response>,
): Promise<readonly [webhooks: Server<undefined>, pages: Server<undefined>]> => {
  const isShared = sharing !== undefined;
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const gate = { isOpen: false, opened };
  const attachTo = (app: { server: unknown }) => (server: Server<undefined>) => {
    app.server = server;
  };
  const webhooksServer = listen(
    { fetch: webhooks.fetch, attach: attachTo(webhooks) },
    { host: config.webhookHost, port: config.webhookPort, flag: "--webhook-port", isShared },
    gate,
  );
  try {
    const pagesServer = listen(
      { fetch: measuredPages(answerPages, metrics), attach: attachTo(pages) },
      { host: config.host, port: config.port, flag: "--port", isShared },
      gate,
    );
    gate.isOpen = true;
    open();
    return [webhooksServer, pagesServer];
  } catch (cause) {
    await webhooksServer.stop(true);
    throw cause;
  }
};

const warnIfUnwritable = async ({ trace, log }: Foundation): Promise<void> => {
  const writable = await trace.check();
  if (writable.ok) return;
  log.error(
    "events cannot be recorded, senders are answered 503; mend the folder, no restart is needed",
    { reason: writable.reason },
  );
};

const followRulesIn =
  ({ config, directory }: Foundation) =>
  async (enterprise: string): Promise<ListFollowRules> => ({
    windowMs: config.followUpHours * HOUR_MS,
    minWaitMs: config.missedMinWaitMs,
    country: (await directory.enterpriseByNumber(enterprise))?.country ?? config.country,
  });

const startCards = (foundation: Foundation, history: OpenHistory): RunningNotifier => {
  const { config, clock, log, directory, inner, traceHere, follower, metadata, metrics } =
    foundation;
  const { cluster } = foundation;
  const trace = cluster === undefined ? traceHere : { ...traceHere, append: cluster.appendHere };
  const buttons = createButtons({ config, clock, log });
  const rulesOf = followRulesIn(foundation);
  const options: NotifyOptions = {
    config,
    directory,
    directoryNow: inner,
    trace,
    clock,
    log,
    follower,
    cardText: createCardWriter({ config, directory, trace: traceHere, metadata, buttons, log }),
    digestText: createDigestWriter({ config, directory, history, rulesOf, buttons, clock }),
    reminders: createReminders({ config, directory, history, followRulesOf: rulesOf, clock }),
    missedCalls: () => new MissedCalls({ history, rulesOf, clock, log }),
    measured: (bot) => measuredBot(bot, metrics),
    hooks: createHookDesk({ config, directory, trace, history, rulesOf, clock, log, metrics }),
    operator: operatorOf({ config, directory, clock, log, archive: foundation.archive }),
  };
  return startNotifier(options, foundation.cluster);
};

const keepArchive = (
  { config, clock, log, archive, store, cluster }: Foundation,
  history: OpenHistory,
): RunningArchive | undefined =>
  archive === undefined
    ? undefined
    : startArchive({
        config,
        archive,
        clock,
        log,
        tableOf: (enterprise, name) => history.tableOf(enterprise, name),
        sweep: () => store.sweep(),
        one: cluster?.one,
      });

/**
 * Starts the service; both listeners are bound when this resolves. Stop it with `stop()`.
 *
 * @throws Error, in one line with what to do, where the directory or a port cannot be had; nothing is left running.
 */
export const startService = async (
  config: Config,
  clock: Clock,
  log: Log,
  { sharing, diagnose }: ServiceTools = {},
): Promise<Service> => {
  const startedAt = clock.now();
  const foundation = await openFoundation(config, clock, log, sharing);
  const { directory, trace, follower, metrics, live } = foundation;
  const history = openListHistory(foundation);
  const answers = createAnswers(foundation, startedAt);
  const clientAddressOf = createClientAddressOf(config.trustProxy);
  const stopping = new AbortController();
  const { intake, app: webhooks } = createWebhooks(foundation, answers, clientAddressOf);
  const pages = createPages(foundation, answers, {
    history,
    clientAddressOf,
    stopping: stopping.signal,
    // Of several processes others may have listened on.
    listeningSince: sharing === undefined ? startedAt : undefined,
  });
  const close = async (): Promise<void> => {
    await live.archive?.stop();
    await live.links?.stop(config.shutdownTimeoutMs);
    await live.notifier?.stop();
    await follower.close();
    await history.close();
    await foundation.recordings?.close();
    await foundation.cluster?.close();
    await trace.close();
    await directory.close();
  };
  let servers: Awaited<ReturnType<typeof bindListeners>>;
  try {
    servers = await bindListeners(
      foundation,
      webhooks,
      pages,
      withConsole(pages, {
        ...foundation,
        ...answers,
        history,
        rulesOf: followRulesIn(foundation),
        diagnose,
      }),
    );
  } catch (cause) {
    await close();
    throw cause;
  }
  await warnIfUnwritable(foundation);
  live.notifier = startCards(foundation, history);
  live.archive = keepArchive(foundation, history);
  live.links = startPbxLinks({
    config,
    clock,
    log,
    openCallsOf: openCallsIn(config, clock),
    one: foundation.cluster?.one,
    deliveryFor: (enterprise) => intakeDelivery(intake, directory, enterprise ?? ""),
  });

  const [webhooksServer, pagesServer] = servers;
  return {
    webhooksUrl: reachableUrl(config.webhookHost, webhooksServer.port ?? 0),
    pagesUrl: reachableUrl(config.host, pagesServer.port ?? 0),
    figures: () => metrics.figures(),
    stop: async () => {
      stopping.abort();
      // A day on its way may take as long as the requests under way do, at the same time.
      await Promise.all([
        live.archive?.stop(),
        ...servers.map((server) => stopListener(server, config.shutdownTimeoutMs)),
      ]);
      await close();
    },
  };
};
