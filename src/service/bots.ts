// The bots of a process, each once: whoever writes through one, or listens to it, shares what it knows of its limits.

import { type Bot, createBot } from "../channels/telegram/index.ts";
import type { Config } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Scheduler } from "../lib/scheduler.ts";

export type BotsOptions = {
  readonly config: Pick<Config, "telegramApiRoot">;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Put around each bot, to count what it does. */
  readonly measured?: ((bot: Bot) => Bot) | undefined;
};

export class Bots {
  readonly #options: BotsOptions;
  readonly #known = new Map<string, Bot>();

  constructor(options: BotsOptions) {
    this.#options = options;
  }

  of(token: string): Bot {
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    const { config, clock, scheduler, measured } = this.#options;
    const plain = createBot(token, {
      apiRoot: config.telegramApiRoot,
      scheduler,
      now: clock.now,
    });
    const bot = measured?.(plain) ?? plain;
    this.#known.set(token, bot);
    return bot;
  }
}
