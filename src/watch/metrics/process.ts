// Figures of the process itself, under the names that Prometheus' client libraries agree on
// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics), and how late its event loop runs.

import { readdirSync } from "node:fs";
import { Gauge, type Registry } from "prom-client";

/** How often the event loop's delay is taken, in milliseconds. */
const LAG_EVERY_MS = 500;

/** Linux alone tells; elsewhere the figure is left out. */
const openDescriptors = (): number | undefined => {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
};

/** Adds the process's figures to `registry`. Its timer does not keep the process alive. */
export const observeProcess = (registry: Registry): void => {
  const registers = [registry];
  const reading = (
    name: string,
    help: string,
    read: () => number | undefined,
    aggregator: "sum" | "min" | "max" = "sum",
  ): void => {
    new Gauge({
      name,
      help,
      registers,
      aggregator,
      collect() {
        const value = read();
        if (value !== undefined) this.set(value);
      },
    });
  };
  const startedAt = Date.now() / 1000 - process.uptime();
  reading(
    "process_start_time_seconds",
    "Start, in seconds since the epoch.",
    () => startedAt,
    "min",
  );
  reading("process_cpu_seconds_total", "Processor time, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  reading("process_resident_memory_bytes", "Memory in use.", () => process.memoryUsage.rss());
  reading("process_open_fds", "Open files and connections.", openDescriptors);

  let worstMs = 0;
  let dueAt = performance.now() + LAG_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    worstMs = Math.max(worstMs, now - dueAt);
    dueAt = now + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
  timer.unref();
  reading(
    "calllog_event_loop_lag_seconds",
    "The longest delay of the event loop since the last time somebody asked.",
    () => {
      const seconds = Math.max(0, worstMs) / 1000;
      worstMs = 0;
      return seconds;
    },
    "max",
  );
};
