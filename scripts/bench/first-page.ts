// The first page of an old call, opened in a service that has just been started over a folder without indexes: the whole call,
// in a plain folder and in one of sample calls, where it is a transfer of many ids; beside one pass of `rg -F -j1` for its id
// over the same files, in the same run. Checked: the page has every record of the call.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCall } from "../../src/call/index.ts";
import { rebase, scenarios } from "../../src/scenarios/index.ts";
import { dayOf } from "../../src/store/format/stamp.ts";
import { openTraceReader } from "../../src/store/index.ts";
import { addEnterprise, startBinary } from "../../tests/support/binary.ts";
import { isInstalled, percentile, table } from "./machine.ts";
import { callOf, makeTree, makeVariedTree, type Tree } from "./trees.ts";

const ENTERPRISE = "0367";
const SECRET = "0123456789abcdef0123456789abcdef";
const CALL_TIMEOUT_MS = 4 * 3_600_000;
const DAY_MS = 86_400_000;
const RUNS = 5;
const TARGET = 10;

/** A call that was transferred, in the middle day of a varied tree. */
const transferIn = ({ days, calls }: Tree): string => {
  const samples = scenarios().filter(({ events }) => events.length > 0);
  const index = samples.findIndex(({ name }) => name === "field_transfer_attended");
  const call = Math.floor(calls / samples.length / 2) * samples.length + index;
  const place = Math.floor(days.length / 2);
  const day = days[place] ?? 0;
  const now = day * DAY_MS + Math.floor((call / calls) * (DAY_MS - 1_800_000)) + 1000;
  const events = rebase(samples[index]?.events ?? [], {
    now,
    uniqueSeed: (place + 1) * calls + call,
  });
  const ids = events.map(({ body }) => body["UniqueId"]).filter((id) => typeof id === "string");
  return ids.find((id) => id !== "") ?? "";
};

const times = async (runs: number, work: () => Promise<void> | void): Promise<number> => {
  const all: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    await work();
    all.push(performance.now() - began);
  }
  return percentile(all, 0.5);
};

const measure = async (
  name: string,
  { root, tree, id }: { readonly root: string; readonly tree: Tree; readonly id: string },
): Promise<(string | number)[]> => {
  const folder = join(tree.dir, ENTERPRISE);
  const paths = readdirSync(folder)
    .filter((file) => file.startsWith("events.log"))
    .map((file) => join(folder, file));
  const tool = isInstalled("rg") ? ["rg", "-F", "-j1"] : ["grep", "-aF"];
  const search = () => void Bun.spawnSync([...tool, id, ...paths], { stdout: "ignore" });
  search();
  const peer = await times(RUNS, search);
  const reader = openTraceReader(tree.dir);
  const look = () =>
    findCall((...asked) => reader.find(ENTERPRISE, ...asked), id, {
      enterprise: ENTERPRISE,
      now: Date.now(),
      callTimeoutMs: CALL_TIMEOUT_MS,
    });
  const records = (await look())?.records.length ?? 0;
  if (records < 5) throw new Error(`${name}: ${records} records of ${id}`);
  const found = await times(RUNS, async () => void (await look()));
  const pages: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    for (const file of readdirSync(folder))
      if (file.startsWith(".")) rmSync(join(folder, file), { force: true });
    await using server = await startBinary(["--retention-days", "60"], { cwd: root });
    const began = performance.now();
    const url = `${server.pagesUrl}/call/${ENTERPRISE}/${id}?token=${SECRET}`;
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    const html = await answer.text();
    pages.push(performance.now() - began);
    const shown = html.split('<li class="record').length - 1;
    if (answer.status !== 200 || (shown > 0 && shown !== records))
      throw new Error(`${name}: ${answer.status}, ${shown} of ${records} records`);
    await server.stop("SIGKILL");
  }
  const page = percentile(pages, 0.5);
  return [
    name,
    records,
    peer.toFixed(0),
    found.toFixed(0),
    page.toFixed(0),
    (page / peer).toFixed(1),
    TARGET,
  ];
};

/** Measures both folders. */
export const benchFirstPage = async (files = 15, megabytes = 37): Promise<string> => {
  const today = dayOf(Date.now());
  const rows: (string | number)[][] = [];
  for (const [name, make] of [
    ["a plain call", makeTree],
    ["a transfer among sample calls", makeVariedTree],
  ] as const) {
    const root = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "calllog-first-page-"));
    try {
      const tree = make(join(root, "call_tracer"), files, megabytes, today);
      const middle = tree.days[Math.floor(files / 2)] ?? 0;
      const id = make === makeTree ? callOf(tree, middle, 1000) : transferIn(tree);
      await addEnterprise(
        { number: ENTERPRISE, webhookToken: "375290000001", secret: SECRET },
        { cwd: root },
      );
      rows.push(await measure(name, { root, tree, id }));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }
  const head = [
    "the first page of",
    "records",
    "rg -F -j1, ms",
    "look-up, ms",
    "page, ms",
    "page / rg",
    "target",
  ];
  return `${table(head, rows)}\n\n- ${files} files of ${megabytes} MB, no index at the start; medians.`;
};
