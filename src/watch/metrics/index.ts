// The face of the figures behind GET /metrics: what is measured, by whom, and how a scrape is answered.

export {
  measuredBot,
  measuredDirectory,
  measuredFetch,
  measuredPages,
  measuredTrace,
} from "./measured.ts";
export { createMetrics, type MetricsOptions } from "./registry.ts";
export { gaugeSum, metricsText } from "./text.ts";
export type { Figures, LiveFigures, Metrics } from "./types.ts";
