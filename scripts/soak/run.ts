// A day at three in the morning, in minutes: traffic goes on while one thing after the other fails. `runSoak` answers
// what happened and what was left behind; `bun run soak` prints it.

import { readFigures } from "../bench/figures.ts";
import { startTraffic, type Traffic } from "./traffic.ts";
import { judge, type Verdict } from "./verdict.ts";
import { openWorld, type World } from "./world.ts";

export type SoakOptions = {
  readonly seconds: number;
  readonly enterprises: number;
  readonly callsPerMinute: number;
  readonly onStep?: (text: string) => void;
};

export type Sample = {
  readonly atSecond: number;
  readonly residentMiB: number;
  readonly descriptors: number;
};

export type SoakResult = {
  readonly verdict: Verdict;
  readonly traffic: Traffic;
  readonly samples: readonly Sample[];
  readonly crashes: number;
  readonly faults: readonly string[];
  /** From the last event to the last card, in milliseconds. */
  readonly drainMs: number;
  readonly telegram: ReadonlyMap<number, number>;
};

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Nothing is asked of Telegram for this long: the chats have come to rest. */
const QUIET_MS = 4000;
const MAX_DRAIN_MS = 5 * 60_000;
const SAMPLE_MS = 1000;

const sample = async (world: World, atSecond: number): Promise<Sample | undefined> => {
  try {
    const read = await readFigures(world.server().webhooksUrl, AbortSignal.timeout(3000));
    if (read("calllog_workers_answered") !== 2) return undefined;
    return {
      atSecond,
      residentMiB: read("process_resident_memory_bytes") / 2 ** 20,
      descriptors: read("process_open_fds"),
    };
  } catch {
    return undefined;
  }
};

/** Resolves when the chats have come to rest. @throws Error where they do not within five minutes. */
const drained = async (world: World): Promise<void> => {
  const until = performance.now() + MAX_DRAIN_MS;
  let requests = -1;
  let quietSince = performance.now();
  while (performance.now() - quietSince < QUIET_MS) {
    if (performance.now() > until) throw new Error("the chats have not come to rest");
    await wait(250);
    const health = await fetch(`${world.server().pagesUrl}/health`).then(
      (answer) => answer.json() as Promise<{ queues?: { waitingChats: number } }>,
      () => undefined,
    );
    const isWaiting = health?.queues?.waitingChats !== 0;
    if (!isWaiting && world.bot.requests.length === requests) continue;
    requests = world.bot.requests.length;
    quietSince = performance.now();
  }
};

type Fault = readonly [share: number, name: string, work: (world: World) => unknown];

/** When in the run what fails, from 0 to 1. */
const FAULTS: readonly Fault[] = [
  [
    0.06,
    "Telegram drops connections and answers 500",
    ({ bot }) => {
      for (let i = 0; i < 15; i++) {
        bot.addFault({ fault: { do: "drop", when: i % 2 === 0 ? "before" : "after" } });
        bot.addFault({ fault: { do: "answer", status: 500, html: i % 2 === 0 } });
      }
    },
  ],
  [0.12, "a worker is killed", (world) => world.killWorker()],
  [0.18, "PostgreSQL is killed", (world) => world.killDatabase()],
  [0.22, "the metadata service fails", (world) => world.setMetadata(false)],
  [0.3, "PostgreSQL is back", (world) => world.startDatabase()],
  [0.34, "the metadata service is back", (world) => world.setMetadata(true)],
  [
    0.38,
    "Telegram tells chats to wait",
    ({ bot }) => {
      for (let i = 0; i < 20; i++) bot.addFault({ fault: { do: "limit", retryAfterS: 2 } });
    },
  ],
  [0.42, "the disk is full", (world) => world.fillDisk(true)],
  [0.46, "the disk has room", (world) => world.fillDisk(false)],
  [0.54, "PostgreSQL is silent", ({ database }) => database.turn("silent")],
  [0.6, "a worker is killed", (world) => world.killWorker()],
  [0.66, "PostgreSQL answers again", ({ database }) => database.turn("pass")],
  [0.72, "the whole program is killed and started", (world) => world.restart("SIGKILL")],
  [0.84, "the program is stopped and started", (world) => world.restart("SIGTERM")],
];

/** Where in the run the UTC day ends. */
const MIDNIGHT_SHARE = 0.5;

/** Runs it. @throws Error where a part cannot be had, or nothing comes to rest. */
export const runSoak = async (options: SoakOptions): Promise<SoakResult> => {
  const runMs = options.seconds * 1000;
  const say = options.onStep ?? (() => undefined);
  const world = await openWorld({
    enterprises: options.enterprises,
    midnightAfterMs: runMs * MIDNIGHT_SHARE,
  });
  try {
    const startedAt = performance.now();
    const elapsed = (): number => performance.now() - startedAt;
    const traffic = startTraffic(world, options);
    const samples: Sample[] = [];
    let isSampling = true;
    const sampling = (async () => {
      while (isSampling) {
        await wait(SAMPLE_MS);
        const found = await sample(world, Math.round(elapsed() / 1000));
        if (found !== undefined) samples.push(found);
      }
    })();
    const faults: string[] = [];
    for (const [share, name, work] of FAULTS) {
      await wait(Math.max(0, share * runMs - elapsed()));
      const isPossible = (await work(world)) !== false;
      const line = `${(elapsed() / 1000).toFixed(1)} s: ${name}${isPossible ? "" : " (not possible here)"}`;
      faults.push(line);
      say(line);
    }
    await wait(Math.max(0, runMs - elapsed()));
    say("no new calls; waiting for the chats");
    const stoppedAt = performance.now();
    await traffic.stop();
    await drained(world);
    const drainMs = performance.now() - stoppedAt - QUIET_MS;
    isSampling = false;
    await sampling;
    const telegram = new Map<number, number>();
    for (const { status } of world.bot.requests)
      telegram.set(status, (telegram.get(status) ?? 0) + 1);
    const verdict = await judge(world, traffic);
    // Two workers and once the whole program.
    return { verdict, traffic, samples, crashes: 3, faults, drainMs, telegram };
  } finally {
    await world.close();
  }
};
