// Whether nodes have the same files: a checksum for each finished day, made when it is asked for and remembered until the
// file changes.

import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import { errorText } from "../../lib/errors.ts";
import { finishedNames } from "../format/files.ts";
import { listFolder } from "../read/open-files.ts";
import { enterprisesIn } from "../read/recent.ts";

/** The finished days of an enterprise on one node: SHA-256 in hexadecimal, by the file's name. */
export type DaySums = Readonly<Record<string, { readonly sum: string; readonly bytes: number }>>;

type Remembered = { readonly key: string; readonly sum: string; readonly bytes: number };

const sumOf = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest("hex");
};

/** What a node answers when it is asked about its files. */
export class FileQuestions {
  readonly #dataDir: string;
  readonly #sums = new Map<string, Remembered>();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** @param question `enterprises`, or `days ENTERPRISE`. Never rejects. */
  async answer(question: string): Promise<string> {
    try {
      const [what, enterprise = ""] = question.split(" ");
      if (what === "enterprises") return JSON.stringify(await enterprisesIn(this.#dataDir));
      if (what === "days" && isEnterpriseNumber(enterprise))
        return JSON.stringify(await this.#days(enterprise));
      return JSON.stringify({ error: "no such question" });
    } catch (error) {
      return JSON.stringify({ error: errorText(error) });
    }
  }

  async #days(enterprise: string): Promise<DaySums> {
    const folder = join(this.#dataDir, enterprise);
    const days: Record<string, { sum: string; bytes: number }> = {};
    for (const name of finishedNames(await listFolder(folder))) {
      const path = join(folder, name);
      const facts = statSync(path, { throwIfNoEntry: false });
      if (facts === undefined) continue;
      const key = `${facts.ino} ${facts.size} ${facts.mtimeMs}`;
      let known = this.#sums.get(path);
      if (known?.key !== key) {
        known = { key, sum: await sumOf(path), bytes: facts.size };
        this.#sums.set(path, known);
      }
      days[name] = { sum: known.sum, bytes: known.bytes };
    }
    return days;
  }
}
