// From "something happened to this call" to the right card in every chat. Keeps for each call under way what its chats
// should show; the files are the memory, so a call that is forgotten here is found there again. Everything from outside
// is handed in: how calls are found and read, who is told, what cards say, where records go, time.

import type { AssembledCall } from "../call/index.ts";
import type { Bot } from "../channels/telegram/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import {
  type AstRecord,
  bridgeKey,
  idKey,
  type RecordToWrite,
  recordKeys,
  type StoredRecord,
} from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import type { CardDecision } from "./decide.ts";
import { planChat } from "./plan.ts";
import { createLane, type Lane, type LaneCall, type TgEntry } from "./queue.ts";
import {
  chatsOf,
  fixMessage,
  goalOf,
  mergeCalls,
  messageKey,
  type ReadChats,
  remember,
  type StoredTg,
  type TrackedCall,
  trackCall,
  wholeOf,
} from "./tracked-call.ts";
import type { CardText, DesiredCard, Recipients, TelegramMode } from "./types.ts";

export type NotifierOptions = {
  readonly findCall: (enterprise: string, uniqueId: string) => Promise<AssembledCall | undefined>;
  readonly decideCard: (assembled: AssembledCall) => CardDecision;
  readonly chatStates: ReadChats;
  readonly recipients: (enterprise: string) => Promise<Recipients>;
  readonly cardText: (
    assembled: AssembledCall,
    card: NonNullable<CardDecision["card"]>,
  ) => Promise<CardText>;
  /** A text as it will be read back from the file. */
  readonly asRecorded: (plain: string) => string;
  readonly append: (enterprise: string, record: RecordToWrite) => Promise<unknown>;
  readonly bot: (token: string) => Bot;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly mode: TelegramMode;
  /** Calls that were found again are announced only where their last event is not older than this. */
  readonly catchUpMs: number;
};

export type Notifier = {
  /** An event is in the file. Seeing it twice changes nothing. */
  changed(enterprise: string, event: Omit<AstRecord, "at">): void;
  /**
   * Looks at a call that an earlier process may have left unfinished.
   *
   * @param again looks at it though it is known: events may have been missed.
   */
  recover(enterprise: string, uniqueId: string, again?: boolean): Promise<void>;
  /** Takes no new steps; resolves when those under way are on record. */
  stop(): Promise<void>;
  state(): NotifierState;
};

export type NotifierState = {
  /** Calls kept in memory. */
  readonly calls: number;
  /** Chats with something to do or to wait for. */
  readonly lanes: number;
  /** Files being read or requests under way at this moment. */
  readonly underWay: number;
};

/** A call over and done stays this long, for the events that still trickle in. In milliseconds. */
const KEEP_DONE_MS = 60_000;
/** What is older at its arrival is no news, whatever the operator's catch-up. In milliseconds. */
const NEWS_MS = 10 * 60_000;
/** Events of enterprises whose cards nobody gets are passed over this long at a time, in milliseconds. */
const NOBODY_MS = 2000;
const MAX_REFRESH_DELAY_MS = 60_000;
/**
 * How long the chat waits for a record that cannot be written, in milliseconds. Then it goes on, memory has the record,
 * and it is tried again with the call's next one.
 */
const APPEND_RETRY_MS = [200, 1000, 5000] as const;

const isTg = (record: StoredRecord): record is StoredTg => record.kind === "TG";

/** Final cards on record behind the last event. */
const settledIn = (records: readonly StoredRecord[]): Set<string> => {
  const last = records.findLastIndex(({ kind }) => kind === "AST");
  const after = records.slice(last + 1).filter(isTg);
  const finals = after.filter(({ messageType }) => messageType === "hangup");
  return new Set(finals.map(({ chatId, messageId }) => messageKey(chatId, messageId)));
};

const NOT_ANSWERED: ReadonlySet<string> = new Set(["missed", "busy", "cancelled", "failed"]);

/** A notifier that knows nothing yet; what happened before is told to it by `recover`. */
export const createNotifier = (options: NotifierOptions): Notifier => {
  const { clock, scheduler, log, mode, chatStates } = options;
  /** By enterprise and key (see `recordKeys`). */
  const byKey = new Map<string, TrackedCall>();
  const calls = new Set<TrackedCall>();
  const buttons = { areRefused: false };
  const lanes = new Map<string, Lane>();
  const laneCalls = new Map<TrackedCall, LaneCall>();
  const movedChats = new Map<string, string>();
  /** Until when enterprises without anybody to tell are not asked about again. */
  const nobodyUntil = new Map<string, number>();
  const recipientsOf = new Map<string, ReadonlySet<string>>();
  let refreshing = 0;
  let isStopped = false;

  const keyIn = (enterprise: string, key: string): string => `${enterprise} ${key}`;

  const drop = (call: TrackedCall): void => {
    call.isDropped = true;
    call.callOffTimer();
    calls.delete(call);
    laneCalls.delete(call);
    for (const key of call.keys) if (byKey.get(key) === call) byKey.delete(key);
  };

  const track = (enterprise: string, uniqueId: string): TrackedCall => {
    const key = keyIn(enterprise, idKey(uniqueId));
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const call = trackCall(enterprise, uniqueId);
    call.keys = new Set([key]);
    calls.add(call);
    byKey.set(key, call);
    return call;
  };

  const wakeAt = (call: TrackedCall, at: number, work: () => void): void => {
    call.callOffTimer();
    call.callOffTimer = scheduler.at(at, () => {
      if (!call.isDropped && call.mergedInto === undefined) work();
    });
  };

  /** Writes what is not in the file yet, in the order in which it happened. @returns what kept it from being whole. */
  const writeDeeds = async (call: TrackedCall): Promise<unknown> => {
    for (const deed of call.deeds) {
      if (deed.isWritten) continue;
      try {
        const { at: _, raw: __, ...record } = deed.record;
        await options.append(call.enterprise, record);
        deed.isWritten = true;
      } catch (error) {
        return error;
      }
    }
    return undefined;
  };

  /** One writer a call, so that its records keep their order and none is written twice. */
  const writeInTurn = (call: TrackedCall): Promise<unknown> => {
    const written = call.writing.then(() => writeDeeds(call));
    call.writing = written;
    return written;
  };

  const append = async (given: TrackedCall, chatId: string, entry: TgEntry): Promise<void> => {
    remember(wholeOf(given), chatId, entry, clock.now());
    for (let attempt = 0; ; attempt += 1) {
      const error = await writeInTurn(wholeOf(given));
      if (error === undefined) return;
      const waitMs = APPEND_RETRY_MS[attempt];
      if (waitMs === undefined || isStopped) {
        const { enterprise } = given;
        const message = "a Telegram record cannot be written; memory keeps it until it can";
        log.error(message, { enterprise, uniqueId: entry.uniqueId, error });
        return;
      }
      await new Promise<void>((resolve) => scheduler.at(clock.now() + waitMs, resolve));
    }
  };

  const laneCallOf = (call: TrackedCall): LaneCall => {
    const known = laneCalls.get(call);
    if (known !== undefined) return known;
    const made: LaneCall = {
      goal: (chatId) => {
        const whole = wholeOf(call);
        const isRecipient = recipientsOf.get(call.enterprise)?.has(chatId) === true;
        return call === whole ? goalOf(whole, chatId, chatStates, isRecipient) : undefined;
      },
      record: (chatId, entry) => append(call, chatId, entry),
      fix: (chatId, messageId) => fixMessage(wholeOf(call), chatId, messageId),
      settled: (chatId) => {
        call.lanes.delete(chatId);
        retire(call);
      },
    };
    laneCalls.set(call, made);
    return made;
  };

  /** Nothing more is expected of the call: it is forgotten soon. */
  const retire = (call: TrackedCall): void => {
    const isOver = call.sight !== undefined && call.sight.desired?.final === true;
    if (!isOver || call.lanes.size > 0 || call.isRefreshing || call.failures > 0) return;
    wakeAt(call, clock.now() + KEEP_DONE_MS, async () => {
      await writeInTurn(call);
      if (call.deeds.every(({ isWritten }) => isWritten)) {
        if (call.lanes.size === 0 && !call.isRefreshing) drop(call);
      } else retire(call);
    });
  };

  const laneTo = (botToken: string, chatId: string): Lane => {
    const key = `${botToken} ${chatId}`;
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const lane = createLane({
      chatId,
      clock,
      scheduler,
      log,
      mode,
      buttons,
      bot: options.bot(botToken),
      movedTo: () => movedChats.get(key),
      onMoved: (to) => movedChats.set(key, to),
      onIdle: () => {
        if (lanes.get(key) === lane) lanes.delete(key);
      },
    });
    lanes.set(key, lane);
    return lane;
  };

  /** Puts the call into the lanes of the chats where something is to be done. */
  const spread = (call: TrackedCall, recipients: Recipients): void => {
    const tokens = new Map(recipients.chats.map(({ chatId, botToken }) => [chatId, botToken]));
    const laneCall = laneCallOf(call);
    for (const chatId of new Set([...tokens.keys(), ...chatsOf(call, chatStates).keys()])) {
      const botToken = tokens.get(chatId) ?? recipients.botToken;
      const goal = laneCall.goal(chatId);
      if (goal === undefined || botToken === null || botToken === undefined) continue;
      const isDone = planChat(goal.view, goal.desired, { mode, now: clock.now() }).length === 0;
      if (isDone && !call.lanes.has(chatId)) continue;
      call.lanes.add(chatId);
      laneTo(botToken, chatId).add(laneCall);
    }
    retire(call);
  };

  /** Takes over the keys of what was found; calls that had one of them prove to be this one. */
  const claim = (call: TrackedCall, { call: { uniqueIds, bridgeIds } }: AssembledCall): void => {
    const keys = [...uniqueIds.map(idKey), ...bridgeIds.map(bridgeKey), idKey(call.anchor)];
    const own = new Set(keys.map((key) => keyIn(call.enterprise, key)));
    for (const key of call.keys) if (!own.has(key) && byKey.get(key) === call) byKey.delete(key);
    call.keys = own;
    for (const key of own) {
      const other = byKey.get(key);
      byKey.set(key, call);
      if (other === undefined || other === call) continue;
      // Bridges that tie nobody (parking, conferences) are in many calls; only an id makes two calls one.
      if (!key.startsWith(keyIn(call.enterprise, "id:"))) continue;
      mergeCalls(call, other);
      calls.delete(other);
      for (const theirs of other.keys) if (byKey.get(theirs) === other) byKey.set(theirs, call);
      for (const chatId of other.lanes) call.lanes.add(chatId);
    }
  };

  const desiredOf = (
    call: TrackedCall,
    { call: { status, direction }, records }: AssembledCall,
    { card }: CardDecision,
    text: CardText | undefined,
  ): DesiredCard | undefined => {
    if (card === undefined || text === undefined) return undefined;
    const lastAt = Math.max(...records.map((record) => (record.kind === "AST" ? record.at : 0)));
    const newsMs = call.isLive ? Math.max(options.catchUpMs, NEWS_MS) : options.catchUpMs;
    return {
      kind: card.kind,
      final: card.final,
      key: card.key,
      text: options.asRecorded(text.plain),
      announce: !card.silent && clock.now() - lastAt <= newsMs,
      missed: card.final && direction === "incoming" && NOT_ANSWERED.has(status),
    };
  };

  const refreshOnce = async (call: TrackedCall): Promise<void> => {
    const recipients = await options.recipients(call.enterprise);
    recipientsOf.set(call.enterprise, new Set(recipients.chats.map(({ chatId }) => chatId)));
    if (recipients.chats.length === 0 && call.sight === undefined) {
      nobodyUntil.set(call.enterprise, clock.now() + NOBODY_MS);
      drop(call);
      return;
    }
    const written = new Set(call.deeds.filter(({ isWritten }) => isWritten));
    const found = await options.findCall(call.enterprise, call.anchor);
    if (call.mergedInto !== undefined || call.isDropped || isStopped) return;
    if (found === undefined) {
      drop(call);
      return;
    }
    claim(call, found);
    const decision = options.decideCard(found);
    const { card, decideAgainAt } = decision;
    const before = call.sight;
    // The same card has the same text: names that came or went meanwhile are no reason to write again.
    const text =
      card === undefined
        ? undefined
        : before?.desired?.key === card.key
          ? before.text
          : await options.cardText(found, card);
    if (call.mergedInto !== undefined || call.isDropped || isStopped) return;
    call.sight = {
      records: found.records.filter(isTg),
      desired: desiredOf(call, found, decision, text),
      text,
      uniqueId: cardIdOf(found) || call.anchor,
      settled: settledIn(found.records),
    };
    call.deeds = call.deeds.filter((deed) => !written.has(deed));
    if (decideAgainAt !== undefined) wakeAt(call, decideAgainAt, () => refresh(call));
    else if (card === undefined) drop(call);
    spread(call, recipients);
  };

  const refreshUntilClean = async (call: TrackedCall): Promise<void> => {
    while (call.isDirty && call.mergedInto === undefined && !call.isDropped && !isStopped) {
      call.isDirty = false;
      try {
        await refreshOnce(call);
        call.failures = 0;
      } catch (error) {
        const { enterprise, anchor: uniqueId } = call;
        log.error("cannot bring a call's cards up to date", { enterprise, uniqueId, error });
        call.failures += 1;
        const delayMs = Math.min(1000 * 2 ** (call.failures - 1), MAX_REFRESH_DELAY_MS);
        wakeAt(call, clock.now() + delayMs, () => refresh(call));
      }
    }
  };

  const refresh = (given: TrackedCall): Promise<void> => {
    const call = wholeOf(given);
    call.isDirty = true;
    if (call.isRefreshing || isStopped) return Promise.resolve();
    call.isRefreshing = true;
    refreshing += 1;
    return refreshUntilClean(call).finally(() => {
      call.isRefreshing = false;
      refreshing -= 1;
      // What it was found to be a part of may have been read before the event that brought us here.
      if (call.mergedInto !== undefined) void refresh(call);
      else retire(call);
    });
  };

  return {
    changed: (enterprise, event) => {
      if (isStopped) return;
      const keys = recordKeys({ ...event, at: 0 });
      const concerned = new Set<TrackedCall>();
      for (const key of keys) {
        const known = byKey.get(keyIn(enterprise, key));
        if (known !== undefined) concerned.add(known);
      }
      const id = keys.find((key) => key.startsWith("id:"));
      const hasOwn = keys.some((key) => key.startsWith("id:") && byKey.has(keyIn(enterprise, key)));
      const isForNobody = (nobodyUntil.get(enterprise) ?? 0) > clock.now();
      if (!hasOwn && id !== undefined && !isForNobody)
        concerned.add(track(enterprise, id.slice(3)));
      for (const call of concerned) {
        call.isLive = true;
        void refresh(call);
      }
    },
    recover: async (enterprise, uniqueId, again = false) => {
      const known = byKey.get(keyIn(enterprise, idKey(uniqueId)));
      if (isStopped || (known?.sight !== undefined && !again)) return;
      await refresh(track(enterprise, uniqueId));
    },
    stop: async () => {
      isStopped = true;
      for (const call of calls) call.callOffTimer();
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
    },
    state: () => ({
      calls: calls.size,
      lanes: lanes.size,
      underWay: refreshing + [...lanes.values()].filter((lane) => lane.isBusy()).length,
    }),
  };
};
