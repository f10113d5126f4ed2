// A fresh data folder for each test, and the naive way to read a trace, against which the quick ways are judged. What a test opens ends with it; a hook of this module would belong to one test file only.

import { onTestFinished } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { recordKeys, type StoredRecord } from "../../domain/record.ts";
import { bareLine, decodeLine } from "../format/codec.ts";
import { finishedNames, RUNNING_NAME } from "../format/files.ts";
import { type OpenTraceStore, openTraceStore, type TraceStoreOptions } from "../index.ts";

/** A new folder, removed after the test. */
export const tempFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "calllog-trace-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

/** A store that is closed after the test. */
export const openForTest = (options: TraceStoreOptions): OpenTraceStore => {
  const store = openTraceStore(options);
  onTestFinished(() => store.close());
  return store;
};

/** Writes files into a data folder: `{"0367/events.log": "…"}`. */
export const putFiles = (
  dir: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
};

/** An enterprise's files that are not dot-named, with their text. */
export const readFiles = (dir: string, enterprise: string): Record<string, string> => {
  const folder = join(dir, enterprise);
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
};

/** Every record that bears one of the keys, by reading and decoding every line of every file. */
export const naiveFind = (
  dir: string,
  enterprise: string,
  keys: readonly string[],
): StoredRecord[] => {
  const folder = join(dir, enterprise);
  const found: StoredRecord[] = [];
  for (const name of [...finishedNames(readdirSync(folder)), RUNNING_NAME]) {
    let text: string;
    try {
      text = readFileSync(join(folder, name), "utf8");
    } catch {
      continue;
    }
    for (const line of text.split("\n")) {
      const decoded = decodeLine(line);
      if (!decoded.ok) continue;
      if (recordKeys(decoded.value).some((key) => keys.includes(key))) {
        found.push({ ...decoded.value, raw: bareLine(line) });
      }
    }
  }
  return found;
};

/** A hangup with a unique id and whatever else its body is to have. */
export const hangup = (uniqueId: string, body: Readonly<Record<string, unknown>> = {}) =>
  ({ kind: "AST", event: "hangup", uniqueId, body }) as const;
