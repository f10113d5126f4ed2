// A worker process: serves like a single process, reports that it listens, answers questions for figures, and stops
// when told to or when its parent is gone.

import { within } from "../lib/within.ts";
import type { Figures } from "../watch/metrics/index.ts";
import type { Service, Sharing } from "./compose.ts";
import { COLLECT_TIMEOUT_MS, type FromWorker, type ToWorker } from "./worker-messages.ts";

export type WorkerChannel = {
  readonly sharing: Sharing;
  /** Tells the parent where it listens, and takes its questions from then on. */
  serving(service: Service): void;
  /** Resolves when the parent says so, or is gone. */
  readonly stopAsked: Promise<void>;
};

type Scrape = { readonly answered: readonly Figures[]; readonly workers: number };

/** The worker's end of the channel; called once, in a process that has a parent. */
export const openWorkerChannel = (workers: number): WorkerChannel => {
  const { promise: stopAsked, resolve: askToStop } = Promise.withResolvers<void>();
  const scrapes = new Map<number, (scrape: Scrape) => void>();
  let lastScrape = 0;
  let figures: (() => Promise<Figures>) | undefined;

  const say = (message: FromWorker): void => {
    // A parent that is gone ends this process; nothing is left to be told.
    if (process.connected) process.send?.(message);
  };
  process.on("disconnect", askToStop);
  process.on("message", (message: ToWorker) => {
    if (message.kind === "stop") askToStop();
    else if (message.kind === "scraped") scrapes.get(message.id)?.(message);
    else if (figures !== undefined) {
      const { id } = message;
      figures().then(
        (own) => say({ kind: "figures", id, figures: own }),
        // Left out, as calllog_workers_answered tells.
        () => undefined,
      );
    }
  });

  return {
    stopAsked,
    serving: (service) => {
      figures = () => service.figures();
      say({ kind: "listening", webhooksUrl: service.webhooksUrl, pagesUrl: service.pagesUrl });
    },
    sharing: {
      figuresOfAll: async (own) => {
        const id = ++lastScrape;
        const { promise, resolve } = Promise.withResolvers<Scrape>();
        scrapes.set(id, resolve);
        say({ kind: "scrape", id });
        try {
          // Longer than the parent waits for the slowest of us.
          const all = await within(promise, COLLECT_TIMEOUT_MS * 1.5, () => undefined);
          return all ?? { answered: [await own()], workers };
        } finally {
          scrapes.delete(id);
        }
      },
    },
  };
};
