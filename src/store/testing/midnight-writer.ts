// A process that writes events as fast as it is answered, on a clock that runs through a UTC day in a moment, until it
// is killed. It notes every acknowledged id with one write, so that what was promised is known after SIGKILL.
// Arguments: data folder, file for the acknowledgements, name of this process, start of the clock (epoch ms, real),
// virtual milliseconds a real one.

import { openSync, writeSync } from "node:fs";
import { eventIdKey } from "../../domain/record.ts";
import { openTraceStore } from "../index.ts";

const hangup = (uniqueId: string, body: Readonly<Record<string, unknown>>) =>
  ({ kind: "AST", event: "hangup", uniqueId, body }) as const;

const [dir = "", acks = "", name = "", began = "0", speed = "1"] = process.argv.slice(2);
const FIRST_DAY = Date.UTC(2025, 0, 1);
const clock = { now: () => Math.floor(FIRST_DAY + (Date.now() - Number(began)) * Number(speed)) };
const store = openTraceStore({ dir, clock, retentionDays: 100_000 });
const log = openSync(acks, "a");

const ENTERPRISES = ["0367", "0103"];
let count = 0;
const writeOn = async (lane: number): Promise<never> => {
  for (;;) {
    count += 1;
    const number = count;
    const id = `${name}-1764400000.${number}`;
    const enterprise = ENTERPRISES[number % ENTERPRISES.length] ?? "0367";
    const { at } = await store.append(enterprise, hangup(id, { Pad: "x".repeat(300 + lane * 20) }));
    writeSync(log, `${enterprise} ${id} ${at}\n`);
    if (number % 40 === 0) {
      // Both processes post the same event at about the same time; one of them may write it.
      const shared = `shared-${Math.floor((Date.now() - Number(began)) / 20)}`;
      await store.append("0367", hangup("1.1", { EventId: shared }), {
        onceKey: eventIdKey(shared),
      });
      writeSync(log, `once ${shared} 0\n`);
    }
  }
};
await Promise.all(Array.from({ length: 8 }, (_, lane) => writeOn(lane)));
