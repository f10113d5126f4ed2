// Made-up weeks: who is told about, how soon, and who never is.

import { describe, expect, it } from "bun:test";
import { createCalendar, decideSilence, SLOT_MS } from "./silence.ts";

const ZONE = "Europe/Berlin";
const calendar = createCalendar(ZONE);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Monday, 2 March 2026, 00:00 in Berlin. */
const MONDAY = Date.parse("2026-03-01T23:00:00Z");

type Week = (place: { weekday: number; hour: number; day: number }) => number;
/** Repeatable and even. */
const dice = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

/** Slots with calls from `from` to `to`, where `rate` calls an hour come by chance. */
const madeUp = (from: number, to: number, rate: Week, random = dice(1)): Set<number> => {
  const slots = new Set<number>();
  for (let slot = Math.ceil(from / SLOT_MS); slot < Math.floor(to / SLOT_MS); slot += 1) {
    const { time, weekday } = calendar(slot);
    const day = Math.floor((slot * SLOT_MS - MONDAY) / DAY);
    const perHour = rate({ weekday, hour: Number(time.slice(0, 2)), day });
    if (random() < 1 - Math.exp(-perHour / 4)) slots.add(slot);
  }
  return slots;
};

/** When the silence that begins at `silentFrom` is told, in hours after it; undefined where not until `until`. */
const toldAfter = (
  slots: ReadonlySet<number>,
  silentFrom: number,
  until: number,
  watchedSince = 0,
): number | undefined => {
  const before = new Set([...slots].filter((slot) => slot * SLOT_MS < silentFrom));
  const lastEventAt = Math.max(...before) * SLOT_MS + 1000;
  const stepMs = until - silentFrom > DAY ? SLOT_MS : 5 * 60_000;
  for (let now = silentFrom; now <= until; now += stepMs) {
    const since = decideSilence({ slots: before, lastEventAt }, { now, watchedSince, calendar });
    if (since !== undefined) {
      expect(since).toBe(lastEventAt);
      return (now - silentFrom) / HOUR;
    }
  }
  return undefined;
};

const office: Week = ({ weekday, hour }) =>
  weekday >= 1 && weekday <= 5 && hour >= 9 && hour < 18 ? 20 : 0;
const always: Week = () => 30;

describe("decideSilence", () => {
  it("tells an office that falls silent at eleven on a Wednesday within two hours", () => {
    const at = MONDAY + 16 * DAY + 11 * HOUR;
    const after = toldAfter(madeUp(MONDAY, at, office), at, at + 5 * HOUR);
    expect(after).toBeGreaterThanOrEqual(1);
    expect(after).toBeLessThanOrEqual(2);
  });

  it("leaves an office alone in the night and at the weekend, and tells what is wrong on Monday", () => {
    const friday = MONDAY + 18 * DAY + 18 * HOUR;
    const slots = madeUp(MONDAY, friday, office);
    const nextMonday = MONDAY + 21 * DAY + 9 * HOUR;
    expect(toldAfter(slots, friday, nextMonday)).toBeUndefined();
    const after = toldAfter(slots, friday, nextMonday + 3 * HOUR) ?? 0;
    expect(after - (nextMonday - friday) / HOUR).toBeWithin(1, 2.5);
  });

  it("knows who is open on Saturdays but not on Sundays, and who is closed on Fridays", () => {
    const shop: Week = ({ weekday, hour }) =>
      weekday !== 0 && weekday !== 5 && hour >= 9 && hour < 18 ? 30 : 0;
    const saturday = MONDAY + 19 * DAY + 10 * HOUR;
    const slots = madeUp(MONDAY, saturday, shop);
    expect(toldAfter(slots, saturday, saturday + 6 * HOUR)).toBeWithin(1, 4.5);
    const evening = MONDAY + 19 * DAY + 18 * HOUR;
    const all = madeUp(MONDAY, evening, shop);
    expect(toldAfter(all, evening, evening + 38 * HOUR)).toBeUndefined();
    const thursday = MONDAY + 17 * DAY + 18 * HOUR;
    expect(toldAfter(all, thursday, thursday + 38 * HOUR)).toBeUndefined();
  });

  it("says nothing of an enterprise that is new, rare or never heard", () => {
    const at = MONDAY + 36 * HOUR;
    expect(toldAfter(madeUp(MONDAY, at, always), at, at + 12 * HOUR)).toBeUndefined();
    const rare: Week = ({ hour }) => (hour >= 9 && hour < 18 ? 0.2 : 0);
    const later = MONDAY + 16 * DAY + 11 * HOUR;
    expect(toldAfter(madeUp(MONDAY, later, rare), later, later + 2 * DAY)).toBeUndefined();
    expect(
      decideSilence(
        { slots: new Set(), lastEventAt: undefined },
        { now: at, watchedSince: 0, calendar },
      ),
    ).toBeUndefined();
  });

  it("knows a new enterprise once it had some days", () => {
    const at = MONDAY + 3 * DAY + 12 * HOUR;
    expect(toldAfter(madeUp(MONDAY, at, always), at, at + 6 * HOUR)).toBeWithin(1, 4.1);
  });

  it("is slower after holidays than after a usual week, and says nothing in their middle", () => {
    // Closed for the ten days before: what is usual is hardly known.
    const closed: Week = (place) => (place.day >= 6 && place.day < 16 ? 0 : office(place));
    const at = MONDAY + 16 * DAY + 12 * HOUR;
    const slots = madeUp(MONDAY, at, closed);
    const holiday = MONDAY + 12 * DAY + 10 * HOUR;
    const early = madeUp(MONDAY, holiday, closed);
    // Told once at their beginning, and then it stands; see the watch.
    expect(toldAfter(early, MONDAY + 4 * DAY + 18 * HOUR, MONDAY + 7 * DAY)).toBeUndefined();
    const after = toldAfter(slots, at, at + 6 * HOUR);
    expect(after === undefined || after > 1.5).toBe(true);
  });

  it("takes no notice of the change to summer time", () => {
    // Clocks go forward on 29 March 2026; nine o'clock is an hour earlier then.
    const sunday = Date.parse("2026-03-29T00:00:00Z");
    const from = sunday - 20 * DAY;
    const friday = Date.parse("2026-03-27T17:00:00Z");
    const slots = madeUp(from, friday, office);
    const opening = Date.parse("2026-03-30T07:00:00Z");
    expect(toldAfter(slots, friday, opening)).toBeUndefined();
    expect(toldAfter(slots, friday, opening + 3 * HOUR)).toBeDefined();
  });

  it("does not blame the enterprise for the time in which nobody listened", () => {
    const at = MONDAY + 16 * DAY + 11 * HOUR;
    const slots = madeUp(MONDAY, at, office);
    const backAt = at + 3 * HOUR;
    const after = toldAfter(slots, at, at + 6 * HOUR, backAt) ?? 0;
    expect(after).toBeGreaterThanOrEqual(4);
  });

  it("raises hardly a false alarm: thirty enterprises of all sizes, two weeks", () => {
    const random = dice(7);
    let alarms = 0;
    for (let each = 0; each < 30; each += 1) {
      const perHour = 0.5 * 1.2 ** each;
      const week: Week = ({ weekday, hour }) => {
        if (weekday === 0 || hour < 8 || hour >= 20) return perHour / 100;
        return hour === 13 ? perHour / 4 : perHour;
      };
      const end = MONDAY + 28 * DAY;
      const slots = [...madeUp(MONDAY, end, week, random)].sort((a, b) => a - b);
      for (const [at, slot] of slots.entries()) {
        const next = slots[at + 1];
        if (next === undefined || slot * SLOT_MS < MONDAY + 14 * DAY || next - slot < 5) continue;
        const heard = { slots: new Set(slots.slice(0, at + 1)), lastEventAt: slot * SLOT_MS };
        const moment = { now: next * SLOT_MS, watchedSince: 0, calendar };
        if (decideSilence(heard, moment) !== undefined) alarms += 1;
      }
    }
    expect(alarms).toBeLessThanOrEqual(2);
  });
});
