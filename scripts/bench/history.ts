// The list of recent calls over 15 files of 100 MB: what a page waits for without anything prepared, in a new process
// that finds the lists beside the days, and in one that runs. Each state is measured in a process of its own; every
// answer is compared with what the tree was made of.

import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallQuery } from "../../src/call/list/index.ts";
import { dayOf } from "../../src/store/format/stamp.ts";
import { longestStall } from "./figures.ts";
import { openLists } from "./lists.ts";
import { percentile, table } from "./machine.ts";
import { makeTree } from "./trees.ts";

const ENTERPRISE = "0367";
const LIMIT = 50;
const DAY_MS = 86_400_000;

type Told = {
  readonly times: Readonly<Record<string, number[]>>;
  readonly notes: Readonly<Record<string, number>>;
};

const rssMb = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

/** One process's measurements; `runs` of each question. */
const measure = async (
  dir: string,
  state: "nothing" | "kept",
  today: number,
  days: number,
  runs: number,
): Promise<Told> => {
  const { trace, history } = openLists(dir, today);
  const times: Record<string, number[]> = {};
  const notes: Record<string, number> = { "RSS before, MiB": rssMb() };
  const ask = async (name: string, query: CallQuery, expected: number): Promise<void> => {
    const began = performance.now();
    const page = await history.calls(ENTERPRISE, query, { limit: LIMIT });
    const took = performance.now() - began;
    if (page.rows.length !== expected) {
      throw new Error(`${name}: ${page.rows.length} rows, expected ${expected}`);
    }
    times[name] = [...(times[name] ?? []), took];
  };
  await ask("first page", {}, LIMIT);
  notes["RSS after the first page, MiB"] = rssMb();
  if (state === "nothing") {
    // Asked again at once, while everything else is being read.
    const began = performance.now();
    let finished = 0;
    const slow: number[] = [];
    const stall = await longestStall(async () => {
      const idle = history.idle().then(() => {
        finished = performance.now();
      });
      while (finished === 0) {
        const asked = performance.now();
        await history.calls(ENTERPRISE, {}, { limit: LIMIT });
        slow.push(performance.now() - asked);
        await Promise.race([idle, Bun.sleep(500)]);
      }
    });
    times["first page, while days are read"] = slow;
    notes["all days read, s"] = Math.round((finished - began) / 100) / 10;
    notes["longest stall meanwhile, ms"] = Math.round(stall * 10) / 10;
    notes["RSS after reading, MiB"] = rssMb();
  }
  await ask("search that finds nothing, first", { number: "999000111222" }, 0);
  for (let run = 0; run < runs; run += 1) {
    await ask("first page, again", {}, LIMIT);
    await ask("part of a number", { number: "+375 (29) 53" }, LIMIT);
    await ask("extension", { extension: "151" }, LIMIT);
    await ask("missed, incoming (none)", { statuses: ["missed"], directions: ["incoming"] }, 0);
    await ask("search that finds nothing", { number: "999000111222" }, 0);
    const oldest = (today - days + 2) * DAY_MS;
    await ask("a day long ago", { from: oldest, to: oldest + DAY_MS }, LIMIT);
    const began = performance.now();
    const summary = await history.summary(ENTERPRISE, today * DAY_MS, (today + 1) * DAY_MS);
    const took = performance.now() - began;
    if (!summary.isComplete || summary.calls < 100) throw new Error("the summary lacks calls");
    times["summary of today"] = [...(times["summary of today"] ?? []), took];
  }
  notes["RSS in the end, MiB"] = rssMb();
  const closing = performance.now();
  await history.close();
  notes["close, ms"] = Math.round(performance.now() - closing);
  await trace.close();
  return { times, notes };
};

const inProcess = async (
  dir: string,
  state: string,
  today: number,
  days: number,
): Promise<Told> => {
  const child = Bun.spawn(
    [process.execPath, import.meta.path, dir, state, String(today), String(days)],
    {
      stdout: "pipe",
      stderr: "inherit",
    },
  );
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`cannot measure the state "${state}"`);
  return JSON.parse(text) as Told;
};

const forget = (dir: string): void => {
  for (const name of readdirSync(join(dir, ENTERPRISE))) {
    const of = `of=${join(dir, ENTERPRISE, name)}`;
    Bun.spawnSync(["dd", of, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]);
  }
};

/** Measures the list in each state. */
export const benchHistory = async (files = 15, megabytes = 100): Promise<string> => {
  const root = join(process.env["BENCH_DIR"] ?? tmpdir(), `calllog-bench-history-${process.pid}`);
  mkdirSync(root, { recursive: true });
  try {
    const dir = join(root, "call_tracer");
    const today = dayOf(Date.now());
    makeTree(dir, files, megabytes, today);
    forget(dir);
    const nothing = await inProcess(dir, "nothing", today, files);
    const sides = readdirSync(join(dir, ENTERPRISE)).filter((name) => name.endsWith(".calls"));
    const sideBytes = sides.reduce(
      (sum, name) => sum + Bun.file(join(dir, ENTERPRISE, name)).size,
      0,
    );
    forget(dir);
    const kept = await inProcess(dir, "kept", today, files);
    const rows = [...new Set([...Object.keys(nothing.times), ...Object.keys(kept.times)])].map(
      (name) => {
        const cell = (told: Told): string => {
          const own = told.times[name];
          if (own === undefined) return "-";
          const most = Math.max(...own).toFixed(1);
          return own.length === 1 ? most : `${percentile(own, 0.5).toFixed(1)} (most ${most})`;
        };
        return [name, cell(nothing), cell(kept)];
      },
    );
    const notes = [
      ...Object.entries(nothing.notes).map(([name, value]) => `nothing read yet: ${name} ${value}`),
      ...Object.entries(kept.notes).map(([name, value]) => `lists on the disk: ${name} ${value}`),
      `${sides.length} lists, ${(sideBytes / 1e6 / sides.length).toFixed(1)} MB each`,
    ];
    const head = [
      `ms; ${files} × ${megabytes} MB`,
      "nothing read yet",
      "new process, lists on the disk",
    ];
    return `${table(head, rows)}\n\n${notes.map((note) => `- ${note}`).join("\n")}`;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const [dir = "", state = "", today = "", days = ""] = process.argv.slice(2);
  const told = await measure(
    dir,
    state === "kept" ? "kept" : "nothing",
    Number(today),
    Number(days),
    20,
  );
  console.log(JSON.stringify(told));
}
