import { afterEach, describe, expect, it, jest } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createMetrics } from "./registry.ts";
import { gaugeSum } from "./text.ts";
import type { Figures, LiveFigures } from "./types.ts";

const LIVE: LiveFigures = {
  events: () => [],
  salvaged: () => 0,
  repeats: () => 0,
  notifier: () => ({ calls: 0, waitingChats: 0, isHolder: false, openMissed: 0, waitingHooks: 0 }),
  ami: () => ({ channels: 0, pbxs: 0, celMissing: 0 }),
  liveStreams: () => 0,
};

const metricsOf = (live: Partial<LiveFigures> = {}) =>
  createMetrics({ version: "1.2.3", commit: "abc", live: { ...LIVE, ...live } });

/** The values of a metric, each with its labels: `{event="start"} 3`; of a histogram, its count and its sum. */
const valuesOf = (figures: Figures, name: string): string[] => {
  const found = figures.find((figure) => figure.name === `calllog_${name}`);
  if (found === undefined) throw new Error(`there is no ${name}`);
  const values = found.values as readonly {
    readonly value: number;
    readonly labels: { readonly [label: string]: string | number };
    readonly metricName?: string;
  }[];
  return values
    .filter(({ metricName }) => !metricName?.endsWith("_bucket"))
    .map(({ value, labels, metricName }) => {
      const part = metricName === undefined ? "" : metricName.slice(`calllog_${name}`.length);
      const texts = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      return `${part}{${texts.join()}} ${value}`;
    });
};

afterEach(() => void jest.useRealTimers());

describe("createMetrics", () => {
  it("gives no name that operators are not told of", async () => {
    const told = readFileSync(join(import.meta.dir, "../../../docs/operations.md"), "utf8");
    const names = (await metricsOf().figures()).map(({ name }) => name);
    const own = names.filter((name) => !name.startsWith("process_"));
    expect(own.length).toBeGreaterThan(25);
    const isTold = (name: string) => told.includes(`\`${name}\``) || told.includes(`\`${name}{`);
    expect(own.filter((name) => !isTold(name))).toEqual([]);
  });

  it("ends the name of every count in _total, and of every time in _seconds", async () => {
    for (const { name, type } of await metricsOf().figures()) {
      if (String(type) === "counter") expect(name).toEndWith("_total");
      if (String(type) === "histogram") expect(name).toEndWith("_seconds");
    }
  });

  it("tells which build it is", async () => {
    expect(valuesOf(await metricsOf().figures(), "build_info")).toEqual([
      '{version="1.2.3",commit="abc"} 1',
    ]);
  });

  it("reads what others count anew at each scrape, and adds nothing up itself", async () => {
    let recorded = 3;
    const metrics = metricsOf({
      events: () => [
        ["start", "recorded", recorded],
        ["start", "invalid", 1],
      ],
      salvaged: () => 4,
      repeats: () => 5,
      ami: () => ({ channels: 6, pbxs: 2, celMissing: 1 }),
      liveStreams: () => 7,
      notifier: () => ({
        calls: 8,
        waitingChats: 9,
        isHolder: true,
        openMissed: 3,
        waitingHooks: 0,
      }),
    });
    await metrics.figures();
    recorded = 10;
    const figures = await metrics.figures();
    expect(valuesOf(figures, "events_total")).toEqual([
      '{event="start",result="recorded"} 10',
      '{event="start",result="invalid"} 1',
    ]);
    const values = [
      "events_salvaged_total",
      "events_repeated_total",
      "ami_dropped_channels_total",
      "ami_pbxs_not_understood",
      "cel_files_missing",
      "live_streams",
      "notifier_calls",
      "notifier_waiting_chats",
      "missed_open",
      "notifier_active",
    ].map((name) => valuesOf(figures, name).join());
    expect(values).toEqual([4, 5, 6, 2, 1, 7, 8, 9, 3, 1].map((value) => `{} ${value}`));
    expect(valuesOf(await metricsOf().figures(), "notifier_active")).toEqual(["{} 0"]);
  });

  it("counts appends with their failures, and look-ups with the lines that could not be read", async () => {
    const metrics = metricsOf();
    metrics.appended(0.5, true);
    metrics.appended(0.25, false);
    metrics.lookedUp(0.5, 0);
    metrics.lookedUp(0.5, 3);
    metrics.bytesWritten(100);
    metrics.bytesWritten(20);
    metrics.rotated();
    metrics.sideFileFault("index");
    metrics.swept(4, 1);
    const figures = await metrics.figures();
    expect(valuesOf(figures, "append_seconds")).toEqual(["_sum{} 0.75", "_count{} 2"]);
    expect(valuesOf(figures, "lookup_seconds")).toEqual(["_sum{} 1", "_count{} 2"]);
    const counts = [
      ["append_failures_total", "{} 1"],
      ["malformed_lines_total", "{} 3"],
      ["written_bytes_total", "{} 120"],
      ["rotations_total", "{} 1"],
      ["side_file_errors_total", '{what="index"} 1'],
      ["removed_files_total", "{} 4"],
      ["remove_failures_total", "{} 1"],
    ] as const;
    for (const [name, value] of counts) {
      expect(`${name} ${valuesOf(figures, name)}`).toBe(`${name} ${value}`);
    }
  });

  it("keeps apart by what was asked of others, and how it ended", async () => {
    const metrics = metricsOf();
    metrics.telegram("send", "ok", 0.5);
    metrics.telegram("send", "limited", 0.25);
    metrics.telegramWait(30);
    metrics.metadata(200, 0.5);
    metrics.metadata(0, 2);
    metrics.directory(true, 0.5);
    metrics.directory(false, 0.25);
    metrics.directoryStale();
    metrics.answered("call", 200, 0.5);
    const figures = await metrics.figures();
    const counted = (name: string) =>
      valuesOf(figures, name).filter((value) => value.startsWith("_count"));
    expect(counted("telegram_request_seconds")).toEqual([
      '_count{method="send",result="ok"} 1',
      '_count{method="send",result="limited"} 1',
    ]);
    expect(counted("metadata_request_seconds")).toEqual([
      '_count{status="200"} 1',
      '_count{status="0"} 1',
    ]);
    expect(counted("directory_query_seconds")).toEqual([
      '_count{result="ok"} 1',
      '_count{result="failed"} 1',
    ]);
    expect(counted("page_seconds")).toEqual(['_count{route="call",status="200"} 1']);
    expect(valuesOf(figures, "telegram_wait_seconds_total")).toEqual(["{} 30"]);
    expect(valuesOf(figures, "directory_stale_answers_total")).toEqual(["{} 1"]);
  });
});

describe("what is down", () => {
  const isDown = async (metrics: ReturnType<typeof metricsOf>, name: string) =>
    gaugeSum([await metrics.figures()], `calllog_${name}`) === 1;

  it("is Telegram after three requests in a row without an answer, up with the first answer", async () => {
    const metrics = metricsOf();
    metrics.telegram("send", "unavailable", 1);
    metrics.telegram("send", "unavailable", 1);
    // A refusal is an answer.
    metrics.telegram("send", "refused", 1);
    for (let i = 0; i < 2; i++) metrics.telegram("edit", "unavailable", 1);
    expect(await isDown(metrics, "telegram_down")).toBe(false);
    metrics.telegram("send", "unavailable", 1);
    expect(await isDown(metrics, "telegram_down")).toBe(true);
    metrics.telegram("send", "limited", 1);
    expect(await isDown(metrics, "telegram_down")).toBe(false);
  });

  it("is the metadata service where it gives no answer or fails itself, not where it has no name", async () => {
    const metrics = metricsOf();
    for (const status of [0, 500, 404, 0, 503]) metrics.metadata(status, 1);
    expect(await isDown(metrics, "metadata_down")).toBe(false);
    metrics.metadata(500, 1);
    expect(await isDown(metrics, "metadata_down")).toBe(true);
    expect(await isDown(metrics, "telegram_down")).toBe(false);
  });

  it("is not known any more where nothing was asked for ten minutes", async () => {
    jest.useFakeTimers();
    const metrics = metricsOf();
    for (let i = 0; i < 3; i++) metrics.telegram("send", "unavailable", 1);
    jest.advanceTimersByTime(10 * 60_000 - 1);
    expect(await isDown(metrics, "telegram_down")).toBe(true);
    jest.advanceTimersByTime(1);
    expect(await isDown(metrics, "telegram_down")).toBe(false);
  });
});
