// A trace to search: finished days and a running one, of a given size each, filled with calls as senders post them.

import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { rebase, type ScenarioEvent, scenarios } from "../../src/scenarios/index.ts";
import { formatDay, formatStamp } from "../../src/store/format/stamp.ts";

const DAY_MS = 86_400_000;

/** The unique id of a call by its time of day. */
export const uniqueIdOf = (at: number, call: number): string => `${Math.floor(at / 1000)}.${call}`;

/** Seven records of one call, about 3.4 KB: two of them name it by its bridge alone. */
const linesOfCall = (at: number, call: number): string => {
  const id = uniqueIdOf(at, call);
  const bridge = `${(at % 4294967295).toString(16).padStart(8, "0")}-bede-4f37-886b-${String(call).padStart(12, "0")}`;
  const phone = `37529${String(1000000 + ((call * 7919) % 8999999))}`;
  const common = {
    Token: "375290000001",
    Phone: phone,
    CallType: 0,
    Trunk: "0001363",
    CallerIDName: "Иванов Иван",
    Pad: "x".repeat(220),
  };
  const ast = (ms: number, event: string, uniqueId: string, body: object): string =>
    `${formatStamp(at + ms)}|AST|${event}|${uniqueId}|${JSON.stringify({ ...common, UniqueId: uniqueId, ...body })}\n`;
  const inBridge = {
    BridgeUniqueid: bridge,
    Channel: `PJSIP/151-${call.toString(16).padStart(8, "0")}`,
  };
  return [
    ast(0, "start", id, {}),
    ast(1, "dial", id, { Extensions: ["150", "151"] }),
    ast(2, "bridge_create", "", { BridgeUniqueid: bridge }),
    ast(3, "bridge", id, inBridge),
    `${formatStamp(at + 4)}|TG|send|374573193|bridge|${call}|${id}|☎️151 📞➡️ 💰+${phone} Клиент: Иван Иванов\n`,
    ast(5, "bridge_leave", id, inBridge),
    ast(6, "hangup", id, { Extensions: ["151"], CallStatus: "2", Linkedid: id }),
  ].join("");
};

export type Tree = {
  readonly dir: string;
  readonly days: readonly number[];
  readonly calls: number;
};

/** Cards and requests of a call, as a service writes them beside its events. */
const linesBeside = (at: number, uniqueId: string, call: number): string =>
  [
    `HTTP|${uniqueId}|GET|http://localhost:8020/customer-name/0367/375296254070|200|{"phone":"375296254070"}|{"name":"Тестовый покупатель"}`,
    `HTTP|${uniqueId}|GET|http://localhost:8020/metadata/0367/manager/151|200||{"full_name":"Анна Сидорова","exists":true}`,
    `TG|send|374573193|dial|${call}|${uniqueId}|📞 Входящий звонок 💰+375 29 625 40 70 ➡️ ☎️151 Анна Сидорова`,
    `TG|delete|374573193|dial|${call}|${uniqueId}|`,
    `TG|send|374573193|hangup|${call + 1}|${uniqueId}|✅Успешный входящий звонок 💰+375 29 625 40 70 ⏱00:03 Говорили: ☎️151 Анна Сидорова`,
  ]
    .map((fields) => `${formatStamp(at)}|${fields}\n`)
    .join("");

const linesOfEvents = (events: readonly ScenarioEvent[], call: number): string => {
  const lines = events.map(({ at, event, body }) => {
    const id = typeof body["UniqueId"] === "string" ? body["UniqueId"] : "";
    return `${formatStamp(at)}|AST|${event}|${id}|${JSON.stringify(body)}\n`;
  });
  const placed = events.find(({ event }) => event === "start" || event === "dial");
  const id = placed?.body["UniqueId"];
  const at = events.at(-1)?.at ?? 0;
  return lines.join("") + (typeof id === "string" ? linesBeside(at, id, call) : "");
};

/**
 * Writes `files` days of about `megabytes` each, filled with the sample calls in turn as an agent and senders in the field
 * post them, with their cards and requests. Answers how many calls a day has at least.
 */
export const makeVariedTree = (
  dir: string,
  files: number,
  megabytes: number,
  today: number,
): Tree => {
  const folder = join(dir, "0367");
  mkdirSync(folder, { recursive: true });
  const samples = scenarios().filter(({ events }) => events.length > 0);
  const bytesOf = Buffer.byteLength(
    samples.map(({ events }, call) => linesOfEvents(events, call)).join(""),
  );
  const rounds = Math.max(1, Math.round((megabytes * 1e6) / bytesOf));
  const calls = rounds * samples.length;
  const days = Array.from({ length: files }, (_, index) => today - files + 1 + index);
  for (const day of days) {
    const name = day === today ? "events.log" : `events.log.${formatDay(day)}`;
    const fd = openSync(join(folder, name), "w");
    for (let round = 0; round < rounds; round += 1) {
      const text = samples.map(({ events }, index) => {
        const call = round * samples.length + index;
        const now = day * DAY_MS + Math.floor((call / calls) * (DAY_MS - 1_800_000)) + 1000;
        const uniqueSeed = (day - today + files) * calls + call;
        return linesOfEvents(rebase(events, { now, uniqueSeed }), call);
      });
      writeSync(fd, text.join(""));
    }
    fsyncSync(fd);
    closeSync(fd);
  }
  return { dir, days, calls };
};

/** Writes `files` days of about `megabytes` each; the last one is the running day, `today`. */
export const makeTree = (dir: string, files: number, megabytes: number, today: number): Tree => {
  const folder = join(dir, "0367");
  mkdirSync(folder, { recursive: true });
  const calls = Math.floor((megabytes * 1e6) / Buffer.byteLength(linesOfCall(today * DAY_MS, 0)));
  const step = Math.floor((DAY_MS - 60_000) / calls);
  const days = Array.from({ length: files }, (_, index) => today - files + 1 + index);
  for (const day of days) {
    const name = day === today ? "events.log" : `events.log.${formatDay(day)}`;
    const fd = openSync(join(folder, name), "w");
    for (let from = 0; from < calls; from += 500) {
      let text = "";
      for (let call = from; call < Math.min(calls, from + 500); call += 1)
        text += linesOfCall(day * DAY_MS + call * step, call);
      writeSync(fd, text);
    }
    // Else the disk is still busy with it while something is measured.
    fsyncSync(fd);
    closeSync(fd);
  }
  return { dir, days, calls };
};

/** The unique id of a tree's call. */
export const callOf = (tree: Tree, day: number, call: number): string => {
  const step = Math.floor((DAY_MS - 60_000) / tree.calls);
  return uniqueIdOf(day * DAY_MS + call * step, call);
};
