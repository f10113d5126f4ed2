// An Asterisk that is known by its CEL file alone: for those who give nobody a login to the manager interface, and for
// Asterisk before 12. Events follow a line of the file within a quarter of a
// second, those that wait for what else is rung within half a second.

import { errorText } from "../../lib/errors.ts";
import { createSleeper } from "../../lib/scheduler.ts";
import { type Agent, EventFeed, type FeedOptions, recovered } from "../ami/index.ts";
import type { JournalBlock } from "../ami/types.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { CelJournal } from "./journal.ts";

export type CelAgentOptions = FeedOptions & {
  /** The file that cel_custom of that Asterisk writes. */
  readonly path: string;
};

/** How often the file is looked at, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** What is older when it is read is told late, in milliseconds: nobody is rung for it. */
const LATE_MS = 10_000;
/** So long a line that is being written may hold up what waits for its window, in milliseconds. */
const HALF_LINE_MS = 1000;

/** Starts to read. @throws the system's error where the spool cannot be opened. */
export const startCelAgent = (options: CelAgentOptions): Agent => {
  const { clock, scheduler, log, path, spoolDir } = options;
  // A line of the window may be in the file already when the window ends, and is read only at the next look.
  const feed = new EventFeed({ ...options, areWindowsTold: true });
  const journal = new CelJournal({ path, spoolDir, clock, log });
  const sleeper = createSleeper(clock, scheduler);
  let isStopping = false;
  let isThere = false;
  let fault = "";
  /** When the file ended with a whole line last. */
  let wholeAt = clock.now();

  const markLate = (event: AgentEvent): AgentEvent =>
    clock.now() - Number(event.body["EventTime"]) * 1000 > LATE_MS ? recovered(event) : event;

  const take = async ({ messages, atMs, isTold }: JournalBlock): Promise<void> => {
    // A long backlog is read on by the next process.
    if (isStopping) throw new Error("stopped");
    // What was told is mapped again for what follows, and goes nowhere.
    if (isTold) feed.map(messages, atMs);
    else await feed.take(messages, atMs, markLate);
  };

  const look = async (): Promise<void> => {
    try {
      isThere = (await journal.read(take)) === "end";
      fault = "";
    } catch (error) {
      if (isStopping) return;
      isThere = false;
      const reason = errorText(error);
      if (reason !== fault) log.error("cannot read the CEL file; trying again", { path, reason });
      fault = reason;
    }
    if (!journal.isInLine) wholeAt = clock.now();
    // What is being written may belong to what waits; a line that is never finished holds nobody up.
    const isHeldUp = journal.isInLine && clock.now() - wholeAt < HALF_LINE_MS;
    if (!isHeldUp) await feed.tellDue();
    journal.keep(true);
  };

  const run = async (): Promise<void> => {
    while (!isStopping) {
      await look();
      if (!isStopping) await sleeper.sleep(LOOK_EVERY_MS);
    }
  };
  const running = run();

  return {
    state: () => ({ ...feed.state(), isUp: isThere, isJournalMissing: journal.isMissing }),
    stop: async (withinMs) => {
      isStopping = true;
      sleeper.wakeAll();
      await running;
      // Its calls are mapped again from there.
      await journal.close(true);
      await feed.stop(withinMs, true);
    },
  };
};
