import { describe, expect, it } from "bun:test";
import { idleService } from "../../../tests/support/live-figures.ts";
import { createMetrics } from "./registry.ts";
import { gaugeSum, metricsText } from "./text.ts";
import type { LiveFigures, Metrics } from "./types.ts";

const worker = (live: Partial<LiveFigures> = {}): Metrics =>
  createMetrics({
    version: "1.2.3",
    commit: "abc",
    live: {
      ...idleService,
      events: () => [["start", "recorded", 3]],
      notifier: () => ({ ...idleService.notifier(), calls: 2, isHolder: false }),
      liveStreams: () => 1,
      ...live,
    },
  });

const linesOf = async (workers: readonly Metrics[], expected = workers.length) =>
  (await metricsText(await Promise.all(workers.map((one) => one.figures())), expected)).split("\n");

describe("metricsText", () => {
  it("adds up counters, gauges and histograms of all processes", async () => {
    const [first, second] = [worker(), worker()];
    first.appended(0.002, true);
    second.appended(0.002, true);
    second.appended(7, true);
    const lines = await linesOf([first, second]);
    expect(lines).toContain('calllog_events_total{event="start",result="recorded"} 6');
    expect(lines).toContain("calllog_notifier_calls 4");
    expect(lines).toContain("calllog_append_seconds_count 3");
    expect(lines).toContain('calllog_append_seconds_bucket{le="0.001"} 0');
    expect(lines).toContain('calllog_append_seconds_bucket{le="0.0025"} 2');
    expect(lines).toContain('calllog_append_seconds_bucket{le="+Inf"} 3');
  });

  it("tells the build once, and the start of the process that began first", async () => {
    const [first, second] = await Promise.all([worker().figures(), worker().figures()]);
    const started = structuredClone(second).map((figure) =>
      figure.name === "process_start_time_seconds"
        ? { ...figure, values: figure.values.map((value) => ({ ...value, value: 5 })) }
        : figure,
    );
    const lines = (await metricsText([first, started], 2)).split("\n");
    expect(lines).toContain('calllog_build_info{version="1.2.3",commit="abc"} 1');
    expect(lines).toContain("process_start_time_seconds 5");
  });

  it("says how many processes there should be, and how many are in it", async () => {
    const lines = await linesOf([worker()], 4);
    expect(lines).toContain("calllog_workers 4");
    expect(lines).toContain("calllog_workers_answered 1");
  });

  it("says what each metric is", async () => {
    const lines = await linesOf([worker()]);
    for (const kind of ["events_total counter", "live_streams gauge", "append_seconds histogram"]) {
      expect(lines).toContain(`# TYPE calllog_${kind}`);
    }
  });
});

describe("gaugeSum", () => {
  it("adds up over processes; nothing is 0", async () => {
    const figures = await Promise.all([
      worker({ liveStreams: () => 3 }).figures(),
      worker().figures(),
    ]);
    expect(gaugeSum(figures, "calllog_live_streams")).toBe(4);
    expect(gaugeSum(figures, "calllog_live")).toBe(0);
    expect(gaugeSum([], "calllog_live_streams")).toBe(0);
  });
});
