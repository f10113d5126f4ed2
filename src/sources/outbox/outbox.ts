// Between the mapper and the server: every event is written to the spool first, then handed over from there, one after
// the other, until the server has it. Invariants: nothing overtakes what waits; an event leaves the spool only once it is
// on record or refused for good, and what is refused is logged; so after a crash some are handed over again, and the
// server knows them by their EventId. Memory: one piece of the spool.

import { randomUUID } from "node:crypto";
import { bodyText, type EventBody } from "../../domain/event.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { createSleeper, type Scheduler } from "../../lib/scheduler.ts";
import type { AgentEvent, AgentSink } from "../ami/types.ts";
import { createBackoff } from "./backoff.ts";
import type { Delivery, DeliveryAnswer } from "./delivery.ts";
import type { Spool, SpoolLine } from "./spool.ts";

export type OutboxOptions = {
  readonly openSpool: (onLost: (count: number, why: "full" | "damaged") => void) => Spool;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly log: Log;
};

export type Outbox = Pick<AgentSink, "put"> & {
  /** Finishes what can be handed over within that time, in milliseconds; the rest stays on disk. */
  close(withinMs: number): Promise<void>;
  /** Bytes that wait on disk. */
  waitingBytes(): number;
};

/** Events that wait longer than this are old news when they come: they ring nobody. In milliseconds. */
export const LATE_MS = 30_000;
/** Between attempts that cannot succeed before somebody changes a setting. In milliseconds. */
const NEEDS_HELP_MS = 30_000;

/** Between attempts at a disk that does not work. In milliseconds. */
const RETRY_DISK_MS = 1000;

type Waiting = { readonly at: number } & AgentEvent;

/** A line of the spool; undefined where it is damaged. */
const readLine = ({ text }: SpoolLine): Waiting | undefined => {
  try {
    const line = JSON.parse(text) as Partial<Waiting> | null;
    const { at, event, body } = line ?? {};
    const isWhole = typeof at === "number" && typeof event === "string";
    return isWhole && typeof body === "object" && body !== null ? { at, event, body } : undefined;
  } catch {
    return undefined;
  }
};

const withId = (body: EventBody): EventBody =>
  bodyText(body, "EventId") === "" ? { ...body, EventId: randomUUID() } : body;

/** @throws the system's error where the spool cannot be opened. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { delivery, clock, scheduler, random, log } = options;
  const lost = { full: 0, damaged: 0 };
  const spool = options.openSpool((count, why) => {
    if (lost[why] === 0) {
      log.error(
        why === "full"
          ? "the spool is full: the oldest events that wait are dropped"
          : "lines of the spool are damaged and are skipped",
      );
    }
    lost[why] += count;
  });
  const sleeper = createSleeper(clock, scheduler);
  const backoff = createBackoff(random);
  let queue: { readonly line: string; readonly done: () => void }[] = [];
  let spoolFault = "";
  let isClosing = false;
  let isLate = false;
  /** Since when events wait, and how many were handed over since; undefined while all is well. */
  let trouble: { readonly since: number; handed: number; reason: string } | undefined;
  let wake = Promise.withResolvers<void>();

  let isFlushing = false;
  const flush = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      const lines = batch.map(({ line }) => line);
      // A disk that is full keeps its senders waiting: they stop reading, and nothing grows.
      for (;;) {
        try {
          spool.append(lines);
          break;
        } catch (error) {
          if (String(error) !== spoolFault) {
            log.error("cannot write the spool: events are held back until it can be", { error });
          }
          spoolFault = String(error);
          if (isClosing) return;
          await sleeper.sleep(RETRY_DISK_MS);
        }
      }
      if (spoolFault !== "") log.info("the spool can be written again");
      spoolFault = "";
      for (const { done } of batch) done();
      wake.resolve();
    }
    isFlushing = false;
  };
  let flushing = Promise.resolve();

  /** Where it cannot be written down, events come out again after a crash, and the server knows them. */
  const saved = (): void => {
    if (isLate) return;
    try {
      spool.save();
    } catch (error) {
      log.debug("cannot write down how far the spool is handed over", { error });
    }
  };

  const handOver = async (line: SpoolLine): Promise<boolean> => {
    const waiting = readLine(line);
    if (waiting === undefined) {
      if (lost.damaged === 0) log.error("lines of the spool are damaged and are skipped");
      lost.damaged += 1;
      return true;
    }
    const { at, event, body } = waiting;
    const isOld = clock.now() - at > LATE_MS;
    let answer: DeliveryAnswer;
    try {
      answer = await delivery.deliver({
        event,
        body: isOld ? { ...body, _recovered: true } : body,
      });
    } catch (error) {
      // Against its word: it must end neither the outbox nor the process.
      answer = { kind: "later", reason: `a fault of ours: ${String(error)}`, needsHelp: false };
    }
    if (answer.kind === "later") {
      if (trouble?.reason !== answer.reason) {
        log.warn("events wait on disk: the server does not take them", { reason: answer.reason });
      }
      trouble = {
        since: trouble?.since ?? clock.now(),
        handed: trouble?.handed ?? 0,
        reason: answer.reason,
      };
      saved();
      if (!isClosing) await sleeper.sleep(answer.needsHelp ? NEEDS_HELP_MS : backoff.nextMs());
      return false;
    }
    backoff.reset();
    if (trouble !== undefined) trouble.handed += 1;
    if (answer.kind === "refused") {
      const uniqueId = bodyText(body, "UniqueId");
      log.error("the server refused an event for good", { event, uniqueId, reason: answer.reason });
    }
    return true;
  };

  const caughtUp = (): void => {
    if (trouble === undefined) return;
    log.info("caught up: no events wait any more", {
      events: trouble.handed,
      afterSeconds: Math.round((clock.now() - trouble.since) / 1000),
      ...(lost.full > 0 ? { dropped: lost.full } : {}),
      ...(lost.damaged > 0 ? { damaged: lost.damaged } : {}),
    });
    trouble = undefined;
    lost.full = 0;
    lost.damaged = 0;
  };

  let readFault = "";
  const nextPiece = (): SpoolLine[] | undefined => {
    try {
      const lines = spool.peek();
      readFault = "";
      return lines;
    } catch (error) {
      if (String(error) !== readFault) log.error("cannot read the spool", { error });
      readFault = String(error);
      return undefined;
    }
  };

  const drain = async (): Promise<void> => {
    for (;;) {
      wake = Promise.withResolvers<void>();
      const lines = nextPiece();
      if (lines === undefined) {
        if (isClosing) return;
        await sleeper.sleep(RETRY_DISK_MS);
        continue;
      }
      if (lines.length === 0) {
        caughtUp();
        if (isClosing) return;
        await wake.promise;
        continue;
      }
      for (const line of lines) {
        if (isLate) return;
        if (!(await handOver(line))) break;
        if (isLate) return;
        spool.advance(line.end);
      }
      saved();
      // One attempt is enough at the end: the rest waits for the next start.
      if (isClosing && trouble !== undefined) return;
    }
  };
  const draining = drain();

  return {
    put: ({ event, body }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const line = JSON.stringify({ at: clock.now(), event, body: withId(body) });
      queue.push({ line, done: resolve });
      if (!isFlushing) flushing = Promise.resolve().then(flush);
      isFlushing = true;
      return promise;
    },
    waitingBytes: () => spool.waitingBytes(),
    close: async (withinMs) => {
      isClosing = true;
      sleeper.wakeAll();
      await flushing;
      wake.resolve();
      await Promise.race([draining, sleeper.sleep(withinMs)]);
      saved();
      isLate = true;
      sleeper.wakeAll();
      spool.close();
    },
  };
};
