// What the process that brings the cards looks for at every full minute, enterprise after enterprise: digests and reminders
// that are due. Neither a slow chat nor a fault of one enterprise holds up the others.

import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { createSleeper, type Scheduler, type Sleeper } from "../lib/scheduler.ts";
import { bring, type Errand, type Outcome } from "./courier.ts";

export type RoundsOptions = {
  /** The numbers of all enterprises. */
  readonly enterprises: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
};

type Look = {
  /** In the plural, for the log. */
  readonly what: string;
  readonly at: (enterprise: string) => Promise<void>;
};

const MINUTE_MS = 60_000;

export class Rounds {
  readonly #options: RoundsOptions;
  readonly #sleeper: Sleeper;
  readonly #looks: Look[] = [];
  readonly #works = new Set<Promise<void>>();
  #waiting = 0;
  #isLooking = false;
  #isStopped = false;
  #callOff: () => void = () => undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#sleeper = createSleeper(options.clock, options.scheduler);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Looks, requests and files under way at this moment; what waits for its time is not. */
  get underWay(): number {
    return this.#works.size - this.#waiting + (this.#isLooking ? 1 : 0);
  }

  /** What is looked for in each round; it begins what takes long with `begin`. */
  each(look: Look): void {
    this.#looks.push(look);
  }

  /** Looks at once, then at every full minute. */
  start(): void {
    if (this.#isStopped) return;
    const { clock, scheduler } = this.#options;
    const nextMinute = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS;
    this.#callOff = scheduler.at(nextMinute, () => this.start());
    void this.#round();
  }

  /** Takes no new steps; resolves when those under way are on record. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    this.#sleeper.wakeAll();
    await Promise.all(this.#works);
  }

  /** Lets work go on beside the rounds; it must not reject. */
  begin(work: Promise<void>): void {
    this.#works.add(work);
    void work.finally(() => this.#works.delete(work));
  }

  /** Resolves after that time, or when the program stops. In milliseconds. */
  async rest(ms: number): Promise<void> {
    this.#waiting += 1;
    await this.#sleeper.sleep(ms);
    this.#waiting -= 1;
  }

  /** Brings a message into a chat. */
  bring(errand: Errand): Promise<Outcome> {
    const { clock } = this.#options;
    return bring(errand, {
      clock,
      rest: (ms) => this.rest(ms),
      isStopped: () => this.#isStopped,
    });
  }

  async #round(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    const { enterprises, log } = this.#options;
    try {
      for (const enterprise of await enterprises())
        for (const look of this.#looks) if (!this.#isStopped) await this.#take(look, enterprise);
    } catch (error) {
      log.error("cannot look what is due; it is tried again in a minute", { error });
    } finally {
      this.#isLooking = false;
    }
  }

  async #take({ what, at }: Look, enterprise: string): Promise<void> {
    try {
      await at(enterprise);
    } catch (error) {
      const message = `cannot look which ${what} are due; it is tried again in a minute`;
      this.#options.log.error(message, { enterprise, error });
    }
  }
}
