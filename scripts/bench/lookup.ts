// How long it takes to find a call in 15 files of 100 MB, against the tools an operator would use. Every answer is
// compared with a full filter before it is timed.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { idKey, recordKeys } from "../../src/domain/record.ts";
import { dayOf } from "../../src/store/format/stamp.ts";
import {
  decodeLine,
  openTraceReader,
  openTraceStore,
  type TraceStore,
} from "../../src/store/index.ts";
import { longestStall } from "./figures.ts";
import { isInstalled, percentile, table } from "./machine.ts";
import { callOf, makeTree, type Tree } from "./trees.ts";

type Way = {
  readonly name: string;
  readonly runs: number;
  readonly find: (id: string) => Promise<string[]>;
};

const filesOf = (tree: Tree): string[] =>
  readdirSync(join(tree.dir, "0367"))
    .filter((name) => name.startsWith("events.log"))
    .sort((a, b) => (a === "events.log" ? 1 : b === "events.log" ? -1 : a < b ? -1 : 1))
    .map((name) => join(tree.dir, "0367", name));

/** Takes the files out of the page cache, so that the next reader goes to the disk. */
const forget = (tree: Tree): void => {
  const folder = join(tree.dir, "0367");
  for (const name of readdirSync(folder)) {
    Bun.spawnSync([
      "dd",
      `of=${join(folder, name)}`,
      "oflag=nocache",
      "conv=notrunc,fdatasync",
      "count=0",
      "status=none",
    ]);
  }
};

const remember = (tree: Tree): void => {
  for (const path of readdirSync(join(tree.dir, "0367")))
    readFileSync(join(tree.dir, "0367", path));
};

const byStore =
  (store: Pick<TraceStore, "find">) =>
  async (id: string): Promise<string[]> =>
    (await store.find("0367", [idKey(id)])).records.map(({ raw }) => raw);

/** The whole call: what names its ids and bridges, until nothing new is named. */
const wholeCall =
  (store: Pick<TraceStore, "find">) =>
  async (id: string): Promise<string[]> => {
    const asked = new Set<string>();
    const lines = new Set<string>();
    for (let keys = [idKey(id)]; keys.length > 0; ) {
      for (const key of keys) asked.add(key);
      const { records } = await store.find("0367", keys);
      for (const { raw } of records) lines.add(raw);
      keys = [...new Set(records.flatMap(recordKeys))].filter((key) => !asked.has(key));
    }
    return [...lines];
  };

const byTool =
  (command: readonly string[], tree: Tree) =>
  async (id: string): Promise<string[]> => {
    const tool = Bun.spawn([...command, id, ...filesOf(tree)], { stdout: "pipe" });
    const text = await new Response(tool.stdout).text();
    await tool.exited;
    return text.split("\n").filter((line) => line !== "");
  };

const naive =
  (tree: Tree) =>
  async (id: string): Promise<string[]> =>
    filesOf(tree).flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => {
          if (!line.includes(id)) return false;
          const decoded = decodeLine(line);
          return decoded.ok && recordKeys(decoded.value).includes(idKey(id));
        }),
    );

const time = async (way: Way, id: string, before: () => void, runs: number): Promise<number> => {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    before();
    const began = performance.now();
    await way.find(id);
    times.push(performance.now() - began);
  }
  return percentile(times, 0.5);
};

/** Measures every way of finding a call. */
export const benchLookup = async (files = 15, megabytes = 100): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  const notes: string[] = [];
  try {
    const tree = makeTree(join(root, "call_tracer"), files, megabytes, dayOf(Date.now()));
    const store = openTraceStore({ dir: tree.dir });
    const scanning = openTraceReader(tree.dir);
    const middleDay = tree.days[Math.floor(files / 2)] ?? 0;
    const ids = {
      oldest: callOf(tree, tree.days[0] ?? 0, 0),
      middle: callOf(tree, middleDay, Math.floor(tree.calls / 2)),
      newest: callOf(tree, tree.days.at(-1) ?? 0, tree.calls - 1),
      missing: "1764400000.999999999",
    };
    const scanWay: Way = { name: "ours, scanning (no index)", runs: 5, find: byStore(scanning) };
    const rows: string[][] = [];
    const measure = async (way: Way, isChecked: boolean): Promise<void> => {
      const row = [way.name];
      for (const [place, id] of Object.entries(ids)) {
        if (isChecked) {
          const [expected, got] = [await naive(tree)(id), await way.find(id)];
          if (JSON.stringify(expected) !== JSON.stringify(got))
            throw new Error(`${way.name}: another answer for ${place}`);
        }
        remember(tree);
        await way.find(id);
        const warm = await time(way, id, () => undefined, way.runs);
        const cold = await time(way, id, () => forget(tree), 2);
        row.push(`${warm.toFixed(warm < 10 ? 2 : 0)} / ${cold.toFixed(cold < 10 ? 2 : 0)}`);
      }
      rows.push(row);
    };
    await measure(scanWay, true);
    remember(tree);
    const scanStall = await longestStall(() => scanning.find("0367", [idKey(ids.missing)]));
    notes.push(
      `While scanning all of it (${files * megabytes} MB) nothing else waited longer than ${scanStall.toFixed(1)} ms.`,
    );
    const began = performance.now();
    await store.find("0367", [idKey(ids.missing)]);
    const buildStall = await longestStall(() => store.indexed());
    notes.push(
      `Making all indexes in the background from nothing took ${((performance.now() - began) / 1000).toFixed(1)} s, ` +
        `in slices: nothing else waited longer than ${buildStall.toFixed(1)} ms.`,
    );
    const indexBytes = readdirSync(join(tree.dir, "0367"))
      .filter((name) => name.endsWith(".idx"))
      .reduce((sum, name) => sum + Bun.file(join(tree.dir, "0367", name)).size, 0);
    notes.push(
      `Indexes on the disk: ${(indexBytes / 1e6 / (files - 1)).toFixed(1)} MB for each file; RSS afterwards ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB.`,
    );
    await measure({ name: "ours, index", runs: 50, find: byStore(store) }, true);
    await measure(
      { name: "ours, index, the whole call (ids and bridges)", runs: 50, find: wholeCall(store) },
      false,
    );
    if (isInstalled("rg")) {
      await measure(
        { name: "`rg -F`", runs: 5, find: byTool(["rg", "-F", "-N", "-I"], tree) },
        false,
      );
      await measure(
        { name: "`rg -F -j1`", runs: 3, find: byTool(["rg", "-j1", "-F", "-N", "-I"], tree) },
        false,
      );
    } else notes.push("`rg` is not installed here: not compared.");
    await measure({ name: "`grep -hF`", runs: 3, find: byTool(["grep", "-hF"], tree) }, false);
    await measure(
      { name: "naive: every file read, split, decoded", runs: 1, find: naive(tree) },
      false,
    );
    await store.close();
    const head = [`ms, warm / cold; ${files} × ${megabytes} MB`, ...Object.keys(ids)];
    return `${table(head, rows)}\n\n${notes.map((note) => `- ${note}`).join("\n")}`;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
