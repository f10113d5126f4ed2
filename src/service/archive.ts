// The archive of a running service: one process of the data folder brings finished days into it, soon after midnight and
// whenever it could not before; every process reads from it. Intake and cards never wait for it.

import type { Config } from "../config/index.ts";
import { createBackoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { createComplaints } from "../lib/complaints.ts";
import type { Log } from "../lib/log.ts";
import { within } from "../lib/within.ts";
import {
  type Archive,
  ArchiveKeeper,
  type KeeperState,
  openArchive,
  type SideBytes,
} from "../store/index.ts";
import type { Metrics } from "../watch/metrics/index.ts";
import { archiveLockPath } from "./archive-lock.ts";
import type { OneOfAll } from "./cluster-node.ts";
import { SingleHolder } from "./single-holder.ts";

/** How often it is looked for finished days, in milliseconds; a day is uploaded within this after its end. */
const LOOK_MS = 60_000;
/** The longest pause after failures, in milliseconds. */
const LONGEST_PAUSE_MS = 15 * 60_000;
/** The machine's share for others while a day is packed, in milliseconds between slices. */
const REST_MS = 2;

/** Opens the archive of the settings; undefined where there is none. @throws ArchiveError where its keys are missing */
export const archiveOf = (
  config: Pick<Config, "archive" | "archiveCacheBytes" | "archiveDays" | "dataDir">,
  env: { readonly [name: string]: string | undefined },
  more: {
    readonly clock: Clock;
    readonly onRequest?: Metrics["archive"];
    readonly onCacheFault?: (error: unknown) => void;
  },
): Archive | undefined =>
  config.archive === null
    ? undefined
    : openArchive({
        dir: config.dataDir,
        address: config.archive,
        env,
        cacheBytes: config.archiveCacheBytes,
        archiveDays: config.archiveDays,
        ...more,
      });

export type KeepOptions = {
  readonly config: Pick<Config, "dataDir" | "retentionDays" | "archiveDays">;
  readonly archive: Archive;
  readonly clock: Clock;
  readonly log: Log;
  readonly tableOf: (enterprise: string, name: string) => Promise<SideBytes | undefined>;
  readonly sweep: () => Promise<unknown>;
};

/** What the running service says beside. */
type JobOptions = KeepOptions & {
  readonly config: Pick<Config, "shutdownTimeoutMs">;
  /** In a cluster the nodes pass over their days one after another: the first brings a day, the others find it there. */
  readonly one?: OneOfAll | undefined;
};

/** A job's passes end where this says no; it is asked between days. */
type MayPass = { readonly mayPass?: () => boolean };

/** The keeper of a data folder's archive, by its settings. */
export const keeperOf = (
  { config, archive, clock, tableOf, sweep }: Omit<KeepOptions, "log">,
  more: Partial<ConstructorParameters<typeof ArchiveKeeper>[0]> = {},
): ArchiveKeeper =>
  new ArchiveKeeper({
    dir: config.dataDir,
    store: archive.store,
    ledger: archive.ledger,
    forget: (enterprise, name) => archive.objects.forget({ enterprise, name }),
    headOf: async (enterprise, name) => (await archive.objects.head({ enterprise, name }))?.head,
    tableOf,
    clock,
    retentionDays: config.retentionDays,
    archiveDays: config.archiveDays,
    sweep,
    ...more,
  });

/** Passes over the days, one after another, until it is stopped. */
class ArchiveJob {
  readonly keeper: ArchiveKeeper;
  readonly #clock: Clock;
  readonly #shutdownTimeoutMs: number;
  readonly #mayPass: () => boolean;
  readonly #backoff = createBackoff({ firstMs: LOOK_MS, longestMs: LONGEST_PAUSE_MS });
  #isStopped = false;
  #dueAt = Number.NEGATIVE_INFINITY;
  #pass: Promise<unknown> | undefined;

  constructor(options: JobOptions & MayPass) {
    const { log, clock, mayPass = () => true } = options;
    this.#mayPass = mayPass;
    const complain = createComplaints(log, clock);
    this.#clock = clock;
    this.#shutdownTimeoutMs = options.config.shutdownTimeoutMs;
    this.keeper = keeperOf(options, {
      restMs: REST_MS,
      isWanted: () => !this.#isStopped && mayPass(),
      onUploaded: (enterprise, name, outcome) => {
        if (outcome === "uploaded") log.info("a day is in the archive", { enterprise, name });
      },
      onFault: (error) =>
        complain("error", "the archive was not given everything; it is tried again", { error }),
    });
  }

  /** Whether it is time for a pass. */
  isDue(): boolean {
    const now = this.#clock.now();
    return now >= this.#dueAt || this.#dueAt - now > LONGEST_PAUSE_MS;
  }

  /** Begins a pass where it is time for one. @returns whether none is under way */
  look(): boolean {
    if (this.#isStopped) return true;
    if (this.#pass !== undefined) return false;
    if (!this.isDue()) return true;
    this.#pass = this.keeper.pass().then(({ failure }) => {
      this.#pass = undefined;
      // Broken off: the rest of the days is due when it is this node's turn again.
      if (!this.#mayPass()) return;
      if (failure === undefined) this.#backoff.reset();
      this.#dueAt = this.#clock.now() + (failure === undefined ? LOOK_MS : this.#backoff.nextMs());
    });
    return false;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    // What is not there by then is put again by the next process.
    if (this.#pass !== undefined)
      await within(this.#pass, this.#shutdownTimeoutMs, () => undefined);
  }
}

export type RunningArchive = {
  /** Undefined in processes that do not keep the archive. */
  state(): KeeperState | undefined;
  /** Lets the day under way finish, and releases the lock. */
  stop(): Promise<void>;
};

/** A node's passes, each while it has the lease. */
const startInTurn = (options: JobOptions, one: OneOfAll): RunningArchive => {
  let isOurs = false;
  const job = new ArchiveJob({ ...options, mayPass: () => isOurs });
  const turn = one(
    "archive",
    () => {
      isOurs = true;
      return {
        look: () => {
          if (job.look()) void turn.release();
        },
        stop: async () => {
          isOurs = false;
        },
      };
    },
    () => job.isDue(),
  );
  return {
    state: () => job.keeper.state,
    stop: async () => {
      await job.stop();
      await turn.stop();
    },
  };
};

/** Starts to wait for the archive's lock; whoever has it keeps the archive. Stop it with `stop()`. */
export const startArchive = (options: JobOptions): RunningArchive => {
  const { config, log, one } = options;
  if (one !== undefined) return startInTurn(options, one);
  const holder = new SingleHolder({
    path: archiveLockPath(config.dataDir),
    start: () => {
      const job = new ArchiveJob(options);
      job.look();
      return job;
    },
    onLost: () => log.warn("the archive's lock file was removed; it is tried again"),
    onFault: (error) => log.error("cannot take or release the archive's lock", { error }),
  });
  return { state: () => holder.job?.keeper.state, stop: () => holder.stop() };
};
