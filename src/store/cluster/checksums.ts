// Whether nodes have the same files: a checksum for each finished day, made when it is asked for and remembered until the
// file changes; and, for days that differ, whether they have the same records in another order.

import { createHash, hash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import { errorText } from "../../lib/errors.ts";
import { finishedNames } from "../format/files.ts";
import { listFolder } from "../read/open-files.ts";
import { enterprisesIn } from "../read/recent.ts";
import { allLines, FileLines } from "./file-lines.ts";
import { identityOf } from "./identity.ts";

/** The finished days of an enterprise on one node: SHA-256 in hexadecimal, by the file's name. */
export type DaySums = Readonly<Record<string, { readonly sum: string; readonly bytes: number }>>;

/**
 * The records of an enterprise between two stamps on one node: the same on two nodes that have the same records, in whatever order,
 * day's file and with whatever stamps between the two.
 */
export type RecordSum = {
  /** The sum of the records' hashes, in hexadecimal. */
  readonly sum: string;
  readonly count: number;
};

type Remembered = { readonly key: string; readonly sum: string; readonly bytes: number };

const sumOf = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return hash.digest("hex");
};

const SUM_BITS = 128;

/** Asked at a midnight, it may miss what was written last. */
const recordSumOf = async (
  dataDir: string,
  enterprise: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<RecordSum> => {
  let sum = 0n;
  let count = 0;
  for await (const { at, fields } of allLines(new FileLines(dataDir, enterprise, from))) {
    if (at > to) break;
    const { text } = identityOf(enterprise, fields);
    sum = BigInt.asUintN(SUM_BITS, sum + BigInt(`0x${hash("sha256", text)}`));
    count += 1;
  }
  return { sum: sum.toString(16), count };
};

/** What a node answers when it is asked about its files. */
export class FileQuestions {
  readonly #dataDir: string;
  readonly #sums = new Map<string, Remembered>();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /**
   * Never rejects.
   *
   * @param question `enterprises`, `days ENTERPRISE`, or `records ENTERPRISE FROM TO`: both stamps, in milliseconds since the
   *   epoch, are of what is asked for
   */
  async answer(question: string): Promise<string> {
    try {
      const [what, enterprise = "", from, to] = question.split(" ");
      if (what === "enterprises") return JSON.stringify(await enterprisesIn(this.#dataDir));
      if (what === "days" && isEnterpriseNumber(enterprise))
        return JSON.stringify(await this.#days(enterprise));
      const range = { from: Number(from), to: Number(to) };
      const isRange = Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to);
      if (what === "records" && isEnterpriseNumber(enterprise) && isRange)
        return JSON.stringify(await recordSumOf(this.#dataDir, enterprise, range));
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
