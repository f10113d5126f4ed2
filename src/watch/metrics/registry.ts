// The names, kinds and buckets of everything that is measured (docs/operations.md). Counting is done by prom-client; what
// happens often is one observation of a histogram, a fraction of a microsecond. Names end in their unit, as Prometheus
// wants them (https://prometheus.io/docs/practices/naming/), and once in use they stay.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { observeProcess } from "./process.ts";
import type { Figures, LiveFigures, Metrics } from "./types.ts";

/** Appends and look-ups take fractions of a millisecond; whatever is slower than a second is a fault, so finer steps would tell nothing. */
const FAST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const NETWORK_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

export type MetricsOptions = {
  readonly version: string;
  readonly commit: string;
  readonly live: LiveFigures;
};

/** A service outside counts as down after so many failures in a row. */
const DOWN_AFTER_FAILURES = 3;

/** What was not asked for this long is not reported as down, in milliseconds. */
const DOWN_IS_KNOWN_MS = 10 * 60_000;

/** Whether something outside answers: down after a few failures in a row, up with the first answer. */
const createWatch = () => {
  let failures = 0;
  let failedAt = 0;
  return {
    saw: (isAnswered: boolean): void => {
      failures = isAnswered ? 0 : failures + 1;
      failedAt = performance.now();
    },
    isDown: (): number =>
      failures >= DOWN_AFTER_FAILURES && performance.now() - failedAt < DOWN_IS_KNOWN_MS ? 1 : 0,
  };
};

/** A registry, and how each kind of metric is put into it. Names get the prefix `calllog_`. */
class NamedMetrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];

  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `calllog_${name}`, help, labelNames, registers: this.#registers });
  }

  histogram(
    name: string,
    help: string,
    { buckets, labelNames = [] }: { readonly buckets: number[]; readonly labelNames?: string[] },
  ): Histogram {
    const registers = this.#registers;
    return new Histogram({ name: `calllog_${name}`, help, buckets, labelNames, registers });
  }

  /** A number that is kept elsewhere, read at each scrape. */
  reading(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `calllog_${name}`,
      help,
      registers: this.#registers,
      collect() {
        this.set(read());
      },
    });
  }

  /** Counts that are kept elsewhere, read at each scrape. */
  countedElsewhere(
    name: string,
    help: string,
    read: () => Iterable<readonly [labels: { readonly [name: string]: string }, count: number]>,
    labelNames: string[] = [],
  ): void {
    new Counter({
      name: `calllog_${name}`,
      help,
      labelNames,
      registers: this.#registers,
      collect() {
        this.reset();
        for (const [labels, count] of read()) this.inc({ ...labels }, count);
      },
    });
  }

  buildInfo(version: string, commit: string): void {
    new Gauge({
      name: "calllog_build_info",
      help: "Always 1; the labels tell which build runs.",
      labelNames: ["version", "commit"],
      registers: this.#registers,
      aggregator: "first",
    }).set({ version, commit }, 1);
  }
}

/** Figures that other parts keep. */
const readLive = (metrics: NamedMetrics, live: LiveFigures): void => {
  metrics.countedElsewhere(
    "events_total",
    "Events that were posted, by type and by what became of them.",
    function* () {
      for (const [event, result, count] of live.events()) yield [{ event, result }, count];
    },
    ["event", "result"],
  );
  metrics.countedElsewhere("events_salvaged_total", "Events recorded from broken bodies.", () => [
    [{}, live.salvaged()],
  ]);
  metrics.countedElsewhere(
    "events_repeated_total",
    "Events recorded again within a minute, telling nobody.",
    () => [[{}, live.repeats()]],
  );
  metrics.countedElsewhere(
    "ami_dropped_channels_total",
    "Channels of PBXs of --ami that were left out, since what the PBX says is not understood.",
    () => [[{}, live.ami().channels]],
  );
  metrics.reading(
    "ami_pbxs_not_understood",
    "PBXs of --ami of which a channel was left out within the last quarter of an hour.",
    () => live.ami().pbxs,
  );
  metrics.reading(
    "cel_files_missing",
    "CEL files of --cel that are not there.",
    () => live.ami().celMissing,
  );
  metrics.reading("live_streams", "Pages that follow their call now.", live.liveStreams);
  metrics.reading(
    "notifier_calls",
    "Calls that the notifier keeps in memory.",
    () => live.notifier().calls,
  );
  metrics.reading(
    "notifier_waiting_chats",
    "Chats with a card to send, or told to wait by Telegram.",
    () => live.notifier().waitingChats,
  );
  metrics.reading(
    "missed_open",
    "Callers whose missed call nobody has returned yet, of enterprises that get cards.",
    () => live.notifier().openMissed,
  );
  metrics.reading(
    "hooks_waiting",
    "Outgoing webhooks that wait for their target.",
    () => live.notifier().waitingHooks,
  );
  metrics.reading("notifier_active", "Processes that bring cards to chats: 1 in all.", () =>
    live.notifier().isHolder ? 1 : 0,
  );
};

/** The files: appends, look-ups, rotation, retention. */
const measureFiles = (metrics: NamedMetrics) => {
  const appends = metrics.histogram(
    "append_seconds",
    "Time to record a line, until it is where --durability wants it.",
    { buckets: FAST_SECONDS },
  );
  const appendFailures = metrics.counter(
    "append_failures_total",
    "Records that could not be written.",
  );
  const lookups = metrics.histogram("lookup_seconds", "Time to find the records of a call.", {
    buckets: FAST_SECONDS,
  });
  const malformed = metrics.counter(
    "malformed_lines_total",
    "Lines met in look-ups that could not be read; the same line counts each time.",
  );
  const bytes = metrics.counter("written_bytes_total", "Bytes appended to the files of records.");
  const rotations = metrics.counter("rotations_total", "Days that this process finished.");
  const sideFaults = metrics.counter(
    "side_file_errors_total",
    "Indexes and tables beside the files that could not be made or kept: look-ups read the files instead.",
    ["what"],
  );
  const removed = metrics.counter("removed_files_total", "Files removed after --retention-days.");
  const removeFailures = metrics.counter(
    "remove_failures_total",
    "Old files that could not be removed.",
  );
  return {
    appended: (seconds, isWritten) => {
      appends.observe(seconds);
      if (!isWritten) appendFailures.inc();
    },
    lookedUp: (seconds, malformedLines) => {
      lookups.observe(seconds);
      if (malformedLines > 0) malformed.inc(malformedLines);
    },
    bytesWritten: (count) => bytes.inc(count),
    rotated: () => rotations.inc(),
    sideFileFault: (what) => sideFaults.inc({ what }),
    swept: (files, failures) => {
      removed.inc(files);
      removeFailures.inc(failures);
    },
  } satisfies Partial<Metrics>;
};

/** What is asked of others: Telegram, the metadata service, the database. */
const measureOthers = (metrics: NamedMetrics) => {
  const telegram = metrics.histogram(
    "telegram_request_seconds",
    "Time Telegram took to answer, by method and result.",
    { buckets: NETWORK_SECONDS, labelNames: ["method", "result"] },
  );
  const telegramWatch = createWatch();
  metrics.reading(
    "telegram_down",
    "1 while Telegram cannot be reached: three requests in a row got no answer.",
    telegramWatch.isDown,
  );
  const waits = metrics.counter(
    "telegram_wait_seconds_total",
    "Time that Telegram told chats to wait.",
  );
  const metadata = metrics.histogram(
    "metadata_request_seconds",
    "Time the metadata service took, by status; 0 where no answer came.",
    { buckets: NETWORK_SECONDS, labelNames: ["status"] },
  );
  const metadataWatch = createWatch();
  metrics.reading(
    "metadata_down",
    "Processes to which the metadata service gives no answer, three times in a row.",
    metadataWatch.isDown,
  );
  const hooks = metrics.histogram(
    "hook_request_seconds",
    "Time the targets of outgoing webhooks took, by status; 0 where no answer came.",
    { buckets: NETWORK_SECONDS, labelNames: ["status"] },
  );
  const directory = metrics.histogram(
    "directory_query_seconds",
    "Time the database of enterprises took, by result.",
    { buckets: FAST_SECONDS, labelNames: ["result"] },
  );
  const stale = metrics.counter(
    "directory_stale_answers_total",
    "Times an older answer stood in for the database.",
  );
  return {
    telegram: (method, result, seconds) => {
      telegram.observe({ method, result }, seconds);
      telegramWatch.saw(result !== "unavailable");
    },
    telegramWait: (seconds) => waits.inc(seconds),
    metadata: (status, seconds) => {
      metadata.observe({ status }, seconds);
      metadataWatch.saw(status !== 0 && status < 500);
    },
    hook: (status, seconds) => hooks.observe({ status }, seconds),
    directory: (isAnswered, seconds) =>
      directory.observe({ result: isAnswered ? "ok" : "failed" }, seconds),
    directoryStale: () => stale.inc(),
  } satisfies Partial<Metrics>;
};

/** How this node of a cluster is; nothing is told where there is none. */
const measureCluster = (metrics: NamedMetrics, state: LiveFigures["cluster"]): void => {
  if (state === undefined) return;
  metrics.reading("cluster_disconnected", "1 while no NATS server is reached.", () =>
    state().isConnected ? 0 : 1,
  );
  metrics.reading(
    "cluster_lag_messages",
    "Messages of the stream that are not in this node's files yet.",
    () => state().leading?.lag ?? 0,
  );
  metrics.reading(
    "cluster_outbox_bytes",
    "Bytes in the outbox: not in the stream, or not in this node's files yet.",
    () => state().waitingBytes,
  );
  metrics.reading(
    "cluster_leases",
    "What this node does for all: parts of the cards, the inbox, links.",
    () => state().leading?.leases ?? 0,
  );
  metrics.reading(
    "cluster_filling",
    "1 while the stream is being filled from the nodes' files.",
    () => (state().leading?.isFilling === true ? 1 : 0),
  );
  metrics.reading(
    "cluster_stalled",
    "1 while the stream is not read into this node's files, though a server is reached.",
    () => (state().isConnected && state().leading?.fault !== undefined ? 1 : 0),
  );
  metrics.reading(
    "cluster_unequal",
    "Reasons why this node's files are not those of the other nodes and will not become so by themselves.",
    () => state().leading?.unequal.length ?? 0,
  );
  metrics.countedElsewhere(
    "cluster_late_total",
    "Records answered for by the outbox alone, since the stream did not take them within a second.",
    () => [[{}, state().late]],
  );
};

/** What a page of an archived day asks the archive for. */
const ARCHIVE_READS: ReadonlySet<string> = new Set(["read", "look at", "list"]);
/** How a request ends to which no answer came. */
const UNANSWERED: ReadonlySet<string> = new Set(["away", "denied"]);

/** What is brought into the archive and read from it; nothing is told of it where there is none. */
const measureArchive = (
  metrics: NamedMetrics,
  state: LiveFigures["archive"],
): Pick<Metrics, "archive"> => {
  if (state === undefined) return { archive: () => undefined };
  const archive = () =>
    state() ?? {
      waitingDays: 0,
      waitingBytes: 0,
      keptBeyond: 0,
      isFailing: false,
      uploadedDays: 0,
    };
  metrics.reading(
    "archive_waiting_days",
    "Finished days that are not in the archive yet.",
    () => archive().waitingDays,
  );
  metrics.reading(
    "archive_waiting_bytes",
    "Bytes of finished days that are not in the archive yet.",
    () => archive().waitingBytes,
  );
  metrics.reading(
    "archive_kept_days",
    "Days past --retention-days that stay on this disk because they are not safe in the archive.",
    () => archive().keptBeyond,
  );
  metrics.reading(
    "archive_failing",
    "1 while the archive could not be given what is finished.",
    () => (archive().isFailing ? 1 : 0),
  );
  const reads = createWatch();
  metrics.reading(
    "archive_unreadable",
    "1 while the archive does not answer those who open old days, as was seen in the last ten minutes.",
    reads.isDown,
  );
  metrics.countedElsewhere("archive_uploaded_days_total", "Days brought into the archive.", () => [
    [{}, archive().uploadedDays],
  ]);
  const archiveRequests = metrics.counter(
    "archive_requests_total",
    "Requests to the archive, by what they did and how they ended.",
    ["what", "result"],
  );
  const archiveBytes = metrics.counter("archive_read_bytes_total", "Bytes read from the archive.");
  return {
    archive: (what, result, bytes) => {
      archiveRequests.inc({ what: what.replaceAll(" ", "_"), result });
      if (bytes > 0) archiveBytes.inc(bytes);
      if (ARCHIVE_READS.has(what)) reads.saw(!UNANSWERED.has(result));
    },
  };
};

/** Begins to measure. Create one in each process. */
export const createMetrics = ({ version, commit, live }: MetricsOptions): Metrics => {
  const metrics = new NamedMetrics();
  metrics.buildInfo(version, commit);
  readLive(metrics, live);
  measureCluster(metrics, live.cluster);
  const pages = metrics.histogram(
    "page_seconds",
    "Time to answer on the pages' listener, by route and status.",
    { buckets: FAST_SECONDS, labelNames: ["route", "status"] },
  );
  const { registry } = metrics;
  observeProcess(registry);
  return {
    ...measureFiles(metrics),
    ...measureOthers(metrics),
    ...measureArchive(metrics, live.archive),
    answered: (route, status, seconds) => pages.observe({ route, status }, seconds),
    figures: async (): Promise<Figures> =>
      (await registry.getMetricsAsJSON()) as unknown as Figures,
  };
};
