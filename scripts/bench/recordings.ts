// What a call's page pays for its recordings, by how the PBX files them. Every answer is compared with the file that was
// made for the call before it is timed.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AssembledCall } from "../../src/call/index.ts";
import { parseRecordingPattern } from "../../src/domain/recording-pattern.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { DAY_MS } from "../../src/lib/time.ts";
import { openRecordings, type Recordings } from "../../src/recordings/index.ts";
import { assembled, recordsOf } from "../../tests/support/calls.ts";
import { wavFile } from "../../tests/support/wav.ts";
import { longestStall } from "./figures.ts";
import { percentile, table } from "./machine.ts";

/** The last day of the trees. */
const LAST_DAY = Date.UTC(2025, 10, 30);
const CALLS_A_DAY = 1000;

type Layout = {
  readonly name: string;
  readonly files: number;
  readonly pathOf: (at: number, id: string) => string;
};

const two = (number: number): string => String(number).padStart(2, "0");
const day = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll("-", "/");

const idOf = (index: number): string => `${Math.floor(momentOf(index) / 1000)}.${index}`;
/** The newest first. */
const momentOf = (index: number): number =>
  LAST_DAY -
  Math.floor(index / CALLS_A_DAY) * DAY_MS +
  (index % CALLS_A_DAY) * Math.floor(DAY_MS / CALLS_A_DAY);

const make = (folder: string, { files, pathOf }: Layout): void => {
  const sound = wavFile({ seconds: 0.01 });
  const made = new Set<string>();
  for (let index = 0; index < files; index++) {
    const path = join(folder, pathOf(momentOf(index), idOf(index)));
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    writeFileSync(path, sound);
  }
};

const callOf = async (index: number): Promise<AssembledCall> => {
  const id = idOf(index);
  const at = momentOf(index) / 1000;
  const rows = recordsOf([
    [0, "start", id, { CallType: 0, Phone: "375291112233", Trunk: "mts", EventTime: at }],
    [9, "hangup", id, { CallStatus: 0, Phone: "375291112233", EventTime: at + 9 }],
  ]);
  const call = await assembled(rows, id);
  if (call === undefined) throw new Error("a call of the benchmark is none");
  return call;
};

/** @param call of that index; made beforehand, since only the look for its recordings is timed */
const check = async (
  recordings: Recordings,
  layout: Layout,
  index: number,
  call: AssembledCall,
): Promise<number> => {
  const begun = performance.now();
  const found = await recordings.find(call);
  const took = performance.now() - begun;
  const wanted = layout.pathOf(momentOf(index), idOf(index));
  const paths = found.map(({ place }) => place.path).join(" ");
  if (paths !== wanted) throw new Error(`wanted ${wanted}, found ${paths || "nothing"}`);
  return took;
};

const msOf = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/** Pages of today, before each of which a recording came. */
const ofToday = async (
  recordings: Recordings,
  folder: string,
  layout: Layout,
): Promise<number[]> => {
  const times: number[] = [];
  const call = await callOf(0);
  Bun.gc(true);
  for (let run = 0; run < 200; run++) {
    const came = `${Math.floor(momentOf(0) / 1000)}.${layout.files + run}`;
    writeFileSync(join(folder, layout.pathOf(momentOf(0), came)), "");
    times.push(await check(recordings, layout, 0, call));
  }
  return times;
};

const timesOf = async (
  recordings: Recordings,
  layout: Layout,
  indexOf: (run: number) => number,
): Promise<{ readonly times: number[]; readonly processor: number }> => {
  const indexes = Array.from({ length: 500 }, (_, run) => indexOf(run));
  const calls = await Promise.all(indexes.map(callOf));
  // What the benchmark itself left behind is not for the look to clear.
  Bun.gc(true);
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const [run, call] of calls.entries()) {
    times.push(await check(recordings, layout, indexes[run] ?? 0, call));
  }
  const { user, system } = process.cpuUsage(before);
  return { times, processor: (user + system) / 1000 / times.length };
};

const benchLayout = async (layout: Layout): Promise<readonly (string | number)[]> => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  try {
    make(folder, layout);
    const pattern = parseRecordingPattern("{uniqueId}");
    if (pattern === undefined) throw new Error("the default pattern is none");
    const ways = { folders: [folder], pattern, clock: systemClock, log: silentLog };
    const recordings = openRecordings(ways);
    const [newest, oldest] = [await callOf(0), await callOf(layout.files - 1)];
    Bun.gc(true);
    // The very first page comes while nothing is read, and the reading goes on around it.
    const isRead = recordings.follow();
    const first = await check(recordings, layout, 0, newest);
    let took = 0;
    const cpu = process.cpuUsage();
    const stall = await longestStall(async () => {
      took = await msOf(() => isRead);
    });
    const { user, system } = process.cpuUsage(cpu);
    const firstRead = await check(recordings, layout, layout.files - 1, oldest);
    const { times, processor } = await timesOf(
      recordings,
      layout,
      (run) => (run * 7919) % layout.files,
    );
    const { times: again } = await timesOf(recordings, layout, (run) => run % 40);
    const today = await ofToday(recordings, folder, layout);
    const kept = recordings.bytes();
    await recordings.close();
    return [
      layout.name,
      layout.files,
      first.toFixed(1),
      firstRead.toFixed(1),
      percentile(times, 0.5).toFixed(1),
      percentile(times, 0.99).toFixed(1),
      processor.toFixed(1),
      percentile(again, 0.99).toFixed(1),
      percentile(today, 0.99).toFixed(1),
      `${(took / 1000).toFixed(1)} (${((user + system) / 1e6).toFixed(1)})`,
      stall.toFixed(0),
      (kept / 1024 / 1024).toFixed(1),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Milliseconds for one call's recordings. */
export const benchRecordings = async (days = 300, inOneFolder = 50_000): Promise<string> => {
  const freePbx = (at: number, id: string): string =>
    `${day(at)}/in-375172001122-375291112233-20251130-101500-${id}.wav`;
  const layouts: Layout[] = [
    { name: "a folder a day (FreePBX)", files: days * CALLS_A_DAY, pathOf: freePbx },
    {
      name: "a folder an hour (MikoPBX)",
      files: days * CALLS_A_DAY,
      pathOf: (at, id) =>
        `mikopbx/${day(at)}/${two(new Date(at).getUTCHours())}/mikopbx-${id}_Tq8fWz.wav`,
    },
    { name: "one folder", files: inOneFolder, pathOf: (_, id) => `${id}.wav` },
  ];
  const rows: (readonly (string | number)[])[] = [];
  for (const layout of layouts) rows.push(await benchLayout(layout));
  return table(
    [
      "how they lie",
      "files",
      "very first page, nothing read",
      "first page, all read",
      "a day's first, p50",
      "a day's first, p99",
      "processor time of it",
      "seen again, p99",
      "today, while files come, p99",
      "seconds to read all (of processor)",
      "longest stall meanwhile",
      "MiB kept",
    ],
    rows,
  );
};
