// The agent of one Asterisk: link, mapper and outbox wired together. Invariant: messages reach the mapper in stream
// order, and its events leave in the order they were made. After a gap every call that lived through it gets an event
// `gap`, and repaired events carry `_gap`, so that pages can say that something was not seen.

import { randomUUID } from "node:crypto";
import type { AgentEvent } from "../outbox/types.ts";
import { EventFeed, type FeedOptions } from "./feed.ts";
import { startLink } from "./link.ts";
import type { AmiEndpoint } from "./session.ts";
import { type OpenCall, settledCalls } from "./settle.ts";
import type { AmiMessage, AmiReader } from "./types.ts";

export type AgentOptions = FeedOptions & {
  readonly endpoint: AmiEndpoint;
  readonly createReader: () => AmiReader;
  /** The calls of this PBX that are open in the files; none where the files are elsewhere. */
  readonly openCalls?: () => Promise<readonly OpenCall[]>;
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

/** Starts the agent. @throws the system's error where its spool cannot be opened. */
export const startAgent = (options: AgentOptions): Agent => {
  const { clock, scheduler, log, random = Math.random } = options;
  const feed = new EventFeed(options);

  /** Ends the calls that ended while nobody listened. */
  const settled = async (channels: readonly AmiMessage[]): Promise<AgentEvent[]> => {
    try {
      const open = (await options.openCalls?.()) ?? [];
      const ended = settledCalls(open, channels, (id) => feed.mapper.isUnderWay(id));
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
    onEvents: (messages, at) => feed.take(messages, at),
    onChannels: async (channels, gapMs, at) => {
      if (channels === undefined) return;
      const mended = [
        ...feed.mapped("list of channels", () => feed.mapper.resync(channels, at)),
        ...(await settled(channels)),
      ];
      feed.watchWindow();
      if (gapMs === undefined) {
        await feed.put(mended);
        return;
      }
      const gap = Math.round(gapMs / 1000);
      await feed.put([
        ...mended.map(({ event, body }) => ({ event, body: { ...body, _gap: gap } })),
        ...gapEvents(channels, gapMs, at),
      ]);
    },
  });

  return {
    state: () => {
      const { count, isGoingOn } = feed.dropped();
      return {
        isUp: link.isUp(),
        waitingBytes: feed.waitingBytes(),
        faults: feed.faults,
        dropped: count,
        isDropping: isGoingOn,
      };
    },
    stop: async (withinMs) => {
      await link.stop();
      await feed.stop(withinMs);
    },
  };
};
