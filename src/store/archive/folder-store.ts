// An object store in a folder: a disk of its own, or a share. An object is a file, written aside and renamed, so that a
// reader sees it whole or not at all.

import * as fsp from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { replaceFileAsync } from "../../lib/replace-file.ts";
import { systemCode } from "../errors.ts";
import { openIfThere } from "../read/open-files.ts";
import { newFileMode, newFolderMode } from "../write/modes.ts";
import { ArchiveError, type ObjectStore, type StoredObject } from "./object-store.ts";

/** What is just being written; no object of ours is named so. */
const ASIDE = ".aside";
const DENIED = new Set(["EACCES", "EPERM", "EROFS"]);

const failure = (what: string, path: string, cause: unknown): ArchiveError => {
  const code = systemCode(cause) ?? "";
  const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  return new ArchiveError(
    DENIED.has(code) ? "denied" : "away",
    `cannot ${what} ${path}: ${why}`,
    cause,
  );
};

class FolderStore implements ObjectStore {
  readonly name: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.name = `file://${root}`;
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const path = this.#pathOf(key);
    try {
      const facts = await fsp.stat(path);
      return facts.isFile() ? { key, bytes: facts.size } : undefined;
    } catch (cause) {
      if (["ENOENT", "ENOTDIR"].includes(systemCode(cause) ?? "")) {
        await this.#mustBeThere();
        return undefined;
      }
      throw failure("look at", path, cause);
    }
  }

  async get(key: string, range?: { from: number; to: number }): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(key);
    try {
      const handle = await openIfThere(path);
      if (handle === undefined) {
        await this.#mustBeThere();
        return undefined;
      }
      try {
        if (range === undefined) return await handle.readFile();
        const { size } = await handle.stat();
        const bytes = Buffer.alloc(Math.max(0, Math.min(range.to, size) - range.from));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, range.from);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      throw failure("read", path, cause);
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key);
    try {
      // The folder itself is the operator's to make: a share that is not mounted must not be written beside.
      await this.#mustBeThere();
      await fsp.mkdir(dirname(path), { recursive: true, mode: newFolderMode(dirname(path)) });
      const aside = `${path}.${process.pid}${ASIDE}`;
      await replaceFileAsync(path, [bytes], { isDurable: true, aside, mode: newFileMode(path) });
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      throw failure("write", path, cause);
    }
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    const start = join(this.#root, dirname(`${prefix}x`));
    let names: string[];
    try {
      await this.#mustBeThere();
      const entries = await fsp.readdir(start, { recursive: true, withFileTypes: true });
      names = entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith(ASIDE))
        .map((entry) => relative(this.#root, join(entry.parentPath, entry.name)));
    } catch (cause) {
      if (["ENOENT", "ENOTDIR"].includes(systemCode(cause) ?? "")) return;
      if (cause instanceof ArchiveError) throw cause;
      throw failure("list", start, cause);
    }
    for (const key of names.filter((name) => name.startsWith(prefix)).sort()) {
      const object = await this.head(key);
      if (object !== undefined) yield object;
    }
  }

  /** A folder keeps none. */
  async removeOlder(): Promise<number> {
    return 0;
  }

  async remove(key: string): Promise<void> {
    const path = this.#pathOf(key);
    try {
      await fsp.rm(path, { force: true });
    } catch (cause) {
      throw failure("remove", path, cause);
    }
  }

  #pathOf(key: string): string {
    return join(this.#root, key);
  }

  /** Without it every object would seem to be gone: the disk is not mounted. */
  async #mustBeThere(): Promise<void> {
    try {
      if ((await fsp.stat(this.#root)).isDirectory()) return;
    } catch (cause) {
      if (!["ENOENT", "ENOTDIR"].includes(systemCode(cause) ?? ""))
        throw failure("look at", this.#root, cause);
    }
    throw new ArchiveError(
      "away",
      `cannot reach the archive: there is no folder ${this.#root}; mount it, or make it`,
    );
  }
}

/** @param root absolute; it must be there */
export const openFolderStore = (root: string): ObjectStore => new FolderStore(root);
