// What GET /health says: can events be recorded now, and what else is wrong. Asked, not remembered.

import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/within.ts";
import type { Directory } from "../people/index.ts";
import { DirectoryError } from "../people/index.ts";
import type { TraceStore } from "../store/index.ts";
import { type Figures, gaugeSum } from "../watch/metrics/index.ts";
import { buildInfo } from "./version.ts";

export type HealthAnswer = {
  /** 200 while events can be recorded (`ok`, or `degraded` with the reasons), else 503. */
  readonly status: 200 | 503;
  readonly body: {
    readonly status: "ok" | "degraded" | "failing";
    readonly reasons: readonly string[];
    readonly version: string;
    readonly uptimeSeconds: number;
    readonly commit: string;
    readonly queues: HealthQueues;
  };
};

/** What is under way, over all workers. */
export type HealthQueues = {
  /** Calls that the notifier keeps in memory. */
  readonly calls: number;
  /** Chats with a card to send, or told to wait by Telegram. */
  readonly waitingChats: number;
  /** Pages that follow their call. */
  readonly livePages: number;
};

/** Reads what health is about from the figures of all processes. */
export const healthFigures = (answered: readonly Figures[]): HealthFigures => {
  const sum = (name: string): number => gaugeSum(answered, `calllog_${name}`);
  return {
    queues: {
      calls: sum("notifier_calls"),
      waitingChats: sum("notifier_waiting_chats"),
      livePages: sum("live_streams"),
    },
    isTelegramDown: sum("telegram_down") > 0,
    isMetadataDown: sum("metadata_down") > 0,
    pbxsDropping: sum("ami_pbxs_not_understood"),
    celMissing: sum("cel_files_missing"),
    isArchiveFailing: sum("archive_failing") > 0,
    archiveKept: sum("archive_kept_days"),
    isArchiveUnreadable: sum("archive_unreadable") > 0,
    isClusterAway: sum("cluster_disconnected") > 0,
    clusterLag: sum("cluster_lag_messages"),
    isClusterFilling: sum("cluster_filling") > 0,
    isClusterStalled: sum("cluster_stalled") > 0,
    isClusterUnequal: sum("cluster_unequal") > 0,
  };
};

/** What the figures of the service say beside its queues. */
export type HealthFigures = {
  readonly queues: HealthQueues;
  readonly isTelegramDown: boolean;
  readonly isMetadataDown: boolean;
  /** PBXs whose channels are dropped, since what they say is not understood. */
  readonly pbxsDropping: number;
  /** CEL files that are not there: what happens while a PBX is not listened to is not seen. */
  readonly celMissing: number;
  /** Finished days cannot be brought into the archive now. */
  readonly isArchiveFailing: boolean;
  /** Days that stay on this disk for want of the archive. */
  readonly archiveKept: number;
  /** Days of the archive cannot be opened. */
  readonly isArchiveUnreadable: boolean;
  /** No NATS server is reached: records wait in the outbox. */
  readonly isClusterAway: boolean;
  /** Messages of the cluster's stream that are not in the files yet. */
  readonly clusterLag: number;
  /** The stream is being filled from the nodes' files; what is new waits in it. */
  readonly isClusterFilling: boolean;
  /** The stream is not read into the files, though a server is reached. */
  readonly isClusterStalled: boolean;
  /** The files of this node are not those of the other nodes, and will not become so by themselves. */
  readonly isClusterUnequal: boolean;
};

export type HealthOf = {
  readonly trace: Pick<TraceStore, "check">;
  /** The database itself, not the cache before it. */
  readonly directory: Pick<Directory, "check">;
  readonly clock: Clock;
  readonly figures: () => Promise<HealthFigures>;
  /** Whether some process brings the folder's cards to Telegram: one of this service, or of another on the same folder. */
  readonly isNotifying: () => boolean;
  /** Start of the service, in milliseconds since the epoch. */
  readonly startedAt: number;
};

/** How long the directory may take to answer before it counts as away, in milliseconds. */
const DIRECTORY_TIMEOUT_MS = 2000;

const directoryReason = async (directory: HealthOf["directory"]): Promise<string | undefined> => {
  const checked = directory.check().then(() => undefined);
  try {
    return await within(
      checked,
      DIRECTORY_TIMEOUT_MS,
      () => "the directory does not answer; enterprises known before are still served",
    );
  } catch (error) {
    // Anybody may read this: no address, no name of a table. The log and the doctor say more.
    return error instanceof DirectoryError && error.code === "misconfigured"
      ? "the directory's database needs mending (calllog doctor says what); enterprises known before are still served"
      : "the directory cannot be asked; enterprises known before are still served";
  }
};

/** After a start, and after its holder died, the notifier's lock is taken within a second or two. In seconds. */
const NOTIFIER_STARTS_SECONDS = 5;

/** From so many messages on a node does not keep up. */
const BEHIND = 1000;

const clusterReasons = (figures: HealthFigures): (string | undefined)[] => [
  figures.isClusterAway
    ? "no NATS server is reached; events are answered and wait in the outbox, cards are brought by nodes that reach one"
    : undefined,
  figures.isClusterFilling
    ? "the cluster's stream is being filled from the nodes' files; what is new waits in it for some seconds"
    : undefined,
  figures.isClusterStalled
    ? "the cluster's stream is not read into the files of this node; the log and calllog cluster status say why"
    : undefined,
  figures.isClusterUnequal
    ? "the files of this node are not those of the other nodes, and will not become so by themselves; calllog cluster status says why, and what to do"
    : undefined,
  figures.clusterLag > BEHIND && !figures.isClusterFilling
    ? `this node is ${figures.clusterLag} records behind the cluster; calllog cluster status says more`
    : undefined,
];

const cardReasons = (
  figures: HealthFigures,
  isNotifying: boolean,
  uptimeSeconds: number,
): (string | undefined)[] => [
  figures.isTelegramDown
    ? "Telegram cannot be reached; cards are kept and sent when it can"
    : undefined,
  figures.isMetadataDown
    ? "the metadata service does not answer; cards and pages show numbers instead of names"
    : undefined,
  figures.pbxsDropping > 0
    ? `${figures.pbxsDropping === 1 ? "a PBX is" : `${figures.pbxsDropping} PBXs are`} not understood and calls are left out; calllog doctor says why`
    : undefined,
  figures.celMissing > 0
    ? `${figures.celMissing === 1 ? "a CEL file is" : `${figures.celMissing} CEL files are`} not there; calllog doctor says what to do`
    : undefined,
  figures.isArchiveFailing
    ? `the archive does not take finished days; they are kept here and tried again${figures.archiveKept > 0 ? ` (${figures.archiveKept} past their time)` : ""}, calllog archive status says more`
    : undefined,
  figures.isArchiveUnreadable
    ? "the archive does not answer: calls of days that are there alone cannot be opened; calllog doctor says why"
    : undefined,
  isNotifying || uptimeSeconds < NOTIFIER_STARTS_SECONDS
    ? undefined
    : "no process brings cards to Telegram; the service log tells why",
];

/** Looks at everything the service needs. Never rejects. */
export const checkHealth = async (of: HealthOf): Promise<HealthAnswer> => {
  const [written, directory, figures] = await Promise.all([
    of.trace.check(),
    directoryReason(of.directory),
    of.figures(),
  ]);
  const uptimeSeconds = Math.max(0, Math.round((of.clock.now() - of.startedAt) / 1000));
  const reasons = [
    written.ok ? undefined : written.reason,
    directory,
    ...clusterReasons(figures),
    ...cardReasons(figures, of.isNotifying(), uptimeSeconds),
  ].filter((reason) => reason !== undefined);
  return {
    status: written.ok ? 200 : 503,
    body: {
      status: written.ok ? (reasons.length === 0 ? "ok" : "degraded") : "failing",
      reasons,
      version: buildInfo.version,
      uptimeSeconds,
      commit: buildInfo.commit,
      queues: figures.queues,
    },
  };
};
