// A durable queue between a source of events and the server: every event is written to the spool first (SpoolWriter)
// and delivered from there (Handover). A crash loses nothing; events delivered twice are recognised by their EventId.
// Memory: one piece of the spool.

import { createBackoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { createSleeper, type Scheduler } from "../../lib/scheduler.ts";
import type { Spool } from "../../lib/spool.ts";
import type { Delivery } from "./delivery.ts";
import { Handover } from "./handover.ts";
import { Losses, type LossKind } from "./losses.ts";
import { SpoolWriter } from "./spool-writer.ts";
import type { AgentEvent } from "./types.ts";
import { waitingLine } from "./waiting.ts";

export { LATE_MS } from "./handover.ts";

export type OutboxOptions = {
  readonly openSpool: (onLost: (count: number, why: LossKind) => void) => Spool;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly log: Log;
};

export type Outbox = {
  /**
   * Resolves when the event is in the spool, which it is at once while the disk works. An event that is still held back
   * when the outbox closes is handed over from memory, or told as lost.
   */
  put(event: AgentEvent): Promise<void>;
  /**
   * Finishes what can be handed over within that time, in milliseconds; the rest stays on disk. What the disk did not
   * take is handed over from memory, and what of it the server does not take either is logged as lost, with its number.
   */
  close(withinMs: number): Promise<void>;
  /** Bytes that wait on disk. */
  waitingBytes(): number;
};

/** Pauses between attempts at a server that is away. */
const ATTEMPTS = { firstMs: 500, longestMs: 30_000 };

/** @throws the system's error where the spool cannot be opened. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { delivery, clock, scheduler, random, log } = options;
  const losses = new Losses(log);
  const spool = options.openSpool((count, why) => losses.add(count, why));
  const sleeper = createSleeper(clock, scheduler);
  const backoff = createBackoff({ ...ATTEMPTS, random });
  const handover = new Handover({ spool, delivery, clock, sleeper, backoff, losses, log });
  const writer = new SpoolWriter({ spool, sleeper, log, onWritten: () => handover.wake() });
  return {
    put: (event) => writer.put(waitingLine(event, clock.now())),
    waitingBytes: () => spool.waitingBytes(),
    close: async (withinMs) => {
      const unwritten = await writer.close();
      const lost = await handover.close(withinMs, unwritten);
      spool.close();
      if (lost === 0) return;
      log.error(
        "events are lost: the spool cannot be written and the server did not take them before the stop; make room on the disk of the spool",
        { events: lost, reason: writer.fault },
      );
    },
  };
};
