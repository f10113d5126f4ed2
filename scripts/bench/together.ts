// Events at a steady 1000 a second while calls are looked up without pause in the same process: how long does an
// event wait for its answer, and a reader for a call?

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dayOf } from "../../src/store/format/stamp.ts";
import { percentile, table } from "./machine.ts";
import { startServers } from "./servers.ts";
import { callOf, makeTree } from "./trees.ts";

const body = (id: string): string =>
  JSON.stringify({
    Token: "375290000001",
    UniqueId: id,
    Phone: "375291112233",
    Extensions: ["151"],
    CallStatus: "2",
    Linkedid: id,
    Pad: "x".repeat(440),
  });

/** Posts at a steady rate, whatever the answers do, and gives the waiting times in milliseconds. */
const post = async (port: number, perSecond: number, seconds: number): Promise<number[]> => {
  const times: number[] = [];
  const underWay: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < perSecond * seconds; ) {
    const due = Math.min(
      perSecond * seconds,
      Math.floor(((performance.now() - began) / 1000) * perSecond),
    );
    for (; sent < due; sent += 1) {
      const at = performance.now();
      const answer = fetch(`http://127.0.0.1:${port}/hangup`, {
        method: "POST",
        body: body(`1764400000.${sent}`),
      });
      underWay.push(
        answer.then(async (response) => {
          await response.arrayBuffer();
          if (response.status !== 200) throw new Error(`an event was answered ${response.status}`);
          times.push(performance.now() - at);
        }),
      );
    }
    await Bun.sleep(1);
  }
  await Promise.all(underWay);
  return times;
};

const describeTimes = (times: readonly number[]): string[] =>
  [0.5, 0.99, 1].map((share) => percentile(times, share).toFixed(1));

/** Measures events alone, lookups alone, and both at once. */
export const benchTogether = async (files = 15, megabytes = 100, seconds = 10): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  const tree = makeTree(join(root, "call_tracer"), files, megabytes, dayOf(Date.now()));
  const server = await startServers("engine-written", tree.dir);
  const rows: string[][] = [];
  const lookUp = async (isWanted: () => boolean): Promise<number[]> => {
    const times: number[] = [];
    while (isWanted()) {
      const day = tree.days[Math.floor(Math.random() * tree.days.length)] ?? 0;
      const id = callOf(tree, day, Math.floor(Math.random() * tree.calls));
      const at = performance.now();
      const found = await (await fetch(`http://127.0.0.1:${server.port}/find/${id}`)).text();
      if (found !== "7") throw new Error(`a call of 7 records was found with ${found}`);
      times.push(performance.now() - at);
    }
    return times;
  };
  try {
    await post(server.port, 1000, 2);
    rows.push(["events alone", ...describeTimes(await post(server.port, 1000, seconds)), "", ""]);
    const first = performance.now();
    await fetch(`http://127.0.0.1:${server.port}/find/1764400000.999999999`);
    const scanMs = performance.now() - first;
    let isOn = true;
    const scanning = lookUp(() => isOn);
    const whileScanning = await post(server.port, 1000, 3);
    isOn = false;
    const scans = await scanning;
    rows.push([
      "no index yet: scans, and indexes are made",
      ...describeTimes(whileScanning),
      ...describeTimes(scans).slice(0, 2),
    ]);
    await fetch(`http://127.0.0.1:${server.port}/indexed`);
    isOn = true;
    const looking = lookUp(() => isOn);
    const withLookups = await post(server.port, 1000, seconds);
    isOn = false;
    const lookups = await looking;
    rows.push([
      `${Math.round(lookups.length / seconds)} whole calls/s looked up by index`,
      ...describeTimes(withLookups),
      ...describeTimes(lookups).slice(0, 2),
    ]);
    const head = ["1000 events/s and …", "event p50 ms", "p99", "max", "lookup p50 ms", "p99"];
    return `${table(head, rows)}\n\n- The first lookup on that tree, without any index: ${scanMs.toFixed(0)} ms.\n- RSS of the server at the end: ${Math.round(server.rssMb())} MiB.`;
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
};
