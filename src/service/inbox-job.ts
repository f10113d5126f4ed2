// What is done beside the cards, by one process of a folder, or of a cluster: listening to what people write to the bots, and
// telling the operator what is wrong. A bot can be listened to by one alone.

import { createReception, type Reception } from "../channels/telegram/index.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { within } from "../lib/within.ts";
import { openInvitations } from "../people/invitations/index.ts";
import type { Operator } from "../watch/operator/index.ts";
import type { Bots } from "./bots.ts";
import type { NotifyOptions } from "./notifier-job.ts";
import type { Job } from "./single-holder.ts";

export class InboxJob implements Job {
  readonly #reception: Reception;
  readonly #operator: Operator | undefined;
  readonly #stopWithinMs: number;

  constructor(options: NotifyOptions, bots: Bots, scheduler: Scheduler) {
    const { config, directory, directoryNow, clock, log } = options;
    const bot = (token: string) => bots.of(token);
    this.#stopWithinMs = config.shutdownTimeoutMs;
    this.#reception = createReception({
      directory,
      directoryNow,
      bot,
      clock,
      scheduler,
      log,
      lang: config.lang,
      store: openInvitations(config.dataDir, clock),
    });
    this.#operator = options.operator?.({ bot, scheduler });
    this.look();
  }

  look(): void {
    void this.#reception.look();
  }

  /** Within the shutdown time: a request that Telegram holds would last half a minute. */
  async stop(): Promise<void> {
    const all = Promise.all([this.#reception.stop(), this.#operator?.stop()]);
    await within<unknown, void>(all, this.#stopWithinMs, () => undefined);
  }
}
