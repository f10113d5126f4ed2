// What must hold of the files after anything was posted: only folders and files of ours, and every line readable.

import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decodeLine } from "../../src/store/format/codec.ts";

export type FileReport = {
  /** AST lines of all files. */
  readonly events: number;
  /** At most 20: names that nobody of ours gives, lines that are none. */
  readonly faults: readonly string[];
};

const OURS =
  /^(?:\.notifier\.lock|\.refused\.log(?:\.1)?|[A-Za-z0-9_-]{1,32}|[A-Za-z0-9_-]{1,32}\/(?:events\.log(?:\.\d{4}-\d\d-\d\d)?|\..+))$/;

/** Reads every line of every file below `dataDir`. */
export const checkFiles = async (dataDir: string, number: string): Promise<FileReport> => {
  const faults: string[] = [];
  let events = 0;
  for (const name of readdirSync(dataDir, { recursive: true, encoding: "utf8" })) {
    const isExpected = OURS.test(name) && (name.startsWith(".") || name.split("/")[0] === number);
    if (!isExpected) faults.push(`a name that is not ours: ${JSON.stringify(name)}`);
    if (!/\/events\.log[^/]*$/.test(name)) continue;
    const input = createReadStream(join(dataDir, name), "utf8");
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const record = decodeLine(line);
      if (record.ok && record.value.kind === "AST") events++;
      if (!record.ok)
        faults.push(`${name}: ${record.error}: ${JSON.stringify(line.slice(0, 100))}`);
      else if (/[\p{Cc}\u2028\u2029]/u.test(line)) faults.push(`${name}: a control character`);
    }
  }
  return { events, faults: faults.slice(0, 20) };
};
