// From messages to events that are handed over: the mapper, the windows that it waits for, what it learns of peers, and the
// outbox, for any source of messages. Invariant: events leave in the order they were made, and a fault of ours costs the
// message that it happened at, not the process.

import { LRUCache } from "lru-cache";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import { openSpool } from "../../lib/spool.ts";
import type { Delivery } from "../outbox/delivery.ts";
import { createOutbox, type Outbox } from "../outbox/outbox.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { writePeers } from "./peer-file.ts";
import { momentOf } from "./stream-clock.ts";
import type { AmiMapper, AmiMessage } from "./types.ts";

export type FeedOptions = {
  readonly mapper: AmiMapper;
  readonly delivery: Delivery;
  /** Of this source alone. */
  readonly spoolDir: string;
  /** The most that waits on disk; the oldest is dropped beyond it. */
  readonly spoolMaxBytes?: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** From 0 to 1, for the jitter of pauses. */
  readonly random?: () => number;
  readonly log: Log;
  /**
   * What waits for a window is told by `tellDue` alone, once what was said meanwhile has been read; otherwise by a timer, as
   * soon as the window is over.
   */
  readonly areWindowsTold?: boolean;
};

export type FeedState = {
  readonly waitingBytes: number;
  /** How often something that the PBX said could not be read, by a fault of ours. */
  readonly faults: number;
  /** Channels that were dropped, and whether it goes on: one within the last quarter of an hour. */
  readonly dropped: number;
  readonly isDropping: boolean;
};

/** What is learned of peers is kept this long after it was, in milliseconds. */
const KEEP_PEERS_MS = 60_000;
/** So long after the last channel that was dropped the PBX counts as not understood, in milliseconds. */
const DROPPING_MS = 15 * 60_000;

/** Ids of events that were put: an older one may be put twice, and the server knows it by its id. */
const MAX_TOLD = 20_000;

export const SPOOL_MAX_BYTES = 256 * 1024 * 1024;

/** The event as one that was found out later than it happened: it rings nobody. */
export const recovered = ({ event, body }: AgentEvent): AgentEvent => ({
  event,
  body: { ...body, _recovered: true },
});

const idOf = ({ body }: AgentEvent): string => String(body["EventId"] ?? "");

export class EventFeed {
  readonly #options: FeedOptions;
  readonly #outbox: Outbox;
  #mapper: AmiMapper;
  readonly #told = new LRUCache<string, true>({ max: MAX_TOLD });
  #faults = 0;
  #hasToldDropped = false;
  #callOffWindow = (): void => undefined;
  #keptPeers: number;
  #callOffPeers: (() => void) | undefined;

  /** @throws the system's error where its spool cannot be opened */
  constructor(options: FeedOptions) {
    const { delivery, clock, scheduler, log, random = Math.random } = options;
    this.#options = options;
    this.#mapper = options.mapper;
    this.#keptPeers = options.mapper.peers.changes;
    this.#outbox = createOutbox({
      openSpool: (onLost) =>
        openSpool({
          dir: options.spoolDir,
          maxBytes: options.spoolMaxBytes ?? SPOOL_MAX_BYTES,
          onLost,
        }),
      delivery,
      clock,
      scheduler,
      random,
      log,
    });
  }

  get mapper(): AmiMapper {
    return this.#mapper;
  }

  /** Goes on with another mapper of the same PBX, which knows more of the calls under way. */
  replaceMapper(mapper: AmiMapper): void {
    this.#mapper = mapper;
    this.watchWindow();
  }

  state(): FeedState {
    const { count, lastAt = Number.NEGATIVE_INFINITY } = this.#mapper.dropped();
    return {
      waitingBytes: this.#outbox.waitingBytes(),
      faults: this.#faults,
      dropped: count,
      isDropping: this.#options.clock.now() - lastAt < DROPPING_MS,
    };
  }

  /** What the mapper makes of something; a fault of ours costs that, not the process and not the link. */
  mapped(what: string, work: () => AgentEvent[]): AgentEvent[] {
    try {
      return work();
    } catch (error) {
      this.#faults += 1;
      // The first one with its cause: the same fault may come with every event.
      if (this.#faults === 1) {
        this.#options.log.error("cannot read what the PBX said; it is left out", { what, error });
      }
      return [];
    }
  }

  /** What the messages tell. What waits for a window follows when it is over. */
  map(messages: readonly AmiMessage[], at: number, mapper = this.#mapper): AgentEvent[] {
    return messages.flatMap((message) =>
      this.mapped(message.event, () => mapper.take(message, at)),
    );
  }

  /** The same of messages that were written down: each is received when it happened. @param atMs of one without a time */
  mapWritten(messages: readonly AmiMessage[], atMs: number, mapper = this.#mapper): AgentEvent[] {
    return messages.flatMap((message) => this.map([message], momentOf(message, atMs), mapper));
  }

  /**
   * Takes messages in the order of the stream. Resolves when what they tell is handed over or on disk.
   *
   * @param mark puts what is known of an event beside the messages into it
   */
  async take(
    messages: readonly AmiMessage[],
    at: number,
    mark = (event: AgentEvent): AgentEvent => event,
  ): Promise<void> {
    const events = this.map(messages, at).map(mark);
    this.watchWindow();
    this.#watchDropped();
    this.#watchPeers();
    await this.put(events);
  }

  /** Resolves when the events are handed over or on disk. */
  async put(events: readonly AgentEvent[]): Promise<void> {
    for (const event of events) this.#told.set(idOf(event), true);
    await Promise.all(events.map((event) => this.#outbox.put(event)));
  }

  /** Puts those that were not put before. @returns how many those were */
  async putMissed(events: readonly AgentEvent[]): Promise<number> {
    const missed = events.filter((event) => !this.#told.has(idOf(event)));
    await this.put(missed);
    return missed.length;
  }

  /** Puts what the mapper held back until its window is over. */
  watchWindow(): void {
    const { scheduler, areWindowsTold = false } = this.#options;
    if (areWindowsTold) return;
    this.#callOffWindow();
    const at = this.#mapper.nextDueAt();
    this.#callOffWindow =
      at === undefined
        ? () => undefined
        : scheduler.at(at, () => {
            void this.tellDue();
            this.watchWindow();
          });
  }

  /** Puts what was held back for windows that are over. */
  tellDue(): Promise<void> {
    const { clock } = this.#options;
    return this.put(this.mapped("due events", () => this.#mapper.due(clock.now())));
  }

  /** What waits for its window goes on waiting: more of it is still to be read. */
  pauseWindow(): void {
    this.#callOffWindow();
  }

  /**
   * Hands over what waits within that time, and keeps the rest on disk.
   *
   * @param withinMs in milliseconds
   * @param isReadAgain the next process maps from where the calls began: what waits for its window is told then, whole
   */
  async stop(withinMs: number, isReadAgain: boolean): Promise<void> {
    this.#callOffWindow();
    this.#keepPeers();
    // Windows that are open would end with nobody there.
    if (!isReadAgain) {
      void this.put(this.mapped("due events", () => this.#mapper.due(Number.MAX_SAFE_INTEGER)));
    }
    await this.#outbox.close(withinMs);
  }

  #watchDropped(): void {
    const { count, reason } = this.#mapper.dropped();
    if (count === 0 || this.#hasToldDropped) return;
    this.#hasToldDropped = true;
    this.#options.log.error(
      "the PBX is not understood: a channel is left out, and its calls with it",
      { reason },
    );
  }

  /** Keeps what is learned of the peers, some time after it was learned: a restart forgets nothing of it. */
  #watchPeers(): void {
    const { clock, scheduler } = this.#options;
    if (this.#mapper.peers.changes === this.#keptPeers || this.#callOffPeers !== undefined) return;
    this.#callOffPeers = scheduler.at(clock.now() + KEEP_PEERS_MS, () => this.#keepPeers());
  }

  #keepPeers(): void {
    this.#callOffPeers?.();
    this.#callOffPeers = undefined;
    const { peers } = this.#mapper;
    if (peers.changes === this.#keptPeers) return;
    try {
      writePeers(this.#options.spoolDir, peers.list());
      this.#keptPeers = peers.changes;
    } catch (error) {
      this.#options.log.warn(
        "cannot keep what was learned of the peers of the PBX; it is learned again",
        { error },
      );
    }
  }
}
