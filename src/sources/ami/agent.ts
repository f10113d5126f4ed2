// The agent of one Asterisk: link, mapper and outbox wired together. Invariant: messages reach the mapper in stream
// order, and its events leave in the order they were made. After a gap every call that lived through it gets an event
// `gap`, and repaired events carry `_gap`, so that pages can say that something was not seen.

import { randomUUID } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import type { Delivery } from "../outbox/delivery.ts";
import { createOutbox } from "../outbox/outbox.ts";
import { openSpool } from "../outbox/spool.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { startLink } from "./link.ts";
import { writePeers } from "./peer-file.ts";
import type { AmiEndpoint } from "./session.ts";
import { type OpenCall, settledCalls } from "./settle.ts";
import type { AmiMapper, AmiMessage, AmiReader } from "./types.ts";

export type AgentOptions = {
  readonly endpoint: AmiEndpoint;
  readonly createReader: () => AmiReader;
  readonly mapper: AmiMapper;
  readonly delivery: Delivery;
  /** The calls of this PBX that are open in the files; none where the files are elsewhere. */
  readonly openCalls?: () => Promise<readonly OpenCall[]>;
  /** Of this agent alone. */
  readonly spoolDir: string;
  /** The most that waits on disk; the oldest is dropped beyond it. */
  readonly spoolMaxBytes?: number;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** From 0 to 1, for the jitter of pauses. */
  readonly random?: () => number;
  readonly log: Log;
};

export type AgentState = {
  readonly isUp: boolean;
  readonly waitingBytes: number;
  /** How often something that the PBX said could not be read, by a fault of ours. */
  readonly faults: number;
  /** Channels that were dropped, and whether it goes on: one within the last quarter of an hour. */
  readonly dropped: number;
  readonly isDropping: boolean;
};

export type Agent = {
  /** Leaves the PBX, hands over what waits within that time, and keeps the rest on disk. In milliseconds. */
  stop(withinMs: number): Promise<void>;
  state(): AgentState;
};

/** What is learned of peers is kept this long after it was, in milliseconds. */
const KEEP_PEERS_MS = 60_000;
/** So long after the last channel that was dropped the PBX counts as not understood, in milliseconds. */
const DROPPING_MS = 15 * 60_000;

export const SPOOL_MAX_BYTES = 256 * 1024 * 1024;

const fieldOf = (message: AmiMessage, name: string): string => message.fields.get(name) ?? "";

/** An event for every call among the channels: it lived through a gap of that length. */
const gapEvents = (channels: readonly AmiMessage[], gapMs: number, now: number): AgentEvent[] => {
  const ids = new Set(channels.map((channel) => fieldOf(channel, "Linkedid")));
  ids.delete("");
  return [...ids].map((UniqueId) => ({
    event: "gap",
    body: {
      UniqueId,
      EventId: randomUUID(),
      EventTime: now / 1000,
      _gap: Math.round(gapMs / 1000),
      _recovered: true,
    },
  }));
};

/** Keeps what is learned of the peers, some time after it was learned: a restart forgets nothing of it. */
const createPeerKeeping = ({ mapper, spoolDir, clock, scheduler, log }: AgentOptions) => {
  const { peers } = mapper;
  let kept = peers.changes;
  let callOff: (() => void) | undefined;
  const keep = (): void => {
    callOff?.();
    callOff = undefined;
    if (peers.changes === kept) return;
    try {
      writePeers(spoolDir, peers.list());
      kept = peers.changes;
    } catch (error) {
      log.warn("cannot keep what was learned of the peers of the PBX; it is learned again", {
        error,
      });
    }
  };
  return {
    watch: (): void => {
      if (peers.changes === kept || callOff !== undefined) return;
      callOff = scheduler.at(clock.now() + KEEP_PEERS_MS, keep);
    },
    stop: keep,
  };
};

/** Starts the agent. @throws the system's error where its spool cannot be opened. */
export const startAgent = (options: AgentOptions): Agent => {
  const { mapper, delivery, clock, scheduler, log, random = Math.random } = options;
  const outbox = createOutbox({
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

  const putAll = async (events: readonly AgentEvent[]): Promise<void> => {
    await Promise.all(events.map((event) => outbox.put(event)));
  };
  let callOff = (): void => undefined;
  /** Puts what the mapper held back until its window is over. */
  const watchWindow = (): void => {
    callOff();
    const at = mapper.nextDueAt();
    callOff =
      at === undefined
        ? () => undefined
        : scheduler.at(at, () => {
            void putAll(mapped("due events", () => mapper.due(clock.now())));
            watchWindow();
          });
  };
  let faults = 0;
  /** What the mapper makes of something; a fault of ours costs that, not the process and not the link. */
  const mapped = (what: string, work: () => AgentEvent[]): AgentEvent[] => {
    try {
      return work();
    } catch (error) {
      faults += 1;
      // The first one with its cause: the same fault may come with every event.
      if (faults === 1) log.error("cannot read what the PBX said; it is left out", { what, error });
      return [];
    }
  };

  let hasToldDropped = false;
  const watchDropped = (): void => {
    const { count, reason } = mapper.dropped();
    if (count === 0 || hasToldDropped) return;
    hasToldDropped = true;
    log.error("the PBX is not understood: a channel is left out, and its calls with it", {
      reason,
    });
  };
  const keepPeers = createPeerKeeping(options);

  /** Ends the calls that ended while nobody listened. */
  const settled = async (channels: readonly AmiMessage[]): Promise<AgentEvent[]> => {
    try {
      const open = (await options.openCalls?.()) ?? [];
      const ended = settledCalls(open, channels, (id) => mapper.isUnderWay(id));
      if (ended.length > 0) log.info("calls that ended unseen are closed", { calls: ended.length });
      return ended;
    } catch (error) {
      log.error("cannot look for calls that ended unseen; they stay open", { error });
      return [];
    }
  };

  const link = startLink({
    endpoint: options.endpoint,
    createReader: options.createReader,
    clock,
    scheduler,
    random,
    log,
    onEvents: async (messages, at) => {
      const events = messages.flatMap((message) =>
        mapped(message.event, () => mapper.take(message, at)),
      );
      watchWindow();
      watchDropped();
      keepPeers.watch();
      await putAll(events);
    },
    onChannels: async (channels, gapMs, at) => {
      if (channels === undefined) return;
      const mended = [
        ...mapped("list of channels", () => mapper.resync(channels, at)),
        ...(await settled(channels)),
      ];
      watchWindow();
      if (gapMs === undefined) {
        await putAll(mended);
        return;
      }
      const gap = Math.round(gapMs / 1000);
      await putAll([
        ...mended.map(({ event, body }) => ({ event, body: { ...body, _gap: gap } })),
        ...gapEvents(channels, gapMs, at),
      ]);
    },
  });

  return {
    state: () => {
      const { count, lastAt = Number.NEGATIVE_INFINITY } = mapper.dropped();
      return {
        isUp: link.isUp(),
        waitingBytes: outbox.waitingBytes(),
        faults,
        dropped: count,
        isDropping: clock.now() - lastAt < DROPPING_MS,
      };
    },
    stop: async (withinMs) => {
      await link.stop();
      callOff();
      keepPeers.stop();
      // Windows that are open would end with nobody there.
      void putAll(mapped("due events", () => mapper.due(Number.MAX_SAFE_INTEGER)));
      await outbox.close(withinMs);
    },
  };
};
