// How much one machine carries, through the compiled program: what a second worker brings, and at how many calls a second
// cards begin to lag. The client shares the machine's cores. Every answer and every final card is counted before any
// number is given.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { addEnterprise, runBinary, startBinary } from "../../tests/support/binary.ts";
import { startBotApi } from "../../tests/support/bot-api/server.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { readFigures } from "./figures.ts";
import { load } from "./load.ts";
import { percentile, table } from "./machine.ts";

const ROUNDS = 3;
const ENTERPRISES = 20;
const BOT_TOKEN = "1234567:invented-token_of-a-bench";
const bench = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};

const mustBeBuilt = (): void => {
  if (!existsSync(join(import.meta.dir, "../../calllog"))) {
    throw new Error("cannot measure: bun run build first");
  }
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Events a second with one and two workers, in turns. */
const measureWorkers = async (seconds: number): Promise<string> => {
  const rates = new Map<number, { perSecond: number[]; p99Ms: number[] }>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const workers of [1, 2]) {
      await inTempDir(async (cwd) => {
        await addEnterprise(bench, { cwd });
        await using server = await startBinary(["--workers", String(workers)], { cwd });
        const port = Number(new URL(server.webhooksUrl).port);
        await load(cwd, port, 1);
        const { perSecond, p99Ms, failures } = await load(cwd, port, seconds);
        if (failures > 0) throw new Error(`${failures} answers were no 200`);
        const known = rates.get(workers) ?? { perSecond: [], p99Ms: [] };
        known.perSecond.push(perSecond);
        known.p99Ms.push(p99Ms);
        rates.set(workers, known);
      });
    }
  }
  const one = median(rates.get(1)?.perSecond ?? []);
  return table(
    ["workers", "events/s", "of one", "p99 ms"],
    [...rates].map(([workers, { perSecond, p99Ms }]) => [
      workers,
      Math.round(median(perSecond)),
      (median(perSecond) / one).toFixed(2),
      median(p99Ms).toFixed(1),
    ]),
  );
};

const STEPS = [
  "start",
  "dial",
  "bridge",
  "bridge",
  "bridge_leave",
  "bridge_leave",
  "hangup",
] as const;
/** Between the events of a call, in milliseconds. */
const STEP_MS = 300;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const cpuSeconds = async (url: string): Promise<readonly [cpu: number, residentMiB: number]> => {
  const read = await readFigures(url);
  return [read("process_cpu_seconds_total"), read("process_resident_memory_bytes") / 2 ** 20];
};

type Rate = {
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuPercent: number;
  readonly residentMiB: number;
};

/** Calls at a steady rate into many enterprises with two chats each; how long after the hangup's 200 the last card comes. */
const measureRate = async (callsPerSecond: number, seconds: number): Promise<Rate> =>
  inTempDir(async (cwd) => {
    const chats = Array.from({ length: ENTERPRISES * 2 }, (_, i) => String(5000 + i));
    await using bot = await startBotApi({ tokens: [BOT_TOKEN], chats });
    const tokens: string[] = [];
    for (let i = 0; i < ENTERPRISES; i++) {
      const number = String(1000 + i);
      tokens.push(`37529000${number}`);
      await addEnterprise({ ...bench, number, webhookToken: `37529000${number}` }, { cwd });
      await runBinary(["enterprise", "set", number, "--bot-token", BOT_TOKEN], { cwd });
      for (const chat of chats.slice(i * 2, i * 2 + 2)) {
        await runBinary(["user", "add", "--enterprise", number, "--", chat], { cwd });
      }
    }
    await using server = await startBinary(["--telegram-api-root", bot.apiRoot], { cwd });
    const ended = new Map<string, number>();
    const lags: number[] = [];
    const total = callsPerSecond * seconds;
    const post = async (event: string, body: object): Promise<void> => {
      const answer = await fetch(`${server.webhooksUrl}/${event}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      if (answer.status !== 200) throw new Error(`${event} was answered ${answer.status}`);
    };
    const place = async (index: number): Promise<void> => {
      const phone = String(375_290_000_000 + index);
      const common = {
        Token: tokens[index % ENTERPRISES],
        UniqueId: `1764493655.${index}`,
        Phone: phone,
        CallType: 0,
        Extensions: ["151"],
        CallStatus: "2",
        BridgeUniqueid: `b-${index}`,
      };
      const channels = [`PJSIP/mts-${index}`, `PJSIP/151-${index}`];
      for (const [at, event] of STEPS.entries()) {
        await post(event, { ...common, Channel: channels[at % 2] });
        if (event === "hangup") ended.set(phone, performance.now());
        else await wait(STEP_MS);
      }
    };
    const [cpuBefore] = await cpuSeconds(server.webhooksUrl);
    const startedAt = performance.now();
    let seen = 0;
    const finals = new Set<string>();
    const look = (): void => {
      for (; seen < bot.requests.length; seen++) {
        const { method, text } = bot.requests[seen] ?? { method: "", text: "" };
        const phone = method === "sendMessage" ? /✅.*?\+(375[\d ]+)/su.exec(text)?.[1] : undefined;
        const end = ended.get((phone ?? "").replaceAll(" ", ""));
        if (phone === undefined) continue;
        finals.add(`${phone} ${bot.requests[seen]?.chatId}`);
        if (end !== undefined) lags.push(performance.now() - end);
      }
    };
    const watching = bot.until(() => {
      look();
      return finals.size >= total * 2;
    });
    const placed: Promise<void>[] = [];
    for (let index = 0; index < total; index++) {
      await wait(Math.max(0, startedAt + (index * 1000) / callsPerSecond - performance.now()));
      placed.push(place(index));
    }
    await Promise.all(placed);
    const [cpuAfter, residentMiB] = await cpuSeconds(server.webhooksUrl);
    const elapsed = (performance.now() - startedAt) / 1000;
    await watching;
    return {
      callsPerSecond,
      p50: percentile(lags, 0.5),
      p99: percentile(lags, 0.99),
      cpuPercent: ((cpuAfter - cpuBefore) / elapsed) * 100,
      residentMiB,
    };
  });

/** Both tables, as Markdown. */
export const benchScale = async (isQuick: boolean): Promise<string> => {
  mustBeBuilt();
  const workers = await measureWorkers(isQuick ? 2 : 6);
  const rates: Rate[] = [];
  for (const rate of isQuick ? [5] : [5, 20, 40, 80]) {
    rates.push(await measureRate(rate, isQuick ? 4 : 15));
  }
  const calls = table(
    ["calls/s", "events/s", "hangup → card, p50 ms", "p99 ms", "CPU of one core", "RSS MiB"],
    rates.map(({ callsPerSecond, p50, p99, cpuPercent, residentMiB }) => [
      callsPerSecond,
      callsPerSecond * STEPS.length,
      p50.toFixed(1),
      p99.toFixed(1),
      `${cpuPercent.toFixed(0)} %`,
      residentMiB.toFixed(0),
    ]),
  );
  return `${workers}\n\n${calls}`;
};
