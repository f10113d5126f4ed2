// The parts of the service, measured: each wrapper does what it wraps does, and tells how long it took. The parts
// themselves know nothing of being measured.

import type { MessengerFailure } from "../../cards/index.ts";
import type { Bot } from "../../channels/telegram/index.ts";
import type { Result } from "../../lib/result.ts";
import type { Fetch } from "../../metadata/index.ts";
import { routeOf } from "../../pages/index.ts";
import { type Directory, overDirectory } from "../../people/index.ts";
import type { TraceStore } from "../../store/index.ts";
import type { Metrics } from "./types.ts";

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

export const measuredTrace = <T extends Pick<TraceStore, "append" | "find">>(
  trace: T,
  metrics: Metrics,
): T => ({
  ...trace,
  append: (enterprise, record, options) => {
    const start = performance.now();
    const appended = trace.append(enterprise, record, options);
    // At the same time as the caller waits, so that the caller is not held up.
    appended.then(
      () => metrics.appended(secondsSince(start), true),
      () => metrics.appended(secondsSince(start), false),
    );
    return appended;
  },
  find: async (enterprise, keys, part) => {
    const start = performance.now();
    const found = await trace.find(enterprise, keys, part);
    metrics.lookedUp(secondsSince(start), found.faults.length);
    return found;
  },
});

/** Counts the questions that reach the database; put it behind the cache. */
export const measuredDirectory = (directory: Directory, metrics: Metrics): Directory => {
  const measured = async <T>(question: Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      const answer = await question;
      metrics.directory(true, secondsSince(start));
      return answer;
    } catch (error) {
      metrics.directory(false, secondsSince(start));
      throw error;
    }
  };
  return overDirectory(directory, {
    enterpriseByNumber: (number) => measured(directory.enterpriseByNumber(number)),
    enterpriseByWebhookToken: (token) => measured(directory.enterpriseByWebhookToken(token)),
    enterprises: () => measured(directory.enterprises()),
    usersOf: (enterprise) => measured(directory.usersOf(enterprise)),
  });
};

export const measuredBot = (bot: Bot, metrics: Metrics): Bot => {
  const measured =
    <A extends readonly unknown[], T>(
      method: string,
      request: (...of: A) => Promise<Result<T, MessengerFailure>>,
    ) =>
    async (...of: A): Promise<Result<T, MessengerFailure>> => {
      const start = performance.now();
      const result = await request(...of);
      metrics.telegram(method, result.ok ? "ok" : result.error.kind, secondsSince(start));
      if (!result.ok && result.error.kind === "limited") {
        metrics.telegramWait(result.error.retryAfterMs / 1000);
      }
      return result;
    };
  return {
    ...bot,
    send: measured("send", bot.send),
    edit: measured("edit", bot.edit),
    remove: measured("delete", bot.remove),
  };
};

/** A `fetch` for the metadata service. */
export const measuredFetch =
  (fetch: Fetch, metrics: Metrics): Fetch =>
  async (url, init) => {
    const start = performance.now();
    try {
      const response = await fetch(url, init);
      metrics.metadata(response.status, secondsSince(start));
      return response;
    } catch (error) {
      metrics.metadata(0, secondsSince(start));
      throw error;
    }
  };

/** The pages' `fetch`; an event stream counts with its beginning. */
export const measuredPages =
  (fetch: (request: Request) => Response | Promise<Response>, metrics: Metrics) =>
  async (request: Request): Promise<Response> => {
    const start = performance.now();
    const response = await fetch(request);
    metrics.answered(routeOf(request.url), response.status, secondsSince(start));
    return response;
  };
