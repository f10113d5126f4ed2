// This data folder as a node of a cluster: what it records goes through the stream; the process with the folder's lock reads
// the stream into the files, and does what the leases that it gets are for: the cards of each part, the inbox, PBX links, the
// archive.

import type { Config } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import {
  Cluster,
  type ClusterState,
  type Leading,
  type Lease,
  type LeaseJob,
  type OpenTraceStore,
  PARTITIONS,
  partitionName,
  partitionOf,
} from "../store/index.ts";
import { InboxJob } from "./inbox-job.ts";
import {
  type CardsJob,
  NotifierJob,
  type NotifierTools,
  type NotifyOptions,
} from "./notifier-job.ts";
import { buildInfo } from "./version.ts";

export type ClusterNodeOptions = {
  readonly config: Pick<
    Config,
    "cluster" | "node" | "dataDir" | "retentionDays" | "shutdownTimeoutMs"
  >;
  readonly clock: Clock;
  readonly log: Log;
};

/** A job that one node of the cluster does, of those whose processes ask for it. */
export type ClusterJob = {
  /** Gives the lease back for now: another node may have its turn. */
  release(): Promise<void>;
  stop(): Promise<void>;
};

/** Begins a job for which a lease is held; `isWanted` says whether the lease is tried for now. */
export type OneOfAll = (key: string, start: () => LeaseJob, isWanted?: () => boolean) => ClusterJob;

/** How much longer than others a node waits that has its share of the parts, in milliseconds. */
const YIELD_MS = 2000;
/** How often a node looks whether it has more parts than its share, in milliseconds. */
const SHARE_MS = 3000;
/** How many it gives away at a time. */
const GIVEN_AT_ONCE = 4;

type Wanted = {
  readonly key: string;
  readonly start: () => LeaseJob;
  readonly isWanted: (() => boolean) | undefined;
};

export class ClusterNode {
  readonly #options: ClusterNodeOptions;
  readonly #cluster: Cluster;
  /** Jobs beside the cards, for which leases are tried while this process leads. */
  readonly #wanted = new Map<
    string,
    { readonly wanted: Wanted; lease: Lease<LeaseJob> | undefined }
  >();
  #store: OpenTraceStore | undefined;
  #leading: Leading | undefined;

  private constructor(options: ClusterNodeOptions, cluster: Cluster) {
    this.#options = options;
    this.#cluster = cluster;
  }

  /** Undefined where the settings name no cluster. @throws Error, in one line with what to do, where they name half of one */
  static async open(options: ClusterNodeOptions): Promise<ClusterNode | undefined> {
    const { config, clock, log } = options;
    if (config.cluster === null || config.node === null) return undefined;
    const cluster = await Cluster.open({
      dataDir: config.dataDir,
      address: { servers: config.cluster },
      node: config.node,
      version: buildInfo.version,
      keepDays: config.retentionDays,
      clock,
      log,
    });
    return new ClusterNode(options, cluster);
  }

  /** A store whose records go through the stream. */
  through(store: OpenTraceStore): OpenTraceStore {
    this.#store = store;
    return { ...store, append: (...asked) => this.#cluster.append(...asked) };
  }

  /** For those who read back from the files what they wrote: cards, outgoing webhooks. */
  readonly appendHere: OpenTraceStore["append"] = (enterprise, record) =>
    this.#cluster.appendHere(enterprise, record);

  state(): ClusterState {
    return this.#cluster.state();
  }

  /** Reads the stream into the files, and brings the cards of the parts whose leases this node gets. */
  lead(options: NotifyOptions, tools: Omit<NotifierTools, "isMine" | "isShared">): CardsJob {
    const { log } = this.#options;
    if (this.#store === undefined) throw new Error("cannot lead a node whose store is not open");
    const writer = this.#store.stampedWriter();
    const leading = this.#cluster.lead({
      writer,
      find: this.#store.findHere,
    });
    this.#leading = leading;
    const triedAt = new Map<number, number>();
    const parts: Lease<NotifierJob>[] = Array.from({ length: PARTITIONS }, (_, partition) => {
      const key = `cards.${partitionName(partition)}`;
      const start = (): NotifierJob => {
        log.debug("this node brings the cards of a part", { partition });
        return new NotifierJob(options, {
          ...tools,
          isShared: true,
          isMine: (enterprise) => partitionOf(enterprise) === partition,
        });
      };
      return leading.lease(key, start, () => this.#isDue(partition, parts, triedAt));
    });
    leading.lease("inbox", () => new InboxJob(options, tools.bots, tools.scheduler));
    for (const entry of this.#wanted.values()) entry.lease = this.#leaseFor(entry.wanted);
    const sharing = setInterval(() => this.#share(parts, triedAt), SHARE_MS);
    sharing.unref();
    return {
      get parts() {
        return parts.flatMap(({ job }) => job ?? []);
      },
      stop: async () => {
        clearInterval(sharing);
        this.#leading = undefined;
        for (const entry of this.#wanted.values()) entry.lease = undefined;
        await leading.stop();
        writer.close();
      },
    };
  }

  /** A job that one node of the cluster does, by a lease of that key; begun and ended as the lease comes and goes. */
  readonly one: OneOfAll = (key, start, isWanted) => {
    const wanted = { key, start, isWanted };
    this.#wanted.set(key, { wanted, lease: this.#leaseFor(wanted) });
    return {
      release: async () => this.#wanted.get(key)?.lease?.release(),
      stop: async () => {
        const lease = this.#wanted.get(key)?.lease;
        this.#wanted.delete(key);
        await lease?.stop();
      },
    };
  };

  async close(): Promise<void> {
    await this.#cluster.close(this.#options.config.shutdownTimeoutMs);
  }

  #leaseFor({ key, start, isWanted }: Wanted): Lease<LeaseJob> | undefined {
    return this.#leading?.lease(key, start, isWanted);
  }

  #shareOf(): number {
    return Math.ceil(PARTITIONS / (this.#leading?.present().size ?? 1));
  }

  /** A node that has its share of the parts tries seldom for more: others are to have them, unless none wants them. */
  #isDue(
    partition: number,
    parts: readonly Lease<NotifierJob>[],
    triedAt: Map<number, number>,
  ): boolean {
    const held = parts.filter(({ isHeld }) => isHeld).length;
    if (held < this.#shareOf()) return true;
    const now = performance.now();
    if (now - (triedAt.get(partition) ?? Number.NEGATIVE_INFINITY) < YIELD_MS) return false;
    triedAt.set(partition, now);
    return true;
  }

  /** Gives parts to others where this node has more than its share. */
  #share(parts: readonly Lease<NotifierJob>[], triedAt: Map<number, number>): void {
    const held = parts.filter(({ isHeld, job }) => isHeld && job !== undefined);
    const tooMany = Math.min(GIVEN_AT_ONCE, held.length - this.#shareOf());
    for (const given of held.slice(held.length - Math.max(0, tooMany))) {
      triedAt.set(parts.indexOf(given), performance.now() + SHARE_MS);
      void given.release();
    }
  }
}
