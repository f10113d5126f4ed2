// A lease in the shared bucket: of all nodes one does a job. Its holder renews it every 3 s and gives it up by its own clock
// 7 s after the last renewal that it knows of; the servers let go of it after 10 s: two never hold it at once, however the
// clocks of machines differ. The job begins after the new holder has read the stream to its end.

import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Bucket } from "./bus.ts";

/** DESIGN: renewed every 3 s, given up after 7 s. In milliseconds. */
const RENEW_MS = 3000;
const GIVE_UP_MS = 7000;
const LOOK_MS = 1000;
/** Before it is tried again where another node has it, in milliseconds. */
const TAKEN_MS = 1500;

export type LeaseJob = {
  /** Ends it; it must begin nothing any more, at once. */
  stop(): Promise<void>;
  /** Called at every look while the lease is held. */
  look?(): void;
};

export type LeaseOptions<J extends LeaseJob> = {
  readonly key: string;
  /** This node and this run of it: what stands in the bucket. */
  readonly holder: string;
  readonly bucket: () => Bucket | undefined;
  /** Resolves when everything that the stream held at the call is in the files of this node; rejects where it cannot. */
  readonly readToEnd: () => Promise<void>;
  readonly start: () => J;
  /** Whether this node wants it now. Default: yes. */
  readonly isWanted?: () => boolean;
  /** Whether this node is well enough to keep it. Default: yes. */
  readonly mayKeep?: () => boolean;
  readonly log: Log;
};

type Held<J> = {
  revision: number;
  /** When the last renewal that succeeded was sent, by `performance.now()`, which stands still while a machine is suspended. */
  renewedAt: number;
  /** The same by the machine's clock, in milliseconds since the epoch. */
  renewedWallAt: number;
  job: J | undefined;
};

const unrenewedMs = ({ renewedAt, renewedWallAt }: Held<unknown>): number =>
  Math.max(performance.now() - renewedAt, Date.now() - renewedWallAt);

export class Lease<J extends LeaseJob> {
  readonly #options: LeaseOptions<J>;
  readonly #watch: ReturnType<typeof setInterval>;
  #held: Held<J> | undefined;
  #leaving: Promise<void> | undefined;
  #underWay: Promise<void> | undefined;
  #isStopped = false;
  /** By `performance.now()`. */
  #tryAt = 0;

  constructor(options: LeaseOptions<J>) {
    this.#options = options;
    this.#watch = setInterval(() => this.#look(), LOOK_MS);
    this.#watch.unref();
    this.#look();
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** The job, once it has begun. */
  get job(): J | undefined {
    return this.#held?.job;
  }

  /** Ends the job and gives the lease back, so that another node need not wait for it to run out. */
  async release(): Promise<void> {
    const { key, bucket } = this.#options;
    const held = this.#held;
    if (held === undefined) return;
    await this.#leave("");
    try {
      await bucket()?.remove(key, held.revision);
    } catch {
      // It runs out by itself.
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#watch);
    await this.#underWay;
    await this.release();
    await this.#leaving;
  }

  #look(): void {
    const held = this.#held;
    if (held !== undefined && unrenewedMs(held) > GIVE_UP_MS) {
      void this.#leave("it could not be renewed for 7 s");
      return;
    }
    if (held !== undefined && this.#options.mayKeep?.() === false) {
      void this.release();
      return;
    }
    held?.job?.look?.();
    if (this.#underWay !== undefined || this.#leaving !== undefined || this.#isStopped) return;
    const act = held === undefined ? this.#take() : this.#renew(held);
    this.#underWay = act
      .catch((error: unknown) => {
        const { log, key } = this.#options;
        log.debug("a lease cannot be taken or renewed now", { key, reason: errorText(error) });
      })
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  async #take(): Promise<void> {
    const {
      bucket: open,
      key,
      holder,
      isWanted = () => true,
      mayKeep = () => true,
    } = this.#options;
    const bucket = open();
    const isTime = performance.now() >= this.#tryAt;
    if (bucket === undefined || !isTime || !mayKeep() || !isWanted()) return;
    const sentAt = performance.now();
    const sentWallAt = Date.now();
    const revision = await bucket.create(key, holder);
    if (revision === undefined) this.#tryAt = performance.now() + TAKEN_MS;
    if (revision === undefined || this.#isStopped) return;
    const held: Held<J> = {
      revision,
      renewedAt: sentAt,
      renewedWallAt: sentWallAt,
      job: undefined,
    };
    this.#held = held;
    void this.#begin(held);
  }

  async #begin(held: Held<J>): Promise<void> {
    const { readToEnd, start, log, key } = this.#options;
    try {
      await readToEnd();
      if (this.#held !== held || this.#leaving !== undefined) return;
      held.job = start();
    } catch (error) {
      log.warn("cannot begin what a lease is for; it is given back", {
        key,
        reason: errorText(error),
      });
      await this.release();
    }
  }

  async #renew(held: Held<J>): Promise<void> {
    const { bucket: open, key, holder } = this.#options;
    const bucket = open();
    if (bucket === undefined || performance.now() - held.renewedAt < RENEW_MS) return;
    const sentAt = performance.now();
    const sentWallAt = Date.now();
    const revision = await bucket.update(key, holder, held.revision);
    if (this.#held !== held) return;
    if (revision !== undefined) {
      Object.assign(held, { revision, renewedAt: sentAt, renewedWallAt: sentWallAt });
      return;
    }
    // An update whose answer was lost has given it another revision.
    const entry = await bucket.get(key);
    if (entry?.value === holder) held.revision = entry.revision;
    else await this.#leave("another node has it");
  }

  async #leave(why: string): Promise<void> {
    const held = this.#held;
    if (held === undefined) return this.#leaving;
    this.#held = undefined;
    const { log, key } = this.#options;
    if (why !== "") log.warn("a lease is lost", { key, reason: why });
    this.#leaving = (held.job?.stop() ?? Promise.resolve())
      .catch((error: unknown) => log.error("cannot end what a lease was for", { key, error }))
      .finally(() => {
        this.#leaving = undefined;
      });
    await this.#leaving;
  }
}
