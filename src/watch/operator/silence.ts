// Whether an enterprise is silent that usually is not: how unlikely its silence is by the last two weeks. Pure. Each
// quarter of an hour of silence weighs as much as comparable quarters had events: those at the same time of day, on
// weekdays for a weekday, on the same day of the week for a Saturday or Sunday. Nights weigh nothing.

import { localStamp } from "../../domain/zone-day.ts";
import { DAY_MS, HOUR_MS } from "../../lib/time.ts";

/** Length of a slot of time, in milliseconds. Every zone's offset is a multiple of it. */
export const SLOT_MS = 900_000;
/** How far back comparable days are looked for: with a day to spare, so that the day two weeks ago is whole. In milliseconds. */
export const HISTORY_MS = 15 * DAY_MS;

/** No silence is told before it has lasted so long, in milliseconds. */
const SHORTEST_MS = HOUR_MS;
/** A silence is told when it would come about by chance less often than this, as a power of ten. */
const TOO_UNLIKELY = -5;
/** Comparable days without which nothing is known. */
const FEWEST_DAYS = 2;
/** A silence is weighed up to this length: longer ones are no more unlikely than that. In slots. */
const MOST_SLOTS = (2 * DAY_MS) / SLOT_MS;

export type SlotPlace = {
  /** `10:15` */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
};

/** Where a slot stands on the clocks and in the week of a zone. */
export type Calendar = (slot: number) => SlotPlace;

/** Remembers what it worked out: a slot is asked about for every enterprise. */
export const createCalendar = (timeZone: string): Calendar => {
  const known = new Map<number, SlotPlace>();
  return (slot) => {
    const found = known.get(slot);
    if (found !== undefined) return found;
    const stamp = localStamp(slot * SLOT_MS, timeZone);
    const weekday = new Date(`${stamp.slice(0, 10)}T00:00:00Z`).getUTCDay();
    const place = { time: stamp.slice(11, 16), weekday };
    if (known.size > 10_000) known.clear();
    known.set(slot, place);
    return place;
  };
};

export type Heard = {
  /** Slots in which the enterprise had records. */
  readonly slots: ReadonlySet<number>;
  /** Its newest event, in milliseconds since the epoch. */
  readonly lastEventAt: number | undefined;
};

export type SilenceMoment = {
  readonly now: number;
  /** Since when events would have been taken: before, silence says nothing. In milliseconds since the epoch. */
  readonly watchedSince: number;
  readonly calendar: Calendar;
};

type Share = { active: number; of: number };

const isWorkday = (weekday: number): boolean => weekday >= 1 && weekday <= 5;

/** How often there was something, by time of day and kind of day. */
const createShares = (slots: ReadonlySet<number>, from: number, to: number, calendar: Calendar) => {
  const shares = new Map<string, Share>();
  const count = (key: string, isActive: boolean): void => {
    const share = shares.get(key) ?? { active: 0, of: 0 };
    share.of += 1;
    if (isActive) share.active += 1;
    shares.set(key, share);
  };
  for (let slot = from; slot < to; slot += 1) {
    const { time, weekday } = calendar(slot);
    const isActive = slots.has(slot);
    count(`${weekday} ${time}`, isActive);
    if (isWorkday(weekday)) count(`workday ${time}`, isActive);
  }
  const none: Share = { active: 0, of: 0 };
  /** How likely a record is in such a slot, estimated low so that no silence is reported by mistake. */
  return ({ time, weekday }: SlotPlace): number => {
    const same = shares.get(`${weekday} ${time}`) ?? none;
    // Closed on Fridays, say: then the other workdays tell nothing of this one.
    if (same.of > 0 && same.active === 0) return 0;
    const alike = isWorkday(weekday) ? (shares.get(`workday ${time}`) ?? none) : same;
    return alike.of < FEWEST_DAYS ? 0 : alike.active / (alike.of + 1);
  };
};

/** Since when the enterprise is silent though it usually is not; undefined where all is as usual. */
export const decideSilence = (
  { slots, lastEventAt }: Heard,
  { now, watchedSince, calendar }: SilenceMoment,
): number | undefined => {
  if (lastEventAt === undefined) return undefined;
  const silentFrom = Math.max(lastEventAt, watchedSince);
  if (now - silentFrom < SHORTEST_MS) return undefined;
  const [first, end] = [Math.ceil(silentFrom / SLOT_MS), Math.floor(now / SLOT_MS)];
  const lastSlot = Math.floor(lastEventAt / SLOT_MS);
  let oldest = lastSlot;
  const limit = Math.floor((now - HISTORY_MS) / SLOT_MS);
  for (const slot of slots) if (slot >= limit && slot < oldest) oldest = slot;
  const likelihood = createShares(slots, oldest, lastSlot, calendar);
  let chance = 0;
  for (let slot = Math.max(first, end - MOST_SLOTS); slot < end; slot += 1) {
    chance += Math.log10(1 - likelihood(calendar(slot)));
    if (chance <= TOO_UNLIKELY) return lastEventAt;
  }
  return undefined;
};
