// A bucket of the servers' key-value store.

import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { Bucket, BucketEntry } from "../bus.ts";
import { busError, orBusError } from "./errors.ts";

export class KvBucket implements Bucket {
  readonly #kv: KV;
  readonly #keys: () => Promise<readonly string[]>;

  /** @param keys lists the keys */
  constructor(kv: KV, keys: () => Promise<readonly string[]>) {
    this.#kv = kv;
    this.#keys = keys;
  }

  async create(key: string, value: string): Promise<number | undefined> {
    return this.#unlessConflict(() => this.#kv.create(key, value));
  }

  async update(key: string, value: string, revision: number): Promise<number | undefined> {
    return this.#unlessConflict(() => this.#kv.update(key, value, revision));
  }

  async put(key: string, value: string): Promise<void> {
    await orBusError("write into a bucket", this.#kv.put(key, value));
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    const entry = await orBusError("read a bucket", this.#kv.get(key));
    return entry === null ? undefined : entryOf(entry);
  }

  async remove(key: string, revision?: number): Promise<void> {
    await this.#unlessConflict(async () => {
      await this.#kv.delete(key, revision === undefined ? {} : { previousSeq: revision });
      return 0;
    });
  }

  async entries(): Promise<readonly BucketEntry[]> {
    const keys = await orBusError("read a bucket", this.#keys());
    const found = await Promise.all([...keys].sort().map((key) => this.get(key)));
    return found.filter((entry) => entry !== undefined);
  }

  async watch(onEntry: (entry: BucketEntry) => void) {
    const entries = await orBusError("watch a bucket", this.#kv.watch());
    const follow = async (): Promise<void> => {
      for await (const entry of entries) onEntry(entryOf(entry));
    };
    // Ends with the connection; whoever needs it begins another one.
    follow().catch(() => undefined);
    return { stop: () => entries.stop() };
  }

  async #unlessConflict(act: () => Promise<number>): Promise<number | undefined> {
    try {
      return await act();
    } catch (error) {
      const failure = busError("write into a bucket", error);
      if (failure.code === "conflict") return undefined;
      throw failure;
    }
  }
}

const entryOf = (
  entry: Pick<KvWatchEntry, "key" | "operation" | "revision" | "created" | "string">,
): BucketEntry => ({
  key: entry.key,
  value: entry.operation === "PUT" ? entry.string() : undefined,
  revision: entry.revision,
  writtenAt: entry.created.getTime(),
});
