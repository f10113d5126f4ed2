// What was read from the archive, on the disk, bounded in bytes; the least recently used goes first. Whoever reads from it checks
// what it says: a file may be cut, or left from an earlier upload. A disk that is full costs time, never an answer.

import * as fsp from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { giveToOwner } from "../../lib/private-file.ts";
import { replaceFileAsync } from "../../lib/replace-file.ts";
import { listFolder } from "../read/open-files.ts";
import { newFileMode, newFolderMode } from "../write/modes.ts";

export type DiskCacheOptions = {
  readonly dir: string;
  readonly maxBytes: number;
  /** Something could not be kept. For figures and the log; must not throw. */
  readonly onFault?: (error: unknown) => void;
};

type Kept = { readonly bytes: number; usedAt: number };

/** How much is freed at once: going through the folder costs more than a file does. */
const FREED_SHARE = 0.2;
/** A file's time of use is noted at most that often, in milliseconds. */
const TOUCH_MS = 60_000;

export class DiskCache {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #onFault: (error: unknown) => void;
  #kept: Promise<Map<string, Kept>> | undefined;
  #aside = 0;

  constructor({ dir, maxBytes, onFault = () => undefined }: DiskCacheOptions) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#onFault = onFault;
  }

  /** Such as `0367/events.log.2025-11-29.head`; undefined where it is not kept. */
  async get(key: string): Promise<Buffer | undefined> {
    const path = join(this.#dir, key);
    try {
      const bytes = await fsp.readFile(path);
      const kept = (await this.#all()).get(key);
      const now = Date.now();
      if (kept !== undefined && now - kept.usedAt > TOUCH_MS) {
        kept.usedAt = now;
        await fsp.utimes(path, now / 1000, now / 1000);
      }
      return bytes;
    } catch {
      return undefined;
    }
  }

  /** Keeps bytes where there is room. Never rejects. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#maxBytes) return;
    const path = join(this.#dir, key);
    this.#aside += 1;
    const aside = `${path}.${process.pid}.${this.#aside}.tmp`;
    try {
      await fsp.mkdir(dirname(path), { recursive: true, mode: newFolderMode(dirname(path)) });
      await replaceFileAsync(path, [bytes], { aside, mode: newFileMode(path) });
      // What a command of root's reads is kept for the service, whose folder this lies in.
      for (const made of [this.#dir, dirname(path), path]) giveToOwner(made, dirname(this.#dir));
      const all = await this.#all();
      all.set(key, { bytes: bytes.length, usedAt: Date.now() });
      if (this.#bytesOf(all) > this.#maxBytes) await this.#makeRoom();
    } catch (error) {
      this.#onFault(error);
    }
  }

  async remove(key: string): Promise<void> {
    await fsp.rm(join(this.#dir, key), { force: true }).catch(this.#onFault);
    (await this.#all()).delete(key);
  }

  /** Bytes kept now, as far as this process knows. */
  async bytes(): Promise<number> {
    return this.#bytesOf(await this.#all());
  }

  #bytesOf(all: Map<string, Kept>): number {
    let sum = 0;
    for (const { bytes } of all.values()) sum += bytes;
    return sum;
  }

  #all(): Promise<Map<string, Kept>> {
    this.#kept ??= this.#scan();
    return this.#kept;
  }

  /** Other processes keep files in it, too. */
  async #scan(): Promise<Map<string, Kept>> {
    const all = new Map<string, Kept>();
    for (const folder of await listFolder(this.#dir)) {
      for (const name of await listFolder(join(this.#dir, folder))) {
        const path = join(this.#dir, folder, name);
        const facts = await fsp.stat(path).catch(() => undefined);
        if (facts?.isFile())
          all.set(relative(this.#dir, path), { bytes: facts.size, usedAt: facts.mtimeMs });
      }
    }
    return all;
  }

  async #makeRoom(): Promise<void> {
    const all = await this.#scan();
    this.#kept = Promise.resolve(all);
    let bytes = this.#bytesOf(all);
    if (bytes <= this.#maxBytes) return;
    const oldestFirst = [...all].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key, kept] of oldestFirst) {
      if (bytes <= this.#maxBytes * (1 - FREED_SHARE)) break;
      await fsp.rm(join(this.#dir, key), { force: true });
      all.delete(key);
      bytes -= kept.bytes;
    }
  }
}
