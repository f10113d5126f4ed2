// Appends lines to the spool in order, with back-pressure: while the disk does not work its senders wait and stop
// reading. On close there is one last attempt; lines that still cannot be written are returned to the caller.

import type { Log } from "../../lib/log.ts";
import type { Sleeper } from "../../lib/scheduler.ts";
import type { Spool } from "../../lib/spool.ts";

/** Between attempts at a disk that does not work. In milliseconds. */
export const RETRY_DISK_MS = 1000;

type Waiting = { readonly line: string; readonly settle: () => void };

export type SpoolWriterOptions = {
  readonly spool: Pick<Spool, "append">;
  readonly sleeper: Sleeper;
  readonly log: Log;
  /** Lines were written. */
  readonly onWritten: () => void;
};

export class SpoolWriter {
  readonly #options: SpoolWriterOptions;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #fault = "";
  #isClosing = false;

  constructor(options: SpoolWriterOptions) {
    this.#options = options;
  }

  /** Why lines cannot be written at the moment; "" while they can be. */
  get fault(): string {
    return this.#fault;
  }

  /** Resolves when the line is in the spool, or was handed back by `close`. */
  put(line: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ line, settle: resolve });
    // In a turn of its own, so that lines that come together cost one write.
    this.#flushing ??= Promise.resolve().then(() => this.#flush());
    return promise;
  }

  /** Tries once more, then stops trying. @returns the lines that are not in the spool, oldest first. */
  async close(): Promise<readonly string[]> {
    this.#isClosing = true;
    this.#options.sleeper.wakeAll();
    await this.#flushing;
    const left = this.#waiting;
    this.#waiting = [];
    for (const { settle } of left) settle();
    return left.map(({ line }) => line);
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      if (this.#write(batch)) {
        this.#waiting = this.#waiting.slice(batch.length);
        for (const { settle } of batch) settle();
        this.#options.onWritten();
      } else if (this.#isClosing) {
        break;
      } else {
        await this.#options.sleeper.sleep(RETRY_DISK_MS);
      }
    }
    this.#flushing = undefined;
  }

  #write(batch: readonly Waiting[]): boolean {
    const { spool, log } = this.#options;
    try {
      spool.append(batch.map(({ line }) => line));
    } catch (error) {
      if (String(error) !== this.#fault) {
        log.error("cannot write the spool: events are held back until it can be", { error });
      }
      this.#fault = String(error);
      return false;
    }
    if (this.#fault !== "") log.info("the spool can be written again");
    this.#fault = "";
    return true;
  }
}
