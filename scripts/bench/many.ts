// A thousand enterprises, 200 events a second spread over them, through a midnight: waiting times, descriptors, memory.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTraceStore } from "../../src/store/index.ts";
import { percentile, table } from "./machine.ts";

const ENTERPRISES = 1000;
const PER_SECOND = 200;

/** Measures some seconds before and some after a midnight. */
export const benchMany = async (seconds = 10): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  let offsetMs = 0;
  const clock = { now: () => Date.now() + offsetMs };
  const store = openTraceStore({ dir: join(root, "call_tracer"), clock });
  const rows: (string | number)[][] = [];
  const event = (count: number) =>
    ({
      kind: "AST",
      event: "hangup",
      uniqueId: `1764400000.${count}`,
      body: { Phone: "375291112233", Pad: "x".repeat(500) },
    }) as const;
  const run = async (name: string): Promise<void> => {
    const times: number[] = [];
    const underWay: Promise<void>[] = [];
    const began = performance.now();
    let descriptors = 0;
    for (let sent = 0; sent < PER_SECOND * seconds; ) {
      const due = Math.min(
        PER_SECOND * seconds,
        Math.floor(((performance.now() - began) / 1000) * PER_SECOND),
      );
      for (; sent < due; sent += 1) {
        const at = performance.now();
        const append = store.append(`e${(sent * 7) % ENTERPRISES}`, event(sent));
        underWay.push(append.then(() => void times.push(performance.now() - at)));
      }
      if (sent % 100 === 0)
        descriptors = Math.max(descriptors, readdirSync("/proc/self/fd").length);
      await Bun.sleep(1);
    }
    await Promise.all(underWay);
    const rss = Math.round(process.memoryUsage.rss() / 2 ** 20);
    rows.push([
      name,
      percentile(times, 0.5).toFixed(2),
      percentile(times, 0.99).toFixed(2),
      percentile(times, 1).toFixed(1),
      descriptors,
      rss,
    ]);
  };
  try {
    await Promise.all(
      Array.from({ length: ENTERPRISES }, (_, index) => store.append(`e${index}`, event(index))),
    );
    await run("a day");
    offsetMs = 86_400_000;
    await run("after midnight: each first event finishes a day");
    return table(
      [
        `${ENTERPRISES} enterprises, ${PER_SECOND} events/s`,
        "p50 ms",
        "p99",
        "max",
        "descriptors",
        "RSS MiB",
      ],
      rows,
    );
  } finally {
    await store.close();
    rmSync(root, { recursive: true, force: true });
  }
};
