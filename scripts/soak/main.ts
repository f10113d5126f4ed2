// `bun run soak [--minutes N] [--enterprises N] [--calls-per-minute N]`: the load and fault suite, as Markdown on the
// standard output. Loopback only, ends by itself; exit code 1 where something was lost.

import { describeMachine, table } from "../bench/machine.ts";
import { runSoak, type Sample, type SoakResult } from "./run.ts";

const option = (name: string, standard: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  const value = at === -1 ? standard : Number(process.argv[at + 1]);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`--${name}: must be a number above 0`);
  process.exit(2);
};

const percentile = (values: readonly number[], share: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
};

const tenth = (samples: readonly Sample[], tenths: number): Sample | undefined =>
  samples[Math.min(samples.length - 1, Math.floor((samples.length * tenths) / 10))];

const minutes = option("minutes", 10);
const result: SoakResult = await runSoak({
  seconds: minutes * 60,
  enterprises: option("enterprises", 40),
  callsPerMinute: option("calls-per-minute", 120),
  onStep: (text) => console.error(text),
});
const { verdict, traffic, samples, telegram } = result;

console.log(`${describeMachine()}\n`);
console.log(
  `${minutes} minutes, ${traffic.calls.length} calls, ${traffic.acknowledged.size} events.\n`,
);
console.log("What failed meanwhile:\n");
for (const fault of result.faults) console.log(`- ${fault}`);
console.log("\nWhat was left behind (each must be 0, extra cards at most one a crash and chat):\n");
console.log(
  table(
    ["what", "count"],
    Object.entries({ ...verdict, missed: undefined }).flatMap(([what, count]) =>
      count === undefined ? [] : [[what, count] as const],
    ),
  ),
);
console.log("\nWhat became of missed calls:\n");
console.log(table(["state", "calls"], Object.entries(verdict.missed)));
console.log("\nAnswers:\n");
console.log(
  table(
    ["what", "count"],
    [
      ...[...traffic.answers].sort(),
      ...[...telegram].map(([status, count]) => [`Telegram ${status}`, count] as const),
      ["updates on open pages", traffic.updates],
      ["streams ended by the service", traffic.endedStreams],
    ],
  ),
);
console.log(
  `\nEvent to 200: p50 ${percentile(traffic.postMs, 0.5)} ms, p99 ${percentile(traffic.postMs, 0.99)} ms, longest ${percentile(traffic.postMs, 1)} ms. Page: p50 ${percentile(traffic.pageMs, 0.5)} ms, p99 ${percentile(traffic.pageMs, 0.99)} ms. From the last event to the last card: ${(result.drainMs / 1000).toFixed(1)} s.\n`,
);
console.log("Memory and descriptors of both workers together, over the run:\n");
const rows = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  .map((tenths) => tenth(samples, tenths))
  .filter((found) => found !== undefined)
  .map(({ atSecond, residentMiB, descriptors }) => [atSecond, residentMiB.toFixed(0), descriptors]);
console.log(table(["second", "MiB", "descriptors"], rows));

const bad =
  verdict.lost +
  verdict.doubled +
  verdict.malformed +
  verdict.misfiled +
  verdict.outOfOrder +
  verdict.callsWithoutFinalCard +
  verdict.cardsLeftStanding +
  verdict.cardsThatTellWrong;
if (bad > 0) process.exitCode = 1;
