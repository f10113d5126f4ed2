// The agent of one Asterisk: link, mapper and outbox wired together. Invariant: messages reach the mapper in stream
// order, and its events leave in the order they were made. After a gap every call that lived through it gets an event
// `gap`, and repaired events carry `_gap`, so that pages can say that something was not seen.

import { randomUUID } from "node:crypto";
import { createSleeper, type Sleeper } from "../../lib/scheduler.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { CatchUp } from "./catch-up.ts";
import { EventFeed, type FeedOptions, type FeedState } from "./feed.ts";
import { uptimeMs } from "./hearing.ts";
import { type Link, startLink } from "./link.ts";
import type { AmiEndpoint } from "./session.ts";
import { endedBefore, type OpenCall, settledCalls } from "./settle.ts";
import { momentOf } from "./stream-clock.ts";
import type { AmiMapper, AmiMessage, AmiReader, Journal } from "./types.ts";

export type AgentOptions = Omit<FeedOptions, "mapper"> & {
  readonly endpoint: AmiEndpoint;
  readonly createReader: () => AmiReader;
  /** The calls of this PBX that are open in the files; none where the files are elsewhere. */
  readonly openCalls?: () => Promise<readonly OpenCall[]>;
  /** What the PBX writes down itself; read after each login for what happened while nobody listened. */
  readonly journal?: Journal;
  /** A mapper that knows no call yet, of the same peers as `mapper`. */
  readonly createMapper: () => AmiMapper;
};

export type AgentState = FeedState & {
  readonly isUp: boolean;
  /** There is no CEL file where the settings say. */
  readonly isJournalMissing: boolean;
};

export type Agent = {
  /** Leaves the PBX, hands over what waits within that time, and keeps the rest on disk. In milliseconds. */
  stop(withinMs: number): Promise<void>;
  state(): AgentState;
};

/** A channel that is not in the list is gone where it was made so long before: newer ones may be younger than the list. */
const UNLISTED_MS = 60_000;
/** How often the journal is looked at while the PBX is listened to, in milliseconds. */
const FOLLOW_EVERY_MS = 1000;

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

/** What the list of channels after a login tells, where nothing else does. */
type Listed = {
  /** Undefined where the user may not ask. */
  readonly channels: readonly AmiMessage[] | undefined;
  readonly gapMs: number | undefined;
  readonly at: number;
};

class AmiAgent implements Agent {
  readonly #options: AgentOptions;
  readonly #feed: EventFeed;
  readonly #link: Link;
  readonly #sleeper: Sleeper;
  readonly #catchUp: CatchUp | undefined;
  /** The list that came while the journal was read. */
  #listed: Listed | undefined;
  #catching = Promise.resolve();
  #following = Promise.resolve();
  #isStopping = false;
  /** When Asterisk was started, as it said after the login; undefined where it did not. */
  #startedAt: number | undefined;

  constructor(options: AgentOptions) {
    const { endpoint, createReader, createMapper, journal, clock, scheduler, log } = options;
    const { random = Math.random } = options;
    this.#options = options;
    this.#feed = new EventFeed({ ...options, mapper: createMapper() });
    this.#sleeper = createSleeper(clock, scheduler);
    this.#catchUp =
      journal &&
      new CatchUp({
        journal,
        createMapper,
        feed: this.#feed,
        clock,
        sleeper: this.#sleeper,
        log,
      });
    this.#link = startLink({
      endpoint,
      createReader,
      clock,
      scheduler,
      random,
      log,
      onUp: (at) => this.#onUp(at),
      onDown: () => {
        // The journal has the rest of it.
        if (this.#isReadAgain()) this.#feed.pauseWindow();
      },
      onEvents: (messages, at) => this.#onEvents(messages, at),
      onChannels: (channels, gapMs, at) => this.#onChannels({ channels, gapMs, at }),
    });
    if (journal !== undefined) this.#following = this.#follow(journal);
  }

  state(): AgentState {
    return {
      ...this.#feed.state(),
      isUp: this.#link.isUp(),
      isJournalMissing: this.#options.journal?.isMissing === true,
    };
  }

  async stop(withinMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#link.stop();
    this.#catchUp?.stop();
    this.#sleeper.wakeAll();
    await Promise.all([this.#catching, this.#following]);
    await this.#options.journal?.close(false);
    await this.#feed.stop(withinMs, this.#isReadAgain());
  }

  /** What is under way now is mapped again from the journal. */
  #isReadAgain(): boolean {
    const { journal } = this.#options;
    return journal !== undefined && !journal.isFresh && !journal.isMissing;
  }

  #onUp(at: number): void {
    const catchUp = this.#catchUp;
    if (catchUp === undefined) return;
    this.#listed = undefined;
    this.#startedAt = undefined;
    catchUp.begin(at);
    this.#catching = this.#readMissed(catchUp);
  }

  async #onEvents(messages: readonly AmiMessage[], at: number): Promise<void> {
    const booted = messages.find(({ event }) => event === "FullyBooted");
    if (booted !== undefined) await this.#onBooted(booted, at);
    if (this.#catchUp?.isOn === true) this.#catchUp.hold(messages, at);
    else await this.#feed.take(messages, at);
  }

  /** Asterisk says how long it runs: right after each login, where the user may read it. */
  async #onBooted(message: AmiMessage, at: number): Promise<void> {
    const uptime = uptimeMs(message.fields);
    if (uptime === undefined) return;
    this.#startedAt = momentOf(message, at) - uptime;
    if (this.#catchUp?.isOn !== true) await this.#endOlder(this.#startedAt);
  }

  /** Ends the calls in the files that Asterisk did not survive; those of its memory the mapper ends by the same message. */
  async #endOlder(startedAt: number): Promise<void> {
    await this.#feed.put(await this.#ended((open) => endedBefore(open, startedAt)));
  }

  async #onChannels(listed: Listed): Promise<void> {
    if (this.#catchUp?.isOn === true) this.#listed = listed;
    else await this.#mend(listed);
  }

  async #readMissed(catchUp: CatchUp): Promise<void> {
    const outcome = await catchUp.run();
    if (outcome === "overtaken") return;
    const listed = this.#listed;
    if (listed !== undefined && outcome === "unknown") await this.#mend(listed);
    else if (listed?.channels !== undefined) await this.#endUnlisted(listed.channels, catchUp);
    if (this.#startedAt !== undefined) await this.#endOlder(this.#startedAt);
    await catchUp.release();
  }

  /** Ends calls of which the journal has no end, and the PBX no channel. */
  async #endUnlisted(channels: readonly AmiMessage[], catchUp: CatchUp): Promise<void> {
    const feed = this.#feed;
    const before = catchUp.readTo - UNLISTED_MS;
    const ended = feed.mapped("list of channels", () => feed.mapper.unlisted(channels, before));
    await feed.put([...ended, ...(await this.#settled(channels))]);
  }

  /** Reads the journal while the PBX is listened to, so that the place goes along. */
  async #follow(journal: Journal): Promise<void> {
    while (!this.#isStopping) {
      await this.#sleeper.sleep(FOLLOW_EVERY_MS);
      if (this.#isStopping || this.#catchUp?.isOn === true || !this.#link.isUp()) continue;
      try {
        await journal.read(async () => undefined);
        journal.keep(false);
      } catch (error) {
        this.#options.log.error("cannot read the CEL file; trying again", { error });
      }
    }
  }

  /** Puts in order what the list of channels shows. */
  async #mend({ channels, gapMs, at }: Listed): Promise<void> {
    if (channels === undefined) return;
    const feed = this.#feed;
    const mended = [
      ...feed.mapped("list of channels", () => feed.mapper.resync(channels, at)),
      ...(await this.#settled(channels)),
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
  }

  #settled(channels: readonly AmiMessage[]): Promise<AgentEvent[]> {
    return this.#ended((open) =>
      settledCalls(open, channels, (id) => this.#feed.mapper.isUnderWay(id)),
    );
  }

  /** Ends the calls that ended while nobody listened. @param choose the hangups of those that are over */
  async #ended(choose: (open: readonly OpenCall[]) => AgentEvent[]): Promise<AgentEvent[]> {
    const { openCalls, log } = this.#options;
    try {
      const ended = choose((await openCalls?.()) ?? []);
      if (ended.length > 0) log.info("calls that ended unseen are closed", { calls: ended.length });
      return ended;
    } catch (error) {
      log.error("cannot look for calls that ended unseen; they stay open", { error });
      return [];
    }
  }
}

/** Starts the agent. @throws the system's error where its spool cannot be opened. */
export const startAgent = (options: AgentOptions): Agent => new AmiAgent(options);
