// The notifier of a data folder: one process holds the folder's lock and brings the cards to the chats, for the events of
// every process; the others wait to take over. What the last holder left is found in the files. In a cluster the holder reads
// the stream into the files, and brings the cards of the parts whose leases it has.

import type { NotifierState } from "../cards/index.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import type { RecordedEvent } from "../sources/webhooks/index.ts";
import { astHead } from "../store/index.ts";
import { Bots } from "./bots.ts";
import type { ClusterNode } from "./cluster-node.ts";
import { InboxJob } from "./inbox-job.ts";
import {
  type CardsJob,
  NotifierJob,
  type NotifierTools,
  type NotifyOptions,
} from "./notifier-job.ts";
import { notifierLockPath } from "./notifier-lock.ts";
import { SeenLately } from "./seen-lately.ts";
import { SingleHolder } from "./single-holder.ts";

export type { NotifyOptions } from "./notifier-job.ts";

export type RunningNotifier = {
  /** An event of this process is in the file. */
  recorded(event: Pick<RecordedEvent, "enterprise" | "record" | "at">): void;
  /** Lets the steps under way finish, within the shutdown time, and releases the lock. */
  stop(): Promise<void>;
  state(): NotifierState & {
    readonly isHolder: boolean;
    /** Subscribers with a missed call that nobody has returned. */
    readonly openMissed: number;
    /** Outgoing webhooks that wait for their target. */
    readonly waitingHooks: number;
  };
};

/** How long an event of our own is remembered, so that its line is not taken for another one's. In milliseconds. */
const OWN_EVENT_MS = 30_000;

/** All cards of the folder, and its inbox. */
const wholeJob = (options: NotifyOptions, tools: NotifierTools): CardsJob => {
  const part = new NotifierJob(options, tools);
  const inbox = new InboxJob(options, tools.bots, tools.scheduler);
  options.log.info("this process brings cards to Telegram");
  return {
    parts: [part],
    look: () => inbox.look(),
    stop: async () => {
      await Promise.all([part.stop(), inbox.stop()]);
    },
  };
};

/**
 * Starts to wait for the lock; from then on the events of every process lead to cards. Stop it with `stop()`.
 *
 * @param cluster of which this folder is a node, where it is one
 */
export const startNotifier = (options: NotifyOptions, cluster?: ClusterNode): RunningNotifier => {
  const { clock, log, config, measured } = options;
  const own = new SeenLately(clock, OWN_EVENT_MS);
  const holder = new SingleHolder<CardsJob>({
    path: notifierLockPath(config.dataDir),
    start: () => {
      const scheduler = systemScheduler(clock);
      const bots = new Bots({ config, clock, scheduler, measured });
      const tools = { bots, scheduler, own };
      return cluster === undefined
        ? wholeJob(options, { ...tools, isShared: false, isMine: () => true })
        : cluster.lead(options, tools);
    },
    onLost: () =>
      log.warn("the notifier's lock file was removed; this process releases it and tries again"),
    onFault: (error) => log.error("cannot take or release the notifier's lock", { error }),
  });
  const parts = (): readonly NotifierJob[] => holder.job?.parts ?? [];
  const sum = (of: (part: NotifierJob) => number): number =>
    parts().reduce((total, part) => total + of(part), 0);
  return {
    recorded: ({ enterprise: { number }, record, at }) => {
      const [part] = parts();
      // In a cluster an event counts when it came out of the stream.
      if (part === undefined || cluster !== undefined) return;
      own.add(number + astHead(at, record.event, record.uniqueId));
      part.changed(number, record);
    },
    stop: () => holder.stop(),
    state: () => ({
      calls: sum((part) => part.notifier.state().calls),
      waitingChats: sum((part) => part.notifier.state().waitingChats),
      underWay: sum((part) => part.notifier.state().underWay),
      openMissed: sum((part) => part.missedCalls.openCount),
      waitingHooks: sum((part) => part.waitingHooks),
      isHolder: holder.job !== undefined,
    }),
  };
};
