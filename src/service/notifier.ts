// The notifier of a data folder: one process holds the folder's lock and brings the cards to the chats, for the events of
// every process; the others wait to take over. What the last holder left is found in the files.

import type { NotifierState } from "../cards/index.ts";
import type { RecordedEvent } from "../sources/webhooks/index.ts";
import { astHead } from "../store/index.ts";
import { NotifierJob, type NotifyOptions } from "./notifier-job.ts";
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

/** Starts to wait for the lock; from then on the events of every process lead to cards. Stop it with `stop()`. */
export const startNotifier = (options: NotifyOptions): RunningNotifier => {
  const { clock, log } = options;
  const own = new SeenLately(clock, OWN_EVENT_MS);
  const holder = new SingleHolder({
    path: notifierLockPath(options.config.dataDir),
    start: () => new NotifierJob(options, own),
    onLost: () =>
      log.warn("the notifier's lock file was removed; this process releases it and tries again"),
    onFault: (error) => log.error("cannot take or release the notifier's lock", { error }),
  });
  return {
    recorded: ({ enterprise: { number }, record, at }) => {
      const { job } = holder;
      if (job === undefined) return;
      own.add(number + astHead(at, record.event, record.uniqueId));
      job.changed(number, record);
    },
    stop: () => holder.stop(),
    state: () => ({
      ...(holder.job?.notifier.state() ?? { calls: 0, waitingChats: 0, underWay: 0 }),
      openMissed: holder.job?.missedCalls.openCount ?? 0,
      waitingHooks: holder.job?.waitingHooks ?? 0,
      isHolder: holder.job !== undefined,
    }),
  };
};
