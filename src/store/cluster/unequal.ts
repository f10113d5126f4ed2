// Why a node's files are not those of the other nodes and will not become so by themselves, kept beside them: it is told until
// a stream has been filled anew, whether the node was restarted meanwhile or not.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { replaceFile } from "../../lib/replace-file.ts";
import { clusterFolder } from "./place.ts";

/** More of them say nothing new. */
const MAX_REASONS = 20;

export class UnequalFile {
  readonly #path: string;
  readonly #folder: string;
  #reasons: readonly string[];

  /** @throws the system's error where it is there and cannot be read */
  constructor(dataDir: string) {
    this.#folder = clusterFolder(dataDir);
    this.#path = join(this.#folder, "unequal");
    this.#reasons = this.#read();
  }

  /** In words; none where the files are as they should be. */
  get reasons(): readonly string[] {
    return this.#reasons;
  }

  /** These instead of those before. They are told also where the disk does not take them. @throws the system's error */
  write(reasons: readonly string[]): void {
    const next = [...new Set(reasons)].slice(0, MAX_REASONS);
    if (next.length === 0 && this.#reasons.length === 0) return;
    this.#reasons = next;
    if (next.length === 0) {
      rmSync(this.#path, { force: true });
      return;
    }
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    replaceFile(this.#path, `${next.join("\n")}\n`);
  }

  #read(): string[] {
    try {
      return readFileSync(this.#path, "utf8")
        .split("\n")
        .filter((reason) => reason !== "");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  }
}
