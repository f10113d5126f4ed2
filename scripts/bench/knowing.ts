// What it costs to know a folder for the first time: processor time until the indexes and day tables of every day are
// there, beside `JSON.parse` of all its lines in the same run. Each is measured in a process of its own. Checked: every
// call of the tree is in the tables, and calls of every day are found through the indexes.

import { mkdirSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { idKey } from "../../src/domain/record.ts";
import { dayOf } from "../../src/store/format/stamp.ts";
import { longestStall } from "./figures.ts";
import { openLists } from "./lists.ts";
import { table } from "./machine.ts";
import { makeTree, makeVariedTree, type Tree } from "./trees.ts";

const ENTERPRISE = "0367";
const DAY_MS = 86_400_000;
const NEWLINE = 10;

type Told = {
  readonly cpuS: number;
  readonly wallS: number;
  readonly stallMs: number;
  readonly beforeMb: number;
  readonly peakMb: number;
  readonly afterMb: number;
};

const rssMb = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);

/** The largest this process has been, in MiB. */
const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

const measured = async (work: () => Promise<void>): Promise<Told> => {
  Bun.gc(true);
  const beforeMb = rssMb();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const stallMs = await longestStall(work);
  const { user, system } = process.cpuUsage(cpu);
  const wallS = (performance.now() - began) / 1000;
  const peak = peakMb();
  Bun.gc(true);
  // The allocator gives pages back a moment after they are free.
  await Bun.sleep(1500);
  return { cpuS: (user + system) / 1e6, wallS, stallMs, beforeMb, peakMb: peak, afterMb: rssMb() };
};

/** The peer: every line is read, cut at its fields, and its JSON parsed once. */
const parseAll = async (dir: string): Promise<void> => {
  const folder = join(dir, ENTERPRISE);
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  let lines = 0;
  for (const name of readdirSync(folder).filter((file) => file.startsWith("events.log"))) {
    const fd = openSync(join(folder, name), "r");
    let filled = 0;
    for (;;) {
      const read = readSync(fd, buffer, filled, buffer.length - filled, null);
      filled += read;
      let start = 0;
      for (let end = buffer.indexOf(NEWLINE, start); end >= 0 && end < filled; ) {
        const line = buffer.toString("utf8", start, end);
        const json = line.indexOf("{");
        if (json >= 0 && line.startsWith("|AST|", 23)) JSON.parse(line.slice(json));
        lines += 1;
        start = end + 1;
        end = buffer.indexOf(NEWLINE, start);
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
      if (read === 0) break;
    }
    await Bun.sleep(0);
  }
  if (lines === 0) throw new Error("the tree has no lines");
};

const know = async (dir: string, { calls, days }: Tree): Promise<Told> => {
  const today = days.at(-1) ?? 0;
  const { trace, history } = openLists(dir, today);
  const told = await measured(async () => {
    await trace.find(ENTERPRISE, [idKey("no-such-call.1")]);
    await history.calls(ENTERPRISE, {}, { limit: 50 });
    await history.idle();
    await trace.indexed();
  });
  for (const [index, day] of days.entries()) {
    const { rows, isComplete } = await history.calls(
      ENTERPRISE,
      { from: day * DAY_MS, to: (day + 1) * DAY_MS },
      { limit: calls + 1 },
    );
    // Of the varied days some calls are service calls, which lists leave out.
    if (!isComplete || rows.length < calls * 0.9 || rows.length > calls * 1.1)
      throw new Error(`day ${index}: ${rows.length} calls in the table, ${calls} in the file`);
    const [row] = rows;
    const { records } = await trace.find(ENTERPRISE, [idKey(row?.uniqueId ?? "")]);
    if (records.length < 2) throw new Error(`day ${index}: ${records.length} records of a call`);
  }
  const sides = readdirSync(join(dir, ENTERPRISE));
  const made = sides.filter((name) => /\.(?:calls|idx|index)$/.test(name)).length;
  if (made < 2 * (days.length - 1)) throw new Error(`${made} side files: ${sides.join(" ")}`);
  await history.close();
  await trace.close();
  return told;
};

const inProcess = async (what: "parse" | "know", tree: Tree): Promise<Told> => {
  const child = Bun.spawn([process.execPath, import.meta.path, what, JSON.stringify(tree)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`cannot measure "${what}"`);
  return JSON.parse(text) as Told;
};

const compared = async (tree: Tree, what: string): Promise<string> => {
  const parse = await inProcess("parse", tree);
  const known = await inProcess("know", tree);
  const rows = [
    ["processor time, s", parse.cpuS.toFixed(1), known.cpuS.toFixed(1), ""],
    ["ratio", "1", (known.cpuS / parse.cpuS).toFixed(1), "5"],
    ["longest stall, ms", "-", known.stallMs.toFixed(1), "10"],
    ["RSS before, MiB", parse.beforeMb, known.beforeMb, ""],
    ["RSS at most, MiB", parse.peakMb, known.peakMb, "250"],
    ["RSS after, MiB", parse.afterMb, known.afterMb, "120"],
    ["by the clock, s", parse.wallS.toFixed(1), known.wallS.toFixed(1), ""],
  ];
  return table([what, "JSON.parse", "known", "target"], rows);
};

/** Measures both over calls of one kind, and over the sample calls with their cards and requests. */
export const benchKnowing = async (files = 15, megabytes = 37): Promise<string> => {
  const today = dayOf(Date.now());
  const tables: string[] = [];
  for (const [kind, make] of [
    ["plain calls", makeTree],
    ["sample calls", makeVariedTree],
  ] as const) {
    const root = join(process.env["BENCH_DIR"] ?? tmpdir(), `calllog-bench-knowing-${process.pid}`);
    mkdirSync(root, { recursive: true });
    try {
      const tree = make(join(root, "call_tracer"), files, megabytes, today);
      tables.push(await compared(tree, `${kind}, ${files} × ${megabytes} MB`));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
  return tables.join("\n\n");
};

if (import.meta.main) {
  const [what = "", text = ""] = process.argv.slice(2);
  const tree = JSON.parse(text) as Tree;
  const told =
    what === "parse" ? await measured(() => parseAll(tree.dir)) : await know(tree.dir, tree);
  console.log(JSON.stringify(told));
}
