// Delivers what waits in the spool, in order, until the server has recorded or refused each event. Invariants: nothing
// overtakes what waits; the position advances only past events that are done.

import { bodyText } from "../../domain/event.ts";
import type { Backoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Sleeper } from "../../lib/scheduler.ts";
import type { Spool, SpoolLine } from "../../lib/spool.ts";
import type { Delivery, DeliveryAnswer } from "./delivery.ts";
import type { Losses } from "./losses.ts";
import { RETRY_DISK_MS } from "./spool-writer.ts";
import { readWaiting } from "./waiting.ts";

/** Events that waited longer than this, in milliseconds, are sent as recovered: they ring nobody. */
export const LATE_MS = 30_000;
/** Between attempts that cannot succeed before somebody changes a setting. In milliseconds. */
const NEEDS_HELP_MS = 30_000;

export type HandoverOptions = {
  readonly spool: Spool;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly backoff: Backoff;
  readonly losses: Losses;
  readonly log: Log;
};

export class Handover {
  readonly #options: HandoverOptions;
  readonly #running: Promise<void>;
  #wake = Promise.withResolvers<void>();
  /** Since when events wait, and how many were handed over since; undefined while all is well. */
  #trouble: { readonly since: number; handed: number; reason: string } | undefined;
  #readFault = "";
  #isClosing = false;
  #isLate = false;
  /** Lines that are in no file, oldest first; they come after all that is in the spool. */
  #unwritten: string[] = [];

  constructor(options: HandoverOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Something is in the spool. */
  wake(): void {
    this.#wake.resolve();
  }

  /**
   * Hands over what it can within that time, in milliseconds; what is in the spool stays there.
   *
   * @param unwritten lines that could not be written into the spool
   * @returns how many of those are lost
   */
  async close(withinMs: number, unwritten: readonly string[]): Promise<number> {
    const { sleeper } = this.#options;
    this.#unwritten = [...unwritten];
    this.#isClosing = true;
    sleeper.wakeAll();
    this.#wake.resolve();
    await Promise.race([this.#running, sleeper.sleep(withinMs)]);
    this.#save();
    this.#isLate = true;
    sleeper.wakeAll();
    return this.#unwritten.length;
  }

  async #run(): Promise<void> {
    for (;;) {
      this.#wake = Promise.withResolvers<void>();
      const lines = this.#nextPiece();
      if (lines === undefined) {
        if (this.#isClosing) return;
        await this.#options.sleeper.sleep(RETRY_DISK_MS);
      } else if (lines.length === 0) {
        this.#caughtUp();
        if (this.#isClosing) return this.#handOverUnwritten();
        await this.#wake.promise;
      } else {
        const isThrough = await this.#handOverPiece(lines);
        this.#save();
        // One attempt is enough at the end: the rest waits for the next start.
        if (this.#isLate || (this.#isClosing && !isThrough)) return;
      }
    }
  }

  #nextPiece(): SpoolLine[] | undefined {
    try {
      const lines = this.#options.spool.peek();
      this.#readFault = "";
      return lines;
    } catch (error) {
      if (String(error) !== this.#readFault) {
        this.#options.log.error("cannot read the spool", { error });
      }
      this.#readFault = String(error);
      return undefined;
    }
  }

  /** Whether each of them was delivered, refused for good, or damaged. */
  async #handOverPiece(lines: readonly SpoolLine[]): Promise<boolean> {
    for (const line of lines) {
      if (this.#isLate || !(await this.#isDone(line.text)) || this.#isLate) return false;
      this.#options.spool.advance(line.end);
    }
    return true;
  }

  async #handOverUnwritten(): Promise<void> {
    while (!this.#isLate && this.#unwritten.length > 0) {
      if (!(await this.#isDone(this.#unwritten[0] ?? ""))) return;
      // Counted as lost by then, although the server took it.
      if (this.#isLate) return;
      this.#unwritten.shift();
    }
  }

  /** Whether an event is done with: handed over, refused for good, or damaged. Waits after an attempt that failed. */
  async #isDone(line: string): Promise<boolean> {
    const { clock, backoff, sleeper, losses, log } = this.#options;
    const waiting = readWaiting(line);
    if (waiting === undefined) {
      losses.add(1, "damaged");
      return true;
    }
    const { at, event, body } = waiting;
    const isOld = clock.now() - at > LATE_MS;
    const answer = await this.#deliver(event, isOld ? { ...body, _recovered: true } : body);
    if (answer.kind === "later") {
      this.#inTrouble(answer.reason);
      this.#save();
      if (!this.#isClosing) {
        await sleeper.sleep(answer.needsHelp ? NEEDS_HELP_MS : backoff.nextMs());
      }
      return false;
    }
    backoff.reset();
    if (this.#trouble !== undefined) this.#trouble.handed += 1;
    if (answer.kind === "refused") {
      const uniqueId = bodyText(body, "UniqueId");
      log.error("the server refused an event for good", { event, uniqueId, reason: answer.reason });
    }
    return true;
  }

  async #deliver(event: string, body: Parameters<typeof bodyText>[0]): Promise<DeliveryAnswer> {
    try {
      return await this.#options.delivery.deliver({ event, body });
    } catch (error) {
      // A delivery that throws against its contract must end neither the outbox nor the process.
      return { kind: "later", reason: `a fault of ours: ${String(error)}`, needsHelp: false };
    }
  }

  #inTrouble(reason: string): void {
    if (this.#trouble?.reason !== reason) {
      this.#options.log.warn("events wait on disk: the server does not take them", { reason });
    }
    this.#trouble = {
      since: this.#trouble?.since ?? this.#options.clock.now(),
      handed: this.#trouble?.handed ?? 0,
      reason,
    };
  }

  #caughtUp(): void {
    if (this.#trouble === undefined) return;
    const { clock, log, losses } = this.#options;
    log.info("caught up: no events wait any more", {
      events: this.#trouble.handed,
      afterSeconds: Math.round((clock.now() - this.#trouble.since) / 1000),
      ...losses.takeFields(),
    });
    this.#trouble = undefined;
  }

  /** Where the position cannot be saved, events are sent again after a crash, and the server knows them by their `EventId`. */
  #save(): void {
    if (this.#isLate) return;
    try {
      this.#options.spool.save();
    } catch (error) {
      this.#options.log.debug("cannot write down how far the spool is handed over", { error });
    }
  }
}
