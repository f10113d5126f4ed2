// After a login: what the PBX wrote down while nobody listened is told first, then what it says now. A mapper of its own is
// fed from where the oldest call began, so that it knows every call under way, and takes the place of the former one.
// Invariants: what the PBX says meanwhile is held, within bounds; beyond them the journal is read until it has that too.

import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Sleeper } from "../../lib/scheduler.ts";
import { type EventFeed, recovered } from "./feed.ts";
import { momentOf } from "./stream-clock.ts";
import type { AmiMapper, AmiMessage, Journal } from "./types.ts";

export type CatchUpOptions = {
  readonly journal: Journal;
  readonly createMapper: () => AmiMapper;
  readonly feed: EventFeed;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly log: Log;
  /** Messages that are held at most; beyond it the journal is read until it has them. Default 100,000. */
  readonly maxHeld?: number;
};

type Held = { readonly messages: readonly AmiMessage[]; readonly at: number };

/** What happened before the login stands in the journal so long after it, in milliseconds. */
const SETTLE_MS = 1000;
const LOOK_EVERY_MS = 100;
/** The two ways tell the same moment so far apart, in milliseconds: what is taken twice harms nothing, what is taken from neither is lost. */
const OVERLAP_MS = 50;
const MAX_HELD = 100_000;

export class CatchUp {
  readonly #options: CatchUpOptions;
  #held: Held[] = [];
  #heldMessages = 0;
  /** Everything before it must come from the journal. */
  #sinceAt = 0;
  #isOn = false;
  /** Counts logins: another one ends the work for the last. */
  #turn = 0;
  /** When the last line of the journal happened that was read since the login. */
  #readTo = Number.NEGATIVE_INFINITY;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** When the last line that was read happened, in milliseconds since the epoch; -Infinity where there was none. */
  get readTo(): number {
    return this.#readTo;
  }

  /** Holds what the PBX says now. */
  hold(messages: readonly AmiMessage[], at: number): void {
    if (this.#heldMessages > (this.#options.maxHeld ?? MAX_HELD)) {
      this.#held = [];
      this.#heldMessages = 0;
      this.#sinceAt = at;
    }
    this.#held.push({ messages, at });
    this.#heldMessages += messages.length;
  }

  /** Begins to hold. @param loggedInAt milliseconds since the epoch */
  begin(loggedInAt: number): void {
    this.#turn += 1;
    this.#isOn = true;
    this.#held = [];
    this.#heldMessages = 0;
    this.#sinceAt = loggedInAt;
    this.#readTo = Number.NEGATIVE_INFINITY;
  }

  /** Ends the work: the next process begins where this one did. */
  stop(): void {
    this.#turn += 1;
  }

  /**
   * Tells what was missed; what is held stays held.
   *
   * @returns `all`; `unknown` where the journal does not have it, so that the list of channels is all there is; `overtaken`
   *   where another login began meanwhile
   */
  async run(): Promise<"all" | "unknown" | "overtaken"> {
    const turn = this.#turn;
    const { journal, createMapper, log } = this.#options;
    if (journal.isFresh) return "unknown";
    const mapper = createMapper();
    try {
      const end = await this.#readUpTo(mapper, turn);
      if (turn !== this.#turn) return "overtaken";
      if (end === "missing") return "unknown";
    } catch (error) {
      if (turn !== this.#turn) return "overtaken";
      log.error("cannot read the CEL file: what was missed is not seen", {
        reason: errorText(error),
      });
      return "unknown";
    }
    this.#options.feed.replaceMapper(mapper);
    return "all";
  }

  /** Takes what is held, of which the journal told what is older, and holds no more. */
  async release(): Promise<void> {
    const { feed } = this.#options;
    while (this.#held.length > 0) {
      const held = this.#held;
      this.#held = [];
      this.#heldMessages = 0;
      for (const { messages, at } of held) {
        const newer = messages.filter((one) => momentOf(one, at) > this.#readTo - OVERLAP_MS);
        if (newer.length > 0) await feed.take(newer, at);
      }
    }
    this.#isOn = false;
  }

  async #readUpTo(mapper: AmiMapper, turn: number): Promise<"end" | "missing"> {
    const { journal, feed, clock, sleeper, log } = this.#options;
    let events = 0;
    await journal.rewind();
    for (;;) {
      const end = await journal.read(async ({ messages, atMs }) => {
        if (turn !== this.#turn) throw new Error("overtaken");
        this.#readTo = Math.max(this.#readTo, atMs);
        events += await feed.putMissed(feed.mapWritten(messages, atMs, mapper).map(recovered));
      });
      if (end === "missing" || turn !== this.#turn) return end;
      if (clock.now() >= this.#sinceAt + SETTLE_MS) break;
      await sleeper.sleep(LOOK_EVERY_MS);
    }
    if (events > 0) log.info("what was missed was read from the CEL file", { events });
    return "end";
  }
}
