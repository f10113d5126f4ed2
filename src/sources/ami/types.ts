// What the parts of the agent say to each other: bytes of the manager interface become messages, messages become call
// events, call events are handed over or wait on disk. An agent knows one Asterisk; several agents run side by side.

import type { AgentEvent } from "../outbox/types.ts";
import type { Peers } from "./peers.ts";

/** One block of the manager interface: an event, or the response to an action. */
export type AmiMessage = {
  /** The `Event:` of the first line; "" for a response. */
  readonly event: string;
  /** The `Response:` of the first line (`Success`, `Error`, `Goodbye`); "" for an event. */
  readonly response: string;
  /** By header as Asterisk spells it; of equal names the first counts. Values as text, escapes taken back. */
  readonly fields: ReadonlyMap<string, string>;
};

/** Bytes in, whole messages out; keeps what is not whole yet, within bounds. */
export type AmiReader = {
  push(bytes: Uint8Array): AmiMessage[];
};

/** Turns one Asterisk's messages into call events. Pure but for what it remembers of the calls under way. */
export type AmiMapper = {
  /** What is known of the peers of the PBX. */
  readonly peers: Peers;
  /** @param receivedAt milliseconds since the epoch; stands in where a message has no `Timestamp` */
  take(message: AmiMessage, receivedAt: number): AgentEvent[];
  /** What waits for a window to end (200 ms of the stream's own time) and whose time has come by `now`. */
  due(now: number): AgentEvent[];
  /** When `due` has something next, in milliseconds since the epoch; undefined where nothing waits. */
  nextDueAt(): number | undefined;
  /**
   * After a gap: the channels there are now (the events of `CoreShowChannels`). Calls whose channels are gone are hung up,
   * those that are new are taken over; all of it marked `_recovered`.
   * The list must be newer than all that was taken; what came while it was sent is taken afterwards.
   */
  resync(channels: readonly AmiMessage[], now: number): AgentEvent[];
  /**
   * The calls of channels that were made before a moment (milliseconds since the epoch), and that a list which is not newer than
   * what was taken does not have, are over: Asterisk did not live to say so.
   */
  unlisted(channels: readonly AmiMessage[], before: number): AgentEvent[];
  /** Whether a call or channel of that id is followed now. */
  isUnderWay(id: string): boolean;
  /** Channels that could not be followed, since their messages name no call or no id that can be kept. */
  dropped(): Dropped;
};

/** Channels of a PBX that is not understood. */
export type Dropped = {
  readonly count: number;
  /** Receipt of the last one, in milliseconds since the epoch; undefined where there was none. */
  readonly lastAt: number | undefined;
  /** Why, of the last one; "" where there was none. */
  readonly reason: string;
};

/** Messages in the order in which they were written down. */
export type JournalBlock = {
  readonly messages: readonly AmiMessage[];
  /** When the last of them happened, in milliseconds since the epoch. */
  readonly atMs: number;
  /** They were read and told before; they are there to understand what follows. */
  readonly isTold: boolean;
};

/** What a PBX writes down itself, whoever listens: read for what happened while nobody did. */
export type Journal = {
  /** No place was kept: what was written before its first reading is not read. */
  readonly isFresh: boolean;
  /** There is nothing to read now. */
  readonly isMissing: boolean;
  /** Goes back to where the oldest call began that is under way. */
  rewind(): Promise<void>;
  /**
   * Reads to the end of what is written. @param take the next block is read when it resolved
   * @throws the system's error where it cannot be read
   */
  read(take: (block: JournalBlock) => Promise<void>): Promise<"end" | "missing">;
  /** Keeps the place for the next process, now and then. @param isTold all that was read was told by whoever reads it */
  keep(isTold: boolean): void;
  close(isTold: boolean): Promise<void>;
};
