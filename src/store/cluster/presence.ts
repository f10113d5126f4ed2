// Which nodes there are and how each is: every node writes a line about itself into a shared bucket every two seconds, and
// reads those of the others. Whether one is there is judged by this machine's clock: when its line last changed.

import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Bucket, BucketEntry } from "./bus.ts";
import type { Phase } from "./place.ts";

/** What a node says of itself. */
export type NodeStatus = {
  readonly node: string;
  readonly version: string;
  readonly epoch: string;
  readonly phase: Phase;
  /** The last message that is in its files. */
  readonly seq: number;
  /** Messages of the stream that are not. */
  readonly lag: number;
  /** The stamp of the last one that is, in milliseconds since the epoch; 0 where none is. */
  readonly lastAt: number;
  /** Bytes in its outbox, and records answered for by it alone since the start. */
  readonly waitingBytes: number;
  readonly late: number;
  readonly isAway: boolean;
  /** What it does for all. */
  readonly leases: readonly string[];
  /** The NATS server it talks to. */
  readonly server: string;
  readonly serverVersion: string;
  /** What is wrong, in words; none where all is well. */
  readonly faults: readonly string[];
};

const SAY_EVERY_MS = 2000;
/** A node whose line has not changed for this long is not there, in milliseconds. */
export const GONE_MS = 10_000;

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];

/** A node's line; undefined where it is none. */
export const readStatus = (text: string): NodeStatus | undefined => {
  try {
    const read = JSON.parse(text) as Partial<NodeStatus> | null;
    if (read === null || typeof read.node !== "string" || typeof read.seq !== "number")
      return undefined;
    const number = (value: unknown): number => (typeof value === "number" ? value : 0);
    const word = (value: unknown): string => (typeof value === "string" ? value : "");
    return {
      node: read.node,
      version: word(read.version),
      epoch: word(read.epoch),
      phase: read.phase ?? "filling",
      seq: read.seq,
      lag: number(read.lag),
      lastAt: number(read.lastAt),
      waitingBytes: number(read.waitingBytes),
      late: number(read.late),
      isAway: read.isAway === true,
      leases: textsOf(read.leases),
      server: word(read.server),
      serverVersion: word(read.serverVersion),
      faults: textsOf(read.faults),
    };
  } catch {
    return undefined;
  }
};

type Seen = { readonly status: NodeStatus; readonly heardAt: number };

export class Presence {
  readonly #node: string;
  readonly #log: Log;
  readonly #status: () => NodeStatus;
  readonly #nodes = new Map<string, Seen>();
  readonly #timer: ReturnType<typeof setInterval>;
  #bucket: Bucket | undefined;
  #watch: { stop(): void } | undefined;
  #isSaying = false;

  constructor(node: string, status: () => NodeStatus, log: Log) {
    this.#node = node;
    this.#status = status;
    this.#log = log;
    this.#timer = setInterval(() => void this.#say(), SAY_EVERY_MS);
    this.#timer.unref();
  }

  /** The bucket is there, or another one than before. */
  async use(bucket: Bucket): Promise<void> {
    this.#watch?.stop();
    this.#bucket = bucket;
    this.#watch = await bucket.watch((entry) => this.#onEntry(entry));
    await this.#say();
  }

  /** The nodes that are there now, this one among them. */
  present(): ReadonlySet<string> {
    const now = performance.now();
    const there = [...this.#nodes].filter(([, { heardAt }]) => now - heardAt < GONE_MS);
    return new Set([this.#node, ...there.map(([node]) => node)]);
  }

  /** What is known of the others, and how long ago they were heard, in milliseconds. */
  all(): readonly { readonly status: NodeStatus; readonly ageMs: number }[] {
    const now = performance.now();
    return [...this.#nodes.values()].map(({ status, heardAt }) => ({
      status,
      ageMs: now - heardAt,
    }));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#watch?.stop();
    try {
      await this.#bucket?.remove(this.#node);
    } catch {
      // It is seen by its silence.
    }
  }

  #onEntry({ key, value }: BucketEntry): void {
    const status = value === undefined ? undefined : readStatus(value);
    if (status === undefined) this.#nodes.delete(key);
    else this.#nodes.set(key, { status, heardAt: performance.now() });
  }

  async #say(): Promise<void> {
    if (this.#bucket === undefined || this.#isSaying) return;
    this.#isSaying = true;
    try {
      await this.#bucket.put(this.#node, JSON.stringify(this.#status()));
    } catch (error) {
      this.#log.debug("cannot tell the other nodes how this one is", { reason: errorText(error) });
    } finally {
      this.#isSaying = false;
    }
  }
}
