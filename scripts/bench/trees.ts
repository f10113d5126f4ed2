// A trace to search: finished days and a running one, of a given size each, filled with calls as senders post them.

import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
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
