// Figures of one or more processes as the text that Prometheus reads
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).

import { AggregatorRegistry, Gauge } from "prom-client";
import type { Figures } from "./types.ts";

/**
 * The text for a scrape: counters and histograms of all processes added up.
 *
 * @param answered figures of the processes that answered
 * @param workers how many processes there should be
 */
export const metricsText = async (
  answered: readonly Figures[],
  workers: number,
): Promise<string> => {
  const all = AggregatorRegistry.aggregate(answered as unknown as object[][]);
  const registers = [all];
  const gauge = (name: string, help: string, value: number): void => {
    new Gauge({ name, help, registers }).set(value);
  };
  gauge("calllog_workers", "Processes that should take events.", workers);
  gauge("calllog_workers_answered", "Processes whose figures are in here.", answered.length);
  return all.metrics();
};

/** The sum of a gauge without labels over processes; 0 where none has it. */
export const gaugeSum = (answered: readonly Figures[], name: string): number =>
  answered
    .flat()
    .filter((figure) => figure.name === name)
    .flatMap(({ values }) => values)
    .reduce((sum, { value }) => sum + value, 0);
