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
type JobOptions = KeepOptions & { readonly config: Pick<Config, "shutdownTimeoutMs"> };

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
  readonly #backoff = createBackoff({ firstMs: LOOK_MS, longestMs: LONGEST_PAUSE_MS });
  #isStopped = false;
  #dueAt = Number.NEGATIVE_INFINITY;
  #pass: Promise<unknown> | undefined;

  constructor(options: JobOptions) {
    const { log, clock } = options;
    const complain = createComplaints(log, clock);
    this.#clock = clock;
    this.#shutdownTimeoutMs = options.config.shutdownTimeoutMs;
    this.keeper = keeperOf(options, {
      restMs: REST_MS,
      isWanted: () => !this.#isStopped,
      onUploaded: (enterprise, name, outcome) => {
        if (outcome === "uploaded") log.info("a day is in the archive", { enterprise, name });
      },
      onFault: (error) =>
        complain("error", "the archive was not given everything; it is tried again", { error }),
    });
    this.look();
  }

  look(): void {
    const now = this.#clock.now();
    const isDue = now >= this.#dueAt || this.#dueAt - now > LONGEST_PAUSE_MS;
    if (this.#isStopped || this.#pass !== undefined || !isDue) return;
    this.#pass = this.keeper.pass().then(({ failure }) => {
      this.#pass = undefined;
      if (failure === undefined) this.#backoff.reset();
      this.#dueAt = this.#clock.now() + (failure === undefined ? LOOK_MS : this.#backoff.nextMs());
    });
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

/** Starts to wait for the archive's lock; whoever has it keeps the archive. Stop it with `stop()`. */
export const startArchive = (options: JobOptions): RunningArchive => {
  const { config, log } = options;
  const holder = new SingleHolder({
    path: archiveLockPath(config.dataDir),
    start: () => new ArchiveJob(options),
    onLost: () => log.warn("the archive's lock file was removed; it is tried again"),
    onFault: (error) => log.error("cannot take or release the archive's lock", { error }),
  });
  return { state: () => holder.job?.keeper.state, stop: () => holder.stop() };
};
