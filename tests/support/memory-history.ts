// The list of calls over rows in memory, the plain way: what the pages and commands of the list are tested against.

import { type FollowUps, followUps } from "../../src/call/follow-up.ts";
import { subscriberOf } from "../../src/call/list/contacts.ts";
import { foldName } from "../../src/call/list/names.ts";
import type {
  CallHistory,
  CallQuery,
  CallRow,
  FollowedRow,
  ListFollowRules,
} from "../../src/call/list/types.ts";

const HOUR_MS = 3_600_000;

export const callRow = (over: Partial<FollowedRow> & Pick<CallRow, "startedAt">): FollowedRow => ({
  uniqueId: `${Math.floor(over.startedAt / 1000)}.1`,
  endedAt: over.startedAt + 20_000,
  direction: "incoming",
  status: "answered",
  phone: "375295305942",
  callerName: null,
  extensions: ["151"],
  answeredBy: ["151"],
  waitMs: 4000,
  talkMs: 16_000,
  totalMs: 20_000,
  transfers: 0,
  isLost: false,
  followUp: null,
  returns: null,
  ...over,
});

const matches = (row: CallRow, query: CallQuery): boolean =>
  (query.number === undefined || (row.phone ?? "").replace(/\D/g, "").includes(query.number)) &&
  (query.extension === undefined ||
    row.extensions.includes(query.extension) ||
    row.answeredBy.includes(query.extension)) &&
  (query.directions?.includes(row.direction) ?? true) &&
  (query.statuses?.includes(row.status) ?? row.status !== "service") &&
  (query.name ?? []).every((word) => foldName(row.callerName ?? "").includes(word)) &&
  row.startedAt >= (query.from ?? 0) &&
  row.startedAt < (query.to ?? Number.POSITIVE_INFINITY);

/** Newest first; ties by unique id, backwards. */
const newestFirst = (
  a: Pick<CallRow, "startedAt" | "uniqueId">,
  b: Pick<CallRow, "startedAt" | "uniqueId">,
): number => b.startedAt - a.startedAt || (a.uniqueId < b.uniqueId ? 1 : -1);

const isUnanswered = ({ status }: CallRow): boolean =>
  ["missed", "cancelled", "busy", "failed", "unknown"].includes(status);

export type MemoryHistory = CallHistory & {
  /** What was asked for, in order. */
  readonly asked: readonly { readonly query: CallQuery; readonly limit: number }[];
};

/** Long after every row: what waits has expired, unless the window is longer. */
const NOW = Date.UTC(2026, 10, 23);
const NOBODY_MISSED: FollowUps = { ofMissed: new Map(), returns: new Map() };

const followedBy = (rows: readonly CallRow[], { country, ...rules }: ListFollowRules): FollowUps =>
  followUps(
    rows.map((row) => ({ ...row, subscriber: subscriberOf(row, country) })),
    { ...rules, now: NOW },
  );

/** Serves rows from memory, for the enterprise 0367. */
export const memoryHistory = (rows: readonly CallRow[], isComplete = true): MemoryHistory => {
  const asked: { query: CallQuery; limit: number }[] = [];
  const rowsOf = (enterprise: string): readonly CallRow[] => (enterprise === "0367" ? rows : []);
  return {
    asked,
    calls: async (enterprise, query, { limit, before, follow }) => {
      asked.push({ query, limit });
      const found = rowsOf(enterprise)
        .filter((row) => matches(row, query))
        .sort(newestFirst)
        .filter(
          (row) =>
            before === undefined ||
            (row.uniqueId !== before.uniqueId && newestFirst(before, row) < 0),
        );
      const followed = follow === undefined ? NOBODY_MISSED : followedBy(rows, follow);
      const all = found.map((row) => ({
        ...row,
        followUp: followed.ofMissed.get(row.uniqueId) ?? null,
        returns: followed.returns.get(row.uniqueId) ?? null,
      }));
      const wanted = all.filter(
        ({ followUp }) =>
          query.follow === undefined || (followUp?.state === query.follow && followUp.stands),
      );
      const page = wanted.slice(0, limit);
      const last = page.at(-1);
      return {
        rows: page,
        next:
          wanted.length > limit && last !== undefined
            ? { startedAt: last.startedAt, uniqueId: last.uniqueId }
            : undefined,
        isComplete,
      };
    },
    summary: async (enterprise, from, to) => {
      const own = rowsOf(enterprise).filter((row) => matches(row, { from, to }));
      const count = (list: readonly CallRow[], of: (row: CallRow) => boolean): number =>
        list.filter(of).length;
      const answered = own.filter(({ status }) => status === "answered");
      const waits = answered
        .filter(({ direction }) => direction === "incoming")
        .flatMap(({ waitMs }) => (waitMs === null ? [] : [waitMs]));
      const hours = [];
      for (let at = from; at < to; at += HOUR_MS) {
        const inHour = own.filter((row) => row.startedAt >= at && row.startedAt < at + HOUR_MS);
        hours.push({
          from: at,
          answered: count(inHour, ({ status }) => status === "answered"),
          unanswered: count(inHour, isUnanswered),
        });
      }
      return {
        hours,
        calls: own.length,
        incoming: count(own, ({ direction }) => direction === "incoming"),
        outgoing: count(own, ({ direction }) => direction === "outgoing"),
        internal: count(own, ({ direction }) => direction === "internal"),
        answered: answered.length,
        incomingAnswered: count(answered, ({ direction }) => direction === "incoming"),
        missed: count(own, (row) => row.direction === "incoming" && isUnanswered(row)),
        talkMs: answered.reduce((sum, { talkMs }) => sum + (talkMs ?? 0), 0),
        meanWaitMs:
          waits.length === 0 ? null : waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
        isComplete,
      };
    },
    followUpsOf: async (enterprise, phone, _, rules) => ({
      ...followedBy(
        rowsOf(enterprise).filter((row) => row.phone === phone),
        rules,
      ),
      isComplete,
    }),
    missedSince: async () => ({ missed: [], isComplete }),
    openMissed: async (enterprise, rules) => {
      const { ofMissed } = followedBy(rowsOf(enterprise), rules);
      const open = [...ofMissed.values()].filter(({ state, stands }) => stands && state === "open");
      return { count: open.length, isComplete };
    },
    close: async () => undefined,
  };
};
