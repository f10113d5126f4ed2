// Messages between a worker and its supervisor, as JSON over the IPC channel. A worker whose parent is gone stops.

import type { Figures } from "../watch/metrics/index.ts";

/** How a worker learns that it is one; not a setting, so not among the CALLLOG_ names. */
export const WORKER_VARIABLE = "_CALLLOG_WORKER";

/** What a worker is started with: its number, and the ports that all share. */
export type WorkerOrder = {
  readonly worker: number;
  readonly port: number;
  readonly webhookPort: number;
};

export type FromWorker =
  | { readonly kind: "listening"; readonly webhooksUrl: string; readonly pagesUrl: string }
  /** Somebody scrapes this worker: the figures of all are wanted. */
  | { readonly kind: "scrape"; readonly id: number }
  | { readonly kind: "figures"; readonly id: number; readonly figures: Figures };

export type ToWorker =
  | { readonly kind: "stop" }
  | { readonly kind: "collect"; readonly id: number }
  | {
      readonly kind: "scraped";
      readonly id: number;
      readonly answered: readonly Figures[];
      readonly workers: number;
    };

/** How long a scrape waits for workers that do not answer, in milliseconds. */
export const COLLECT_TIMEOUT_MS = 1000;

/** The order in a worker's environment; undefined in a process that is none. */
export const workerOrder = (env: {
  readonly [name: string]: string | undefined;
}): WorkerOrder | undefined => {
  const text = env[WORKER_VARIABLE];
  return text === undefined || text === "" ? undefined : (JSON.parse(text) as WorkerOrder);
};
