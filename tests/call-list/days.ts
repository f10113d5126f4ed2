// Days of calls as files, and the slow way to the same list: every id looked up as a page looks it up.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AssembledCall, callEvents, findCall } from "../../src/call/index.ts";
import {
  type CallHistory,
  type FollowedRow,
  type ListFollowRules,
  openHistory,
} from "../../src/call/list/index.ts";
import type { EventBody } from "../../src/domain/event.ts";
import { silentLog } from "../../src/lib/log.ts";
import { rebase, type ScenarioEvent, scenarios } from "../../src/scenarios/index.ts";
import { decodeLine, encodeRecord, openTraceReader } from "../../src/store/index.ts";

export const ENTERPRISE = "0367";
export const CALL_TIMEOUT_MS = 4 * 3600 * 1000;
export const DAY_MS = 86_400_000;
/** A UTC midnight. */
export const MIDNIGHT = Date.UTC(2026, 10, 21);

export type Posted = ScenarioEvent;

export const scenarioAt = (index: number, now: number, uniqueSeed: number): Posted[] => {
  const all = scenarios();
  const { events } = all[index % all.length] as (typeof all)[number];
  return rebase(events, { now, uniqueSeed });
};

/** A short call: dial, answer, hangup. */
export const plainCall = (
  at: number,
  id: string,
  { phone = "375291110022", extension = "151", lengthMs = 20_000, bridge = `b-${id}` } = {},
): Posted[] => {
  const body = { Token: "t", UniqueId: id, Phone: phone, CallType: 0, Trunk: "T1" };
  const channel = {
    BridgeUniqueid: bridge,
    Channel: `PJSIP/${extension}-0000000a`,
    CallerIDNum: extension,
  };
  return [
    { at, event: "start", body },
    { at: at + 100, event: "dial", body: { ...body, Extensions: [extension] } },
    { at: at + 4000, event: "bridge", body: { ...body, ...channel } },
    { at: at + lengthMs - 100, event: "bridge_leave", body: { ...body, ...channel } },
    {
      at: at + lengthMs,
      event: "hangup",
      body: { ...body, CallStatus: "2", Extensions: [extension] },
    },
  ];
};

export const lineOf = ({ at, event, body }: Posted): string =>
  encodeRecord({ kind: "AST", at, event, uniqueId: idOf(body), body });

const idOf = (body: EventBody): string => String(body["UniqueId"] ?? body["Uniqueid"] ?? "");

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Writes events, by the time they came, into the files of their days; the last day is the running one. */
export const writeDays = (dir: string, events: readonly Posted[], today: number): void => {
  const folder = join(dir, ENTERPRISE);
  mkdirSync(folder, { recursive: true });
  const sorted = events.toSorted((a, b) => a.at - b.at);
  for (const [date, own] of Map.groupBy(sorted, ({ at }) => dateOf(at))) {
    const name = date === dateOf(today) ? "events.log" : `events.log.${date}`;
    writeFileSync(join(folder, name), `${own.map(lineOf).join("\n")}\n`);
  }
};

export const appendEvents = (dir: string, events: readonly Posted[], name = "events.log"): void => {
  const folder = join(dir, ENTERPRISE);
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, name), `${events.map(lineOf).join("\n")}\n`);
};

const rowOf = ({ call, records }: AssembledCall): FollowedRow => {
  const placing = records.find(
    (record) => record.kind === "AST" && /^(?:start|dial)$/.test(record.event) && record.uniqueId,
  );
  const { direction, status, phone, callerName, extensions, answeredBy } = call;
  const { startedAt, endedAt, waitMs, talkMs, totalMs } = call;
  return {
    uniqueId: placing?.uniqueId ?? call.uniqueIds[0] ?? "",
    startedAt: startedAt ?? 0,
    endedAt,
    direction,
    status,
    phone,
    callerName,
    extensions,
    answeredBy,
    waitMs,
    talkMs,
    totalMs,
    transfers: call.transfers.filter(({ completed }) => completed).length,
    isLost: call.isLost,
    followUp: null,
    returns: null,
  };
};

/** Every call of the files, newest first, each found by each of its ids. */
export const slowRows = async (dir: string, now: number): Promise<FollowedRow[]> => {
  const { find } = openTraceReader(dir);
  const folder = join(dir, ENTERPRISE);
  const ids = new Set<string>();
  for (const name of readdirSync(folder).filter((name) => !name.startsWith("."))) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      const decoded = decodeLine(line);
      if (!decoded.ok || decoded.value.kind !== "AST") continue;
      for (const id of callEvents([{ ...decoded.value, raw: line }])[0]?.ids ?? []) ids.add(id);
    }
  }
  const rows = new Map<string, FollowedRow>();
  for (const id of ids) {
    const found = await findCall((...asked) => find(ENTERPRISE, ...asked), id, {
      enterprise: ENTERPRISE,
      now,
      callTimeoutMs: CALL_TIMEOUT_MS,
    });
    if (found === undefined) continue;
    const row = rowOf(found);
    rows.set(`${row.startedAt} ${row.uniqueId}`, row);
  }
  return [...rows.values()].sort(
    (a, b) => b.startedAt - a.startedAt || (a.uniqueId < b.uniqueId ? 1 : -1),
  );
};

export const open = (dir: string, now: number | (() => number), more: object = {}) =>
  openHistory({
    dir,
    clock: { now: typeof now === "number" ? () => now : now },
    callTimeoutMs: CALL_TIMEOUT_MS,
    log: silentLog,
    minKeptBytes: 0,
    ...more,
  });

/** Every row, page by page. */
export const allRows = async (
  history: CallHistory,
  query = {},
  limit = 7,
  follow?: ListFollowRules,
): Promise<FollowedRow[]> => {
  const rows: FollowedRow[] = [];
  const rules = follow === undefined ? {} : { follow };
  for (let before: Parameters<CallHistory["calls"]>[2]["before"]; ; ) {
    const place = before === undefined ? {} : { before };
    const page = await history.calls(ENTERPRISE, query, { limit, ...place, ...rules });
    if (!page.isComplete) throw new Error("rows are missing");
    rows.push(...page.rows);
    if (page.next === undefined) return rows;
    before = page.next;
  }
};
