// A lease by file lock: of many processes the one that holds the lock does a job, the others try now and then to take
// over. Invariant: within a process the job never starts while an earlier one still stops; between processes two can
// overlap only after somebody removed the lock file, for one look at most.

import { type FileLock, tryHoldLock } from "../lib/file-lock.ts";

/** What the holder of the lock does. */
export type Job = {
  /** Ends it. The lock is released when that has resolved, or was rejected. */
  stop(): Promise<void>;
  /** Called at every look while the lock is held. */
  look?(): void;
};

export type SingleHolderOptions<J extends Job> = {
  /** Of the lock file; its folder is made where missing. */
  readonly path: string;
  /** Begins the job. What it throws is told as a fault, and it is tried again. */
  readonly start: () => J;
  /** Another process has the lock. Told at every look. */
  readonly onBusy?: () => void;
  /** The lock file was removed: the job is being stopped, and the lock is tried again. */
  readonly onLost: () => void;
  /** The lock or the job failed; told once until another fault comes or the lock was tried without one. */
  readonly onFault: (error: unknown) => void;
  /** How often the lock is tried or looked at, in milliseconds. Default: a second. */
  readonly everyMs?: number;
  /** Whether waiting for the lock keeps the process alive. Default: no. */
  readonly keepsAlive?: boolean;
};

/** How often a lock is tried, and its holder looks whether it still has it. In milliseconds. */
const LOOK_EVERY_MS = 1000;

export class SingleHolder<J extends Job> {
  readonly #options: SingleHolderOptions<J>;
  readonly #watch: ReturnType<typeof setInterval>;
  #held: { readonly lock: FileLock; readonly job: J } | undefined;
  #leaving: Promise<void> | undefined;
  #lastFault = "";

  /** Tries the lock at once. */
  constructor(options: SingleHolderOptions<J>) {
    this.#options = options;
    this.#look();
    this.#watch = setInterval(() => this.#look(), options.everyMs ?? LOOK_EVERY_MS);
    if (options.keepsAlive !== true) this.#watch.unref();
  }

  /** The job, while this process is the one that does it. */
  get job(): J | undefined {
    return this.#held?.job;
  }

  /** Stops the job, if it is ours, and releases the lock. */
  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#leave();
    await this.#leaving;
  }

  #look(): void {
    try {
      if (this.#leaving !== undefined) return;
      if (this.#held === undefined) {
        this.#take();
      } else if (this.#held.lock.isHeld()) {
        this.#held.job.look?.();
      } else {
        this.#options.onLost();
        this.#leave();
      }
      this.#lastFault = "";
    } catch (error) {
      this.#fault(error);
    }
  }

  #take(): void {
    const lock = tryHoldLock(this.#options.path);
    if (lock === undefined) {
      this.#options.onBusy?.();
      return;
    }
    try {
      this.#held = { lock, job: this.#options.start() };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #leave(): void {
    if (this.#held === undefined) return;
    const { lock, job } = this.#held;
    this.#held = undefined;
    this.#leaving = job
      .stop()
      .catch((error: unknown) => this.#fault(error))
      .finally(() => {
        lock.release();
        this.#leaving = undefined;
      });
  }

  #fault(error: unknown): void {
    if (String(error) !== this.#lastFault) this.#options.onFault(error);
    this.#lastFault = String(error);
  }
}
