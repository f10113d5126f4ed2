// The day in a message: of which stretch of time it tells, what is counted, and the lines it makes of that.

import type { CallHistory, DaySummary, ListFollowRules } from "../call/index.ts";
import { minuteIn } from "../domain/chat-preferences.ts";
import type { Lang } from "../domain/lang.ts";
import { cleanName } from "../domain/names.ts";
import type { NumberPlan } from "../domain/phone.ts";
import {
  addDays,
  clocksAt,
  dayBounds,
  dayIn,
  localStamp,
  momentsOf,
  weekdayOf,
} from "../domain/zone-day.ts";
import { DAY_MS, HOUR_MS } from "../lib/time.ts";
import { type DigestSums, digestTextsOf } from "../texts/index.ts";
import { bold, type Piece, plainText } from "./message.ts";
import type { CardText } from "./messenger.ts";
import { customerNumber } from "./preferences.ts";

/** A day of the enterprise's zone, or its beginning. Moments in milliseconds since the epoch, `to` not included. */
export type DigestPeriod = {
  /** `2026-11-22`. */
  readonly day: string;
  readonly from: number;
  readonly to: number;
  readonly isWhole: boolean;
};

/** Whoever reads a digest before noon wants to know of the day before. In minutes of the day. */
const NOON = 12 * 60;

/** A day up to now. */
export const digestPeriod = (day: string, now: number, timeZone: string): DigestPeriod => {
  const { from, to } = dayBounds(day, timeZone);
  return { day, from, to: Math.min(to, Math.max(from, now)), isWhole: to <= now };
};

/** Of what a digest tells that is due at a minute of the day and sent now: before noon of the day before. */
export const periodDueAt = (minute: number, now: number, timeZone: string): DigestPeriod => {
  const today = dayIn(now, timeZone);
  return digestPeriod(minute < NOON ? addDays(today, -1) : today, now, timeZone);
};

/** Whether a digest that comes at this minute of the day is due. The clock may have passed it over. */
export const isDue = (minute: number, now: number, timeZone: string): boolean =>
  minuteIn(now, timeZone) >= minute;

/** The same stretch by the clocks, a week before. */
const weekBefore = ({ day, to, isWhole }: DigestPeriod, timeZone: string): DigestPeriod => {
  const before = addDays(day, -7);
  const bounds = dayBounds(before, timeZone);
  const local = clocksAt(to, timeZone) - 7 * DAY_MS;
  return {
    day: before,
    from: bounds.from,
    to: isWhole
      ? bounds.to
      : Math.min(bounds.to, Math.max(bounds.from, momentsOf(local, timeZone)[0])),
    isWhole,
  };
};

/** The seven days before, where `day` is a Monday. */
const weekOver = (day: string): readonly string[] =>
  weekdayOf(day) === 0 ? [-7, -6, -5, -4, -3, -2, -1].map((count) => addDays(day, count)) : [];

/** What a digest tells. */
export type Digest = {
  readonly period: DigestPeriod;
  readonly sums: DaySummary;
  /** Null where nothing is on record of then. */
  readonly weekAgo: DigestSums | null;
  /** Of the week that ended before the Monday on which it is told; null on other days. */
  readonly week: { readonly from: string; readonly to: string; readonly sums: DigestSums } | null;
  /** Whom nobody of ours has called back, newest first, as far as they were missed before the stretch was over. */
  readonly waiting: {
    readonly phones: readonly string[];
    readonly count: number;
    /** Of them missed before the stretch began. */
    readonly earlier: number;
  };
  /** False while days are read for the first time: it is better told later. */
  readonly isComplete: boolean;
};

export type DigestWorld = {
  readonly history: Pick<CallHistory, "summary" | "calls">;
  readonly enterprise: string;
  readonly rules: ListFollowRules;
  readonly timeZone: string;
  readonly now: number;
};

const MAX_NUMBERS = 10;
/** Rows that are read at a time. */
const PAGE_ROWS = 200;

const sumsOf = (all: readonly DaySummary[]): DigestSums => ({
  incoming: all.reduce((sum, { incoming }) => sum + incoming, 0),
  answered: all.reduce((sum, { incomingAnswered }) => sum + incomingAnswered, 0),
  missed: all.reduce((sum, { missed }) => sum + missed, 0),
  outgoing: all.reduce((sum, { outgoing }) => sum + outgoing, 0),
});

const waitingIn = async (
  { history, enterprise, rules }: DigestWorld,
  { from, to }: DigestPeriod,
): Promise<Digest["waiting"] & { isComplete: boolean }> => {
  const phones: string[] = [];
  let [count, earlier, isComplete] = [0, 0, true];
  let before: { startedAt: number; uniqueId: string } | undefined;
  do {
    const page = await history.calls(
      enterprise,
      { follow: "open", to },
      { limit: PAGE_ROWS, follow: rules, ...(before === undefined ? {} : { before }) },
    );
    isComplete &&= page.isComplete;
    for (const { phone, startedAt } of page.rows) {
      count += 1;
      if (startedAt < from) earlier += 1;
      if (phone !== null && phones.length < MAX_NUMBERS) phones.push(phone);
    }
    before = page.rows.length === 0 ? undefined : page.next;
  } while (before !== undefined && isComplete);
  return { phones, count, earlier, isComplete };
};

/** Counts what a digest of that stretch tells now. */
export const digestOf = async (world: DigestWorld, period: DigestPeriod): Promise<Digest> => {
  const { history, enterprise, timeZone, now } = world;
  const sumsIn = ({ from, to }: { readonly from: number; readonly to: number }) =>
    history.summary(enterprise, from, to);
  const sums = await sumsIn(period);
  const before = await sumsIn(weekBefore(period, timeZone));
  const waiting = await waitingIn(world, period);
  const today = dayIn(now, timeZone);
  const days = period.day < addDays(today, -1) ? [] : weekOver(today);
  const week: DaySummary[] = [];
  for (const day of days) week.push(await sumsIn(dayBounds(day, timeZone)));
  const [first, last] = [days[0], days.at(-1)];
  return {
    period,
    sums,
    weekAgo: before.calls === 0 ? null : sumsOf([before]),
    week:
      first === undefined || last === undefined || week.every(({ calls }) => calls === 0)
        ? null
        : { from: first, to: last, sums: sumsOf(week) },
    waiting,
    isComplete: [sums, before, waiting, ...week].every(({ isComplete }) => isComplete),
  };
};

export type DigestReader = {
  /** Of the enterprise. */
  readonly name: string;
  readonly lang: Lang;
  readonly timeZone: string;
  readonly country: NumberPlan;
  readonly isMasked: boolean;
};

/** `18:00`. */
const clock = (ms: number, timeZone: string): string => localStamp(ms, timeZone).slice(11, 16);

/** The digest as a message, ten lines at most. */
export const digestText = (digest: Digest, reader: DigestReader): CardText => {
  const { period, sums, weekAgo, week, waiting } = digest;
  const { name, lang, timeZone } = reader;
  const texts = digestTextsOf(lang);
  const own = sumsOf([sums]);
  const title = texts.title(
    cleanName(name) ?? name,
    period.day,
    period.isWhole ? undefined : clock(period.to, timeZone),
  );
  const lines: string[] = [];
  if (sums.calls === 0) lines.push(texts.noCalls);
  else lines.push(`📥 ${texts.incoming(own)}`, `📤 ${texts.outgoing(own.outgoing)}`);
  if (waiting.count > 0) {
    const shown = waiting.phones.map((phone) => customerNumber(phone, reader));
    const more = waiting.count - shown.length;
    lines.push(
      `☎️ ${texts.waiting(waiting.count, waiting.earlier)}`,
      `${shown.join(", ")}${more > 0 ? ` ${texts.more(more)}` : ""}`,
    );
  } else if (own.missed > 0) lines.push(`✅ ${texts.nobodyWaits}`);
  if (sums.meanWaitMs !== null) lines.push(`⏱ ${texts.meanWait(texts.seconds(sums.meanWaitMs))}`);
  const busiest = busiestOf(sums, timeZone);
  if (busiest !== undefined) lines.push(`📈 ${texts.busiest(...busiest)}`);
  if (weekAgo !== null) lines.push(texts.weekAgo(weekAgo, period.isWhole));
  if (week !== null) lines.push(`🗓 ${texts.week(week.sums, week.from, week.to)}`);
  const pieces: Piece[] = [bold(`📊 ${title}`), ...lines.map((line) => `\n${line}`)];
  return { pieces, plain: plainText(pieces) };
};

/** The hour with the most calls, the first of them; undefined where no hour stands out. */
const busiestOf = (
  { hours }: DaySummary,
  timeZone: string,
): [from: string, to: string, calls: number] | undefined => {
  const most = Math.max(0, ...hours.map(({ answered, unanswered }) => answered + unanswered));
  const found = hours.find(({ answered, unanswered }) => answered + unanswered === most);
  if (found === undefined || most < 2) return undefined;
  return [clock(found.from, timeZone), clock(found.from + HOUR_MS, timeZone), most];
};
