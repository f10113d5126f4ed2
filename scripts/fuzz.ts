// Random requests against the built program:  bun run fuzz [--count 100000] [--seed N] [--listener webhooks|viewer]
// Exit 1 where an answer is not allowed, the program died, a line of the files is not readable, an event that was answered
// 200 has no line, a secret stands in the log, or memory grew past MAX_RESIDENT_MIB. `--timing` measures refusals instead.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { addEnterprise, type RunningBinary, startBinary } from "../tests/support/binary.ts";
import { checkFiles } from "../tests/support/fuzz-files.ts";
import { type Listener, runFuzz, sendTo } from "../tests/support/fuzz-run.ts";
import { residentBytes } from "../tests/support/memory.ts";
import { inTempDir } from "../tests/support/temp-dir.ts";

const MAX_RESIDENT_MIB = 512;
const CONCURRENCY = 64;
const TIMED = 2000;

const known = {
  number: "0367",
  webhookToken: "fuzz-webhook-token-0367",
  secret: "fuzz-page-secret-0123456789abcdef",
};

const mib = (bytes: number | undefined): number => Math.round((bytes ?? 0) / 1024 / 1024);

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string" },
    listener: { type: "string" },
    timing: { type: "boolean", default: false },
  },
});
const count = Number(values.count);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const listeners: readonly Listener[] =
  values.listener === "webhooks" || values.listener === "viewer"
    ? [values.listener]
    : ["webhooks", "viewer"];

const fuzzListener = async (listener: Listener, server: RunningBinary): Promise<string[]> => {
  const send = sendTo(listener === "webhooks" ? server.webhooksUrl : server.pagesUrl);
  const start = performance.now();
  let peak = 0;
  const onProgress = (): void => {
    peak = Math.max(peak, mib(residentBytes(server.pid)));
  };
  const report = await runFuzz({
    listener,
    send,
    known,
    seed,
    count,
    onProgress,
    // Refusals of pages wait, so more of them are kept under way.
    concurrency: listener === "viewer" ? CONCURRENCY * 2 : CONCURRENCY,
  });
  onProgress();
  const seconds = (performance.now() - start) / 1000;
  const statuses = [...report.statuses].sort(([a], [b]) => a - b);
  console.log(
    `${listener}: ${count} requests in ${seconds.toFixed(1)} s, seed ${seed}, resident ${mib(residentBytes(server.pid))} MiB (peak ${peak})`,
  );
  console.log(`  ${statuses.map(([status, times]) => `${status}: ${times}`).join(", ")}`);
  const faults = [...report.faults];
  if (peak > MAX_RESIDENT_MIB) faults.push(`resident memory reached ${peak} MiB`);
  if (listener === "webhooks") recordedEvents += report.recorded;
  return faults;
};

let recordedEvents = 0;

const fuzz = async (cwd: string): Promise<string[]> => {
  await addEnterprise(known, { cwd });
  await using server = await startBinary(["--log-level", "debug"], { cwd });
  const faults: string[] = [];
  for (const listener of listeners) faults.push(...(await fuzzListener(listener, server)));
  const health = await fetch(`${server.webhooksUrl}/health`);
  if (health.status !== 200) faults.push(`/health says ${health.status} afterwards`);
  faults.push(...server.errors().slice(0, 20));
  for (const secret of [known.secret, known.webhookToken]) {
    const line = server
      .log()
      .split("\n")
      .find((text) => text.includes(secret));
    if (line !== undefined) faults.push(`a secret in the log: ${line}`);
  }
  const code = await server.stop();
  if (code !== 0) faults.push(`the program ended with ${code}`);
  const files = await checkFiles(join(cwd, "call_tracer"), known.number);
  faults.push(...files.faults);
  console.log(`files: ${files.events} events in them, ${recordedEvents} were answered 200`);
  if (files.events !== recordedEvents) faults.push("events and answers do not match");
  return faults;
};

const percentile = (sorted: readonly number[], part: number): string =>
  (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(2);

/** How long refusals of different kinds take, mixed with one another so that nothing else tells them apart. */
const measureRefusals = async (cwd: string): Promise<string[]> => {
  await addEnterprise(known, { cwd });
  await using server = await startBinary([], { cwd });
  const id = "1764500001.1";
  const link = "A".repeat(28);
  const kinds: readonly (readonly [string, (at: number) => string])[] = [
    ["wrong secret", () => `/call/0367/${id}?token=nope`],
    ["wrong link", () => `/call/0367/${id}?token=${link}`],
    ["unknown call, wrong link", (at) => `/call/0367/${at}.9?token=${link}`],
    ["unknown enterprise, the same each time", () => `/call/9999/${id}?token=${link}`],
    ["unknown enterprise, another each time", (at) => `/call/x${at}/${id}?token=${link}`],
  ];
  const times = kinds.map((): number[] => []);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < TIMED * kinds.length; at = next++) {
      const [, pathOf] = kinds[at % kinds.length] ?? ["", () => "/"];
      const start = performance.now();
      await (await fetch(server.pagesUrl + pathOf(at))).arrayBuffer();
      times[at % kinds.length]?.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  for (const [at, [name]] of kinds.entries()) {
    const sorted = (times[at] ?? []).sort((a, b) => a - b);
    const shown = [0.05, 0.5, 0.95].map((part) => percentile(sorted, part));
    console.log(`${name}: ms at 5 %, 50 %, 95 %: ${shown.join(", ")} (${sorted.length} requests)`);
  }
  return [];
};

const faults = await inTempDir(values.timing ? measureRefusals : fuzz);
for (const fault of faults) console.log(`FAULT ${fault}`);
if (faults.length > 0) process.exitCode = 1;
