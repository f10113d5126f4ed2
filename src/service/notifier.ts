// The notifier of a data folder, put together: one process holds the folder's lock and brings the cards to the chats,
// for the events of every process; the others wait to take over. What the last holder left is found in the files.

import { closeSync } from "node:fs";
import { findCall } from "../call/index.ts";
import {
  chatStates,
  createNotifier,
  decideCard,
  type Notifier,
  type NotifierOptions,
  type NotifierState,
  type Recipients,
} from "../cards/index.ts";
import {
  type Bot,
  createBot,
  createInvitations,
  type Invitations,
} from "../channels/telegram/index.ts";
import type { Config } from "../config/index.ts";
import type { RecordToWrite } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import type { Directory } from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import type { RecordedEvent } from "../sources/webhooks/index.ts";
import {
  enterprisesIn,
  type FollowedLine,
  type FollowedLines,
  type Follower,
  normaliseRecord,
  type TraceStore,
} from "../store/index.ts";
import type { Operator } from "../watch/operator/index.ts";
import { isHeld, tryHoldNotifierLock } from "./notifier-lock.ts";
import type { operatorOf } from "./operator.ts";
import { callsWithOpenCards, forEachCall, recentCalls } from "./unfinished-calls.ts";

export type NotifyOptions = {
  readonly config: Pick<
    Config,
    | "dataDir"
    | "callTimeoutMs"
    | "catchUpMs"
    | "telegramApiRoot"
    | "telegramMode"
    | "shutdownTimeoutMs"
    | "lang"
  >;
  readonly directory: Directory;
  /** The same without a memory: who comes in and leaves is judged by what is stored. */
  readonly directoryNow: Directory;
  readonly trace: Pick<TraceStore, "append" | "find">;
  readonly clock: Clock;
  readonly log: Log;
  readonly cardText: NotifierOptions["cardText"];
  /** Of the data folder; open pages follow it too, so that one watcher a file serves everybody. */
  readonly follower: Pick<Follower, "followAll">;
  /** Tells whoever runs the service what they should know; undefined: nobody. */
  readonly operator?: ReturnType<typeof operatorOf>;
  /** Put around each bot, to count what it does. */
  readonly measured?: (bot: Bot) => Bot;
};

export type RunningNotifier = {
  /** An event of this process is in the file. */
  recorded(event: Pick<RecordedEvent, "enterprise" | "record" | "at">): void;
  /** Lets the steps under way finish, within the shutdown time, and the lock go. */
  stop(): Promise<void>;
  state(): NotifierState & { readonly isHolder: boolean };
};

/** How often the lock is tried, and its holder looks whether it still is the folder's. In milliseconds. */
const LOCK_EVERY_MS = 1000;
/** Cards further back than this cannot be deleted any more and are left alone. In milliseconds. */
const STANDING_SINCE_MS = 3 * 86_400_000;
/** Where lines may have been missed, calls of this time are looked at again. In milliseconds. */
const GAP_MS = 10 * 60_000;
/** How long an event of our own is remembered, so that its line is not taken for another one's. In milliseconds. */
const OWN_EVENT_MS = 30_000;

/** Two generations of what was seen lately: old enough entries go without being looked for. */
const createRecently = (clock: Clock) => {
  let current = new Set<string>();
  let previous = new Set<string>();
  let since = clock.now();
  return {
    add: (key: string): void => {
      if (clock.now() - since > OWN_EVENT_MS) {
        previous = current;
        current = new Set();
        since = clock.now();
      }
      current.add(key);
    },
    /** Whether it was seen; once told, it is forgotten. */
    take: (key: string): boolean => current.delete(key) || previous.delete(key),
  };
};

/** What the line of an event begins with; tells own lines from others' without decoding them. */
const lineHead = (at: number, event: string, uniqueId: string): string => {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)},${iso.slice(20, 23)}|AST|${event}|${uniqueId}|`;
};
const headOf = (line: string): string => {
  const eventEnd = line.indexOf("|", STAMP_AND_KIND);
  return line.slice(0, line.indexOf("|", eventEnd + 1) + 1);
};
const STAMP_AND_KIND = "2025-11-30 09:08:42,025|AST|".length;

const asRecorded = (text: string): string =>
  normaliseRecord({
    kind: "TG",
    action: "send",
    chatId: "1",
    messageType: "dial",
    messageId: 1,
    uniqueId: "1",
    text,
  } as const).text;

type Held = {
  readonly fd: number;
  readonly notifier: Notifier;
  /** How to stop following, once that has begun. */
  readonly following: Promise<() => void>;
  readonly invitations: Invitations;
  readonly operator: Operator | undefined;
};

/** Starts to wait for the lock; from then on the events of every process lead to cards. Stop it with `stop()`. */
export const startNotifier = (options: NotifyOptions): RunningNotifier => {
  const { config, directory, directoryNow, trace, clock, log, cardText } = options;
  const { dataDir, callTimeoutMs, catchUpMs } = config;
  const scheduler = systemScheduler(clock);
  const bots = new Map<string, Bot>();
  const own = createRecently(clock);
  let held: Held | undefined;
  let lastLockFault = "";

  const botOf = (token: string): Bot => {
    const known = bots.get(token);
    if (known !== undefined) return known;
    const plain = createBot(token, { apiRoot: config.telegramApiRoot, scheduler, now: clock.now });
    const bot = options.measured?.(plain) ?? plain;
    bots.set(token, bot);
    return bot;
  };

  const recipients = async (number: string): Promise<Recipients> => {
    const enterprise = await directory.enterpriseByNumber(number);
    if (enterprise?.active !== true) return { chats: [], botToken: null };
    const chats = new Map<string, string>();
    for (const user of await directory.usersOf(enterprise)) {
      const botToken = user.botToken ?? enterprise.botToken;
      if (botToken !== null && !chats.has(user.chatId)) chats.set(user.chatId, botToken);
    }
    return {
      chats: [...chats].map(([chatId, botToken]) => ({ chatId, botToken })),
      botToken: enterprise.botToken,
    };
  };

  const openNotifier = (): Notifier =>
    createNotifier({
      chatStates,
      recipients,
      cardText,
      asRecorded,
      clock,
      scheduler,
      log,
      catchUpMs,
      findCall: (enterprise, uniqueId) =>
        findCall((keys) => trace.find(enterprise, keys), uniqueId, {
          enterprise,
          now: clock.now(),
          callTimeoutMs,
        }),
      decideCard: (assembled) => decideCard(assembled, { now: clock.now(), callTimeoutMs }),
      append: (enterprise: string, record: RecordToWrite) => trace.append(enterprise, record),
      bot: botOf,
      mode: config.telegramMode,
    });

  const onLine = (notifier: Notifier, enterprise: string, line: FollowedLine): void => {
    const { raw } = line;
    const isKnown =
      raw.startsWith("|AST|", STAMP_AND_KIND - 5) && own.take(enterprise + headOf(raw));
    if (isKnown || raw.startsWith("|TG|", STAMP_AND_KIND - 5)) return;
    const record = line.record();
    if (record?.kind !== "AST") return;
    const { event, uniqueId, body } = record;
    notifier.changed(enterprise, { kind: "AST", event, uniqueId, body });
  };

  /** Where events may have been missed. */
  const lookAgain = async (notifier: Notifier, enterprise: string): Promise<void> => {
    const ids = recentCalls(dataDir, enterprise, clock.now() - GAP_MS);
    await forEachCall(ids, (uniqueId) => notifier.recover(enterprise, uniqueId, true));
  };

  /** What earlier processes left: calls that ended unannounced, then cards that stand and are not final. */
  const recoverAll = async (notifier: Notifier): Promise<void> => {
    const now = clock.now();
    const enterprises = await enterprisesIn(dataDir);
    const rounds = [
      (enterprise: string) => recentCalls(dataDir, enterprise, now - catchUpMs),
      (enterprise: string) => callsWithOpenCards(dataDir, enterprise, now - STANDING_SINCE_MS),
    ];
    for (const callsOf of rounds) {
      for (const enterprise of enterprises) {
        if (held?.notifier !== notifier) return;
        const recover = (uniqueId: string) => notifier.recover(enterprise, uniqueId);
        await forEachCall(callsOf(enterprise), recover).catch((error: unknown) => {
          log.error("cannot find out what an earlier process left of its cards", {
            enterprise,
            error,
          });
        });
      }
    }
  };

  const take = async (fd: number): Promise<void> => {
    const notifier = openNotifier();
    const invitations = createInvitations({
      directory,
      directoryNow,
      bot: botOf,
      clock,
      scheduler,
      log,
      lang: config.lang,
      store: openInvitations(dataDir, clock),
    });
    const following = options.follower.followAll(({ enterprise, lines, isGap }: FollowedLines) => {
      for (const line of lines) onLine(notifier, enterprise, line);
      if (!isGap) return;
      lookAgain(notifier, enterprise).catch((error: unknown) => {
        log.error("cannot look again at recent calls", { enterprise, error });
      });
    });
    const operator = options.operator?.({ bot: botOf, scheduler });
    held = { fd, notifier, following, invitations, operator };
    void invitations.look();
    // Followed before the files are read, so that no event falls between the two.
    await following;
    log.info("this process brings cards to Telegram");
    await recoverAll(notifier);
  };

  const letGo = async ({ fd, notifier, following, invitations, operator }: Held): Promise<void> => {
    held = undefined;
    // A request that Telegram holds would last half a minute.
    const heard = Promise.all([invitations.stop(), operator?.stop()]);
    await following.then(
      (stop) => stop(),
      () => undefined,
    );
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, config.shutdownTimeoutMs);
    await Promise.race([Promise.all([notifier.stop(), heard]), late]);
    clearTimeout(timer);
    closeSync(fd);
  };

  const tend = (): void => {
    try {
      if (held !== undefined) {
        if (isHeld(dataDir, held.fd)) {
          void held.invitations.look();
          return;
        }
        log.warn("the notifier's lock file was removed; this process lets it go and tries again");
        letGo(held).catch((error: unknown) => log.error("cannot stop the notifier", { error }));
        return;
      }
      const fd = tryHoldNotifierLock(dataDir);
      lastLockFault = "";
      if (fd === undefined) return;
      take(fd).catch((error: unknown) => {
        log.error("cannot find out what earlier processes left; new events are told", { error });
      });
    } catch (error) {
      // Once a kind: a folder that cannot be written fails every second.
      if (String(error) !== lastLockFault) log.error("cannot take the notifier's lock", { error });
      lastLockFault = String(error);
    }
  };
  tend();
  const watch = setInterval(tend, LOCK_EVERY_MS);
  watch.unref();

  return {
    recorded: ({ enterprise: { number }, record, at }) => {
      if (held === undefined) return;
      own.add(number + lineHead(at, record.event, record.uniqueId));
      held.notifier.changed(number, record);
    },
    stop: async () => {
      clearInterval(watch);
      if (held !== undefined) await letGo(held);
    },
    state: () => ({
      ...(held?.notifier.state() ?? { calls: 0, lanes: 0, underWay: 0 }),
      isHolder: held !== undefined,
    }),
  };
};
