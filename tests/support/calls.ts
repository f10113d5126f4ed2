// Calls for tests: the recorded ones, a short way to write one down, and the path a page takes (collect, assemble).

import { readFileSync } from "node:fs";
import { type AssembledCall, findCall } from "../../src/call/index.ts";
import type { EventBody } from "../../src/domain/event.ts";
import { recordKeys, type StoredRecord } from "../../src/domain/record.ts";

const FIXTURES = new URL("../fixtures/calls/", import.meta.url).pathname;
export const CALL_TIMEOUT_MS = 4 * 3600 * 1000;

export const astRecord = (at: number, event: string, body: EventBody): StoredRecord => ({
  kind: "AST",
  at: Math.round(at),
  event,
  uniqueId: String(body["UniqueId"] ?? ""),
  body,
  raw: `|AST|${event}|${String(body["UniqueId"] ?? "")}|${JSON.stringify(body)}`,
});

type Recorded = {
  readonly t: number;
  readonly event: string;
  readonly body: EventBody;
  readonly path: string;
};

const recorded = (file: string): Recorded[] =>
  readFileSync(`${FIXTURES}${file}`, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** The records a scenario leaves, received when its events happened. */
export const webhookRecords = (scenario: string): StoredRecord[] =>
  recorded(`webhooks/${scenario}.jsonl`).map(({ t, event, body }) =>
    astRecord(t * 1000, event, body),
  );

/** The same for the dialplan hooks; bodies that are not JSON are left out. */
export const curlRecords = (scenario: string): StoredRecord[] =>
  recorded(`curl/${scenario}.jsonl`).flatMap(({ t, path, body }) => {
    try {
      return [astRecord(t * 1000, path.slice(1), JSON.parse(String(body)))];
    } catch {
      return [];
    }
  });

/** A call written as `[seconds, event, uniqueId, body]` rows, from a fixed moment on. */
export const T0 = Date.UTC(2025, 10, 30, 12, 0, 0);
export type Row = readonly [
  seconds: number,
  event: string,
  uniqueId: string,
  body?: { readonly [key: string]: unknown },
];
export const recordsOf = (rows: readonly Row[]): StoredRecord[] =>
  rows.map(([seconds, event, uniqueId, body]) =>
    astRecord(T0 + seconds * 1000, event, { Token: "375290000001", UniqueId: uniqueId, ...body }),
  );

/** What a page shows for `uniqueId` when the enterprise has these records; undefined where there is no such call. */
export const assembled = async (
  records: readonly StoredRecord[],
  uniqueId: string,
  now = Math.max(...records.map((record) => record.at)) + 1000,
): Promise<AssembledCall | undefined> =>
  findCall(
    (keys) => {
      const wanted = new Set(keys);
      const own = records.filter((record) => recordKeys(record).some((key) => wanted.has(key)));
      return Promise.resolve({ records: own, faults: [] });
    },
    uniqueId,
    { enterprise: "0367", now, callTimeoutMs: CALL_TIMEOUT_MS },
  );

/** A call in one line: `incoming answered, 375… → 151 152 by 152, wait 2.1 talk 3, blind 151>152, hung up 152`. */
export const brief = (found: AssembledCall | undefined): string => {
  if (found === undefined) return "no call";
  const { call, doubts } = found;
  const seconds = (ms: number | null): string =>
    ms === null ? "?" : String(Math.round(ms / 100) / 10);
  return [
    `${call.direction} ${call.status}`,
    `${call.phone ?? "?"} → ${call.extensions.join(" ") || "-"}${call.answeredBy.length > 0 ? ` by ${call.answeredBy.join(" ")}` : ""}`,
    `wait ${seconds(call.waitMs)} talk ${seconds(call.talkMs)}`,
    ...call.transfers.map(
      ({ kind, from, to, completed }) => `${kind} ${from}>${to}${completed ? "" : " untaken"}`,
    ),
    ...(call.hungUpBy === null ? [] : [`hung up ${call.hungUpBy}`]),
    ...doubts.map((doubt) => `doubt ${doubt.code}`),
  ].join(", ");
};
