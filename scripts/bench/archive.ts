// Days that are in the archive alone, 30 ms a round trip away: calls opened, the list over a year of days, and what days
// weigh there. Whoever is measured is a process of its own; the store, which counts its requests, is this one.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCall } from "../../src/call/index.ts";
import { openHistory } from "../../src/call/list/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { formatDay, formatStamp } from "../../src/store/format/stamp.ts";
import {
  type Archive,
  ArchiveKeeper,
  openArchive,
  openTraceReader,
  openTraceStore,
} from "../../src/store/index.ts";
import { longestChain, type S3Server, startS3 } from "../../tests/support/s3-server.ts";
import { type PlacedCalls, placeCalls } from "./archived-calls.ts";
import { percentile, table } from "./machine.ts";
import { makeVariedTree } from "./trees.ts";

const ENTERPRISE = "0367";
const DAY_MS = 86_400_000;
const CALL_TIMEOUT_MS = 4 * 3_600_000;
const ROUND_TRIP_MS = 30;
/** UTC, in days since the epoch; what is measured does not depend on it. */
const TODAY = 20_400;
const NOW = TODAY * DAY_MS + 3_600_000;
const clock = { now: (): number => NOW };
const MANY_IDS = 8;
/** Calls opened of each kind, and pages of each kind. */
const OPENINGS = 25;
const PAGES = 4;
const TARGET_OPENING_MS = 300;
const TARGET_LIST_MS = 500;
const FOLLOW = { windowMs: 72 * 3_600_000, minWaitMs: 0, country: undefined };

const archiveIn = (dir: string, env: Readonly<Record<string, string | undefined>>): Archive =>
  openArchive({ dir, address: { kind: "s3", bucket: "calls", prefix: "p" }, env, clock });

/** Brings every finished day into the archive and lets them go from here. */
const upload = async (dir: string, env: S3Server["env"]): Promise<void> => {
  const archive = archiveIn(dir, env);
  const store = openTraceStore({ dir, clock, archive });
  const history = openHistory({ dir, clock, callTimeoutMs: CALL_TIMEOUT_MS, log: silentLog });
  const state = await new ArchiveKeeper({
    dir,
    store: archive.store,
    ledger: archive.ledger,
    forget: async () => undefined,
    headOf: async (enterprise, name) => (await archive.objects.head({ enterprise, name }))?.head,
    tableOf: (enterprise, name) => history.tableOf(enterprise, name),
    clock,
    retentionDays: 14,
    archiveDays: 0,
    sweep: () => store.sweep(),
  }).pass();
  await history.close();
  await store.close();
  if (state.failure !== undefined || state.waitingDays + state.keptBeyond > 0)
    throw new Error(`the days are not in the archive: ${JSON.stringify(state)}`);
};

/** What the process that is measured is asked for, and what it answers. */
type Question =
  | { readonly kind: "open"; readonly id: string; readonly isAnew: boolean }
  | { readonly kind: "list"; readonly number?: string; readonly isAnew: boolean };
type Answer = {
  readonly ms: number;
  /** Of the processor. */
  readonly cpuMs: number;
  readonly found: number;
  readonly peakMiB: number;
};

const peakMiB = (): number => {
  const [, kib = "0"] = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Math.round(Number(kib) / 1024);
};

/** A folder that knows which days are archived, and nothing else of them. */
const knowingOnly = (dir: string, name: string): string => {
  const other = join(dir, "..", name);
  rmSync(other, { recursive: true, force: true });
  mkdirSync(join(other, ".archive"), { recursive: true });
  for (const file of [`${ENTERPRISE}.json`, "complete"])
    cpSync(join(dir, ".archive", file), join(other, ".archive", file));
  return other;
};

/** Answers what the parent asks: the process that is measured. */
const serveQuestions = (dir: string): void => {
  let archive: Archive | undefined;
  let history: ReturnType<typeof openHistory> | undefined;
  const options = { enterprise: ENTERPRISE, now: NOW, callTimeoutMs: CALL_TIMEOUT_MS };
  const answer = async (question: Question): Promise<Answer> => {
    if (archive === undefined || question.isAnew) {
      await history?.close();
      archive = archiveIn(knowingOnly(dir, "anew"), process.env);
      history = openHistory({
        dir,
        clock,
        callTimeoutMs: CALL_TIMEOUT_MS,
        log: silentLog,
        archive,
      });
    }
    const reader = openTraceReader(dir, archive);
    const cpu = process.cpuUsage();
    const began = performance.now();
    let found = 0;
    if (question.kind === "open") {
      const call = await findCall((keys) => reader.find(ENTERPRISE, keys), question.id, options);
      found = call?.records.length ?? 0;
    } else {
      const { number } = question;
      const query = number === undefined ? {} : { number };
      const page = { limit: 50, follow: FOLLOW };
      found = (await history?.calls(ENTERPRISE, query, page))?.rows.length ?? 0;
    }
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    return { ms, cpuMs: (user + system) / 1000, found, peakMiB: peakMiB() };
  };
  process.on("message", (question: Question) => {
    void answer(question).then((answered) => process.send?.(answered));
  });
  process.send?.("ready");
};

type Measured = Answer & {
  readonly requests: number;
  readonly rounds: number;
  readonly kib: number;
};
type Asking = (question: Question) => Promise<Measured>;

/** Runs `work` with a process that is asked about the archived days of a folder. */
const withProcess = async <T>(
  dir: string,
  server: S3Server,
  work: (ask: Asking) => Promise<T>,
): Promise<T> => {
  let next = Promise.withResolvers<unknown>();
  const child = Bun.spawn([process.execPath, import.meta.path, dir], {
    env: { ...process.env, ...server.env },
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (message) => next.resolve(message),
    onExit: () => next.reject(new Error("the process that is measured ended")),
  });
  try {
    await next.promise;
    return await work(async (question) => {
      next = Promise.withResolvers();
      server.requests.length = 0;
      child.send(question);
      const answer = (await next.promise) as Answer;
      const { requests } = server;
      const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
      return {
        ...answer,
        requests: requests.length,
        rounds: longestChain(requests),
        kib: bytes / 1024,
      };
    });
  } finally {
    next.promise.catch(() => undefined);
    child.kill();
    await child.exited;
  }
};

const rowOf = (name: string, runs: readonly Measured[], target: number): (string | number)[] => {
  const of = (key: keyof Measured): number[] => runs.map((run) => run[key]);
  return [
    name,
    runs.length,
    `${Math.max(...of("requests"))}`,
    `${Math.max(...of("rounds"))}`,
    Math.max(...of("kib")).toFixed(0),
    percentile(of("ms"), 0.5).toFixed(0),
    percentile(of("ms"), 0.99).toFixed(0),
    target,
    percentile(of("cpuMs"), 0.5).toFixed(0),
  ];
};

/** Unique ids of calls of a day, some of them of many legs, each with the number of its records. */
const sampleOf = async (dir: string, day: number, count: number) => {
  const text = readFileSync(join(dir, ENTERPRISE, `events.log.${formatDay(day)}`), "utf8");
  const ids = [
    ...new Set([...text.matchAll(/\|hangup\|(\d{10}\.\d+)\|/g)].map(([, id]) => id ?? "")),
  ];
  // A store would let go of days as old as that.
  const store = openTraceReader(dir);
  const options = { enterprise: ENTERPRISE, now: NOW, callTimeoutMs: CALL_TIMEOUT_MS };
  const any: string[] = [];
  const many: string[] = [];
  const expected = new Map<string, number>();
  const know = async (id: string): Promise<number> => {
    const found = await findCall((keys) => store.find(ENTERPRISE, keys), id, options);
    expected.set(id, found?.records.length ?? 0);
    return found?.call.uniqueIds.length ?? 0;
  };
  // Not in step with the round of the sample calls that a tree is made of.
  const step = Math.max(1, Math.floor(ids.length / 500)) | 1;
  for (let at = 0; at < ids.length && (any.length < count || many.length < count); at += step) {
    const id = ids[at] ?? "";
    const legs = await know(id);
    if (legs >= MANY_IDS && many.length < count) many.push(id);
    else if (any.length < count) any.push(id);
  }
  return { any, many, expected, know };
};

const sizes = (server: S3Server, lines: number): string => {
  const ofKind = (kind: string): number =>
    [...server.objects].reduce(
      (sum, [key, bytes]) => sum + (key.endsWith(kind) ? bytes.length : 0),
      0,
    );
  const [zst, idx, calls] = [".zst", ".idx", ".calls"].map(ofKind);
  const all = (zst ?? 0) + (idx ?? 0) + (calls ?? 0);
  const days = [...server.objects.keys()].filter((key) => key.endsWith(".idx")).length;
  const mb = (bytes = 0): string => (bytes / 1e6).toFixed(2);
  return table(
    ["days", "MB of lines", "lines packed, MB", "index", "table", "all", "of 100 MB (target 8)"],
    [[days, mb(lines), mb(zst), mb(idx), mb(calls), mb(all), ((all / lines) * 100).toFixed(2)]],
  );
};

const linesIn = (dir: string): number =>
  readdirSync(join(dir, ENTERPRISE))
    .filter((name) => /^events\.log\.\d{4}-\d\d-\d\d$/.test(name))
    .reduce((sum, name) => sum + Bun.file(join(dir, ENTERPRISE, name)).size, 0);

const openings = async (root: string, megabytes: number, count: number): Promise<string> => {
  const dir = join(root, "openings/call_tracer");
  const first = TODAY - 23;
  makeVariedTree(dir, 4, megabytes, first + 3);
  const placed: PlacedCalls = placeCalls(join(dir, ENTERPRISE), first, count);
  const { any, many, expected, know } = await sampleOf(dir, first + 1, count);
  for (const id of [...placed.overMidnight, ...placed.late]) await know(id);
  const bytes = linesIn(dir);
  const server = startS3();
  try {
    const cpu = process.cpuUsage();
    await upload(dir, server.env);
    const { user, system } = process.cpuUsage(cpu);
    const packing = (user + system) / 1e6 / (bytes / 1e8);
    server.roundTripMs = ROUND_TRIP_MS;
    const rows = await withProcess(dir, server, async (ask) => {
      const open = async (ids: readonly string[], isAnew: boolean): Promise<Measured[]> => {
        const runs: Measured[] = [];
        for (const id of ids) {
          const run = await ask({ kind: "open", id, isAnew });
          if (run.found !== expected.get(id) || run.found === 0)
            throw new Error(`${id}: ${run.found} records, expected ${expected.get(id)}`);
          runs.push(run);
        }
        return runs;
      };
      // The code is warm when it counts, as that of a running service is.
      await open(any.slice(0, 10), true);
      const again = async (): Promise<Measured[]> => {
        await open(any.slice(0, 1), true);
        return open(Array(OPENINGS).fill(any[0]), false);
      };
      return [
        rowOf("a call, nothing known", await open(any, true), TARGET_OPENING_MS),
        rowOf("others of that day", await open(any, false), TARGET_OPENING_MS),
        rowOf("the same call again", await again(), TARGET_OPENING_MS),
        rowOf("over midnight", await open(placed.overMidnight, true), TARGET_OPENING_MS),
        rowOf("a transfer, eight ids", await open(many, true), TARGET_OPENING_MS),
        rowOf("a record two days late", await open(placed.late, true), TARGET_OPENING_MS),
      ];
    });
    const head = [
      `calls opened; ${ROUND_TRIP_MS} ms a round trip, days of ${megabytes} MB`,
      "calls",
      "requests, most",
      "rounds, most (limit 5)",
      "KiB, most (limit 976)",
      "p50 ms",
      "p99 ms",
      "target ms",
      "processor ms",
    ];
    const packed = `- packing, checking and putting 100 MB: ${packing.toFixed(1)} s of the processor, the store's own among them`;
    return `${table(head, rows)}\n\n${sizes(server, bytes)}\n\n${packed}`;
  } finally {
    await server.stop();
  }
};

/** A year of days with so many calls each, answered and missed in turn. */
const makeYear = (dir: string, days: number, callsADay: number): void => {
  mkdirSync(join(dir, ENTERPRISE), { recursive: true });
  const first = TODAY - 15 - days;
  for (let day = first; day < first + days; day += 1) {
    const calls = Array.from({ length: callsADay }, (_, call) => {
      const at = day * DAY_MS + Math.floor(((call + 0.5) / callsADay) * DAY_MS);
      const id = `${Math.floor(at / 1000)}.${call}`;
      const line = (ms: number, event: string, body: object): string =>
        `${formatStamp(at + ms)}|AST|${event}|${id}|${JSON.stringify({ UniqueId: id, CallType: 0, Phone: `37529${1_000_000 + ((day * 31 + call) % 1000)}`, ...body })}\n`;
      const end = { CallStatus: call % 2 === 0 ? "2" : "0", Extensions: ["151"] };
      return (
        line(0, "start", {}) + line(1, "dial", { Extensions: ["151"] }) + line(9000, "hangup", end)
      );
    });
    writeFileSync(join(dir, ENTERPRISE, `events.log.${formatDay(day)}`), calls.join(""));
  }
};

const yearOf = async (
  root: string,
  days: number,
  callsADay: number,
): Promise<(string | number)[][]> => {
  const dir = join(root, `year-${callsADay}/call_tracer`);
  makeYear(dir, days, callsADay);
  const server = startS3();
  try {
    await upload(dir, server.env);
    server.roundTripMs = ROUND_TRIP_MS;
    return await withProcess(dir, server, async (ask) => {
      const page = async (
        name: string,
        question: Omit<Question & { kind: "list" }, "kind">,
        rows: number,
      ) => {
        const runs: Measured[] = [];
        for (let run = 0; run < PAGES; run += 1) {
          const measured = await ask({ kind: "list", ...question });
          if (measured.found < rows) throw new Error(`${name}: ${measured.found} rows`);
          runs.push(measured);
        }
        const peak = Math.max(...runs.map((run) => run.peakMiB));
        return [
          `${days} days of ${callsADay} calls: ${name}`,
          ...rowOf("", runs, TARGET_LIST_MS).slice(1),
          peak,
        ];
      };
      await ask({ kind: "open", id: "1.1", isAnew: true });
      return [
        await page("first page, nothing known", { isAnew: true }, 50),
        await page("first page, again", { isAnew: false }, 50),
        await page(
          "a number that never called, nothing known",
          { isAnew: true, number: "999000111" },
          0,
        ),
      ];
    });
  } finally {
    await server.stop();
  }
};

/** Opens calls, pages the list and weighs days, all of the archive. */
export const benchArchive = async (megabytes = 12, days = 365): Promise<string> => {
  const root = join(process.env["BENCH_DIR"] ?? tmpdir(), `calllog-bench-archive-${process.pid}`);
  mkdirSync(root, { recursive: true });
  try {
    const opened = await openings(root, megabytes, OPENINGS);
    const rows = [
      ...(await yearOf(root, Math.ceil(days / 6), 40)),
      ...(await yearOf(root, days, 3)),
    ];
    const head = [
      `the list; ${ROUND_TRIP_MS} ms a round trip, 50 rows`,
      "times",
      "requests, most",
      "rounds, most",
      "KiB, most",
      "p50 ms",
      "p99 ms",
      "target ms",
      "processor ms",
      "peak RSS, MiB",
    ];
    return `${opened}\n\n${table(head, rows)}`;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

if (import.meta.main) serveQuestions(process.argv[2] ?? "");
