// What a digest tells, and in which words.

import { describe, expect, it } from "bun:test";
import { callRow, memoryHistory } from "../../tests/support/memory-history.ts";
import type { CallRow } from "../call/index.ts";
import { dayBounds } from "../domain/zone-day.ts";
import { HOUR_MS } from "../lib/time.ts";
import {
  type Digest,
  type DigestReader,
  digestOf,
  digestPeriod,
  digestText,
  isDue,
  periodDueAt,
} from "./digest.ts";

const ZONE = "Europe/Minsk";
const READER: DigestReader = {
  name: "Ромашка",
  lang: "ru",
  timeZone: ZONE,
  country: "BY",
  isMasked: false,
};
const at = (local: string): number => Date.parse(`${local.replace(" ", "T")}+03:00`);
// memory-history follows up as of this moment.
const NOW = Date.UTC(2026, 10, 23);

let ids = 0;
const nextId = (): string => {
  ids += 1;
  return `${ids}.1`;
};
const call = (startedAt: number, over: Partial<CallRow> = {}): CallRow =>
  callRow({ startedAt, uniqueId: nextId(), endedAt: startedAt + 30_000, ...over });
const missed = (startedAt: number, phone: string): CallRow =>
  call(startedAt, { status: "missed", phone, talkMs: 0, answeredBy: [] });

const digest = (rows: readonly CallRow[], day: string, now: number): Promise<Digest> =>
  digestOf(
    {
      history: memoryHistory(rows),
      enterprise: "0367",
      rules: { windowMs: 72 * HOUR_MS, minWaitMs: 0, country: "BY" },
      timeZone: ZONE,
      now,
    },
    digestPeriod(day, now, ZONE),
  );
const lines = async (rows: readonly CallRow[], day: string, now: number, reader = READER) =>
  digestText(await digest(rows, day, now), reader)
    .plain.replaceAll("\u00a0", " ")
    .split("\n");

const SUNDAY = [
  call(at("2026-11-22 09:05"), { phone: "375291110001", waitMs: 8000, talkMs: 60_000 }),
  call(at("2026-11-22 09:40"), { phone: "375291110002", waitMs: 12_000, talkMs: 60_000 }),
  call(at("2026-11-22 10:10"), { direction: "outgoing", phone: "375291110003" }),
  missed(at("2026-11-21 17:00"), "375291110009"),
  missed(at("2026-11-22 11:00"), "375291110004"),
  missed(at("2026-11-22 11:30"), "80291110005"),
];
const WEEK_AGO = [
  call(at("2026-11-15 10:00"), { phone: "375291110001" }),
  call(at("2026-11-15 17:59"), { phone: "375291110001" }),
  call(at("2026-11-15 18:01"), { phone: "375291110001" }),
];

describe("a digest", () => {
  it("tells a day in at most ten lines, as a person would", async () => {
    const now = at("2026-11-22 18:00");
    expect(await lines([...SUNDAY, ...WEEK_AGO], "2026-11-22", now)).toEqual([
      "📊 Ромашка: воскресенье, 22 ноября, до 18:00",
      "📥 Входящих 4: отвечено 2, пропущено 2",
      "📤 Исходящих 1",
      "☎️ Не перезвонили 3 клиентам, из них 1 с прошлых дней:",
      "+375 29 111 00 05, +375 29 111 00 04, +375 29 111 00 09",
      "⏱ Ответа ждали в среднем 10 с",
      "📈 Больше всего звонков с 09:00 до 10:00: 2 звонка",
      "Неделю назад к этому часу: входящих 2, отвечено 2, пропущено 0, исходящих 0",
    ]);
  });

  it("tells it in English, and hides what a chat should not see", async () => {
    const now = at("2026-11-23 01:00");
    const told = await lines(SUNDAY, "2026-11-22", now, { ...READER, lang: "en", isMasked: true });
    expect(told).toEqual([
      "📊 Ромашка: Sunday, 22 November",
      "📥 4 in: 2 answered, 2 missed",
      "📤 1 out",
      "☎️ 3 callers have not been called back, 1 of them from earlier days:",
      "+375 29 111 •• 05, +375 29 111 •• 04, +375 29 111 •• 09",
      "⏱ Callers waited 10 s for an answer on average",
      "📈 Busiest from 09:00 to 10:00: 2 calls",
      "🗓 The week of 16–22 November: 5 in, 2 answered, 3 missed, 1 out",
    ]);
  });

  it("adds the week that is over on Mondays, and says when nobody waits", async () => {
    const returned = call(at("2026-11-22 12:00"), {
      direction: "outgoing",
      phone: "375291110004",
      waitMs: 2000,
      talkMs: 30_000,
    });
    const rows = [missed(at("2026-11-22 11:00"), "375291110004"), returned];
    expect(await lines(rows, "2026-11-22", at("2026-11-23 02:00"))).toEqual([
      "📊 Ромашка: воскресенье, 22 ноября",
      "📥 Входящих 1: отвечено 0, пропущено 1",
      "📤 Исходящих 1",
      "✅ Никто не ждёт, чтобы ему перезвонили",
      "🗓 Прошлая неделя, 16–22 ноября: входящих 1, отвечено 0, пропущено 1, исходящих 1",
    ]);
  });

  it("names ten of those who wait, and counts the others", async () => {
    const many = Array.from({ length: 31 }, (_, index) =>
      missed(at("2026-11-22 11:00") + index * 1000, `37529111${String(1000 + index)}`),
    );
    const told = await lines(many, "2026-11-22", at("2026-11-22 18:00"));
    expect(told[3]).toBe("☎️ Не перезвонили 31 клиенту:");
    expect(told[4]?.split(", ")).toHaveLength(10);
    expect(told[4]).toEndWith(" и ещё 21");
    expect(told.length).toBeLessThanOrEqual(10);
  });

  it("says that a day had no calls, and takes a name for text", async () => {
    const name = "«A» <b>&\u202e\nB";
    const made = digestText(await digest([], "2026-11-21", NOW), { ...READER, name });
    expect(made.plain.split("\n")).toEqual([
      "📊 «A» <b>& B: суббота, 21 ноября",
      "Звонков не было",
    ]);
  });
});

describe("when a digest is due", () => {
  it("tells before noon of the day before, later of the day so far", () => {
    const now = at("2026-11-23 18:00");
    expect(periodDueAt(18 * 60, now, ZONE)).toEqual({
      day: "2026-11-23",
      from: at("2026-11-23 00:00"),
      to: now,
      isWhole: false,
    });
    expect(periodDueAt(9 * 60, now, ZONE)).toEqual({
      day: "2026-11-22",
      ...dayBounds("2026-11-22", ZONE),
      isWhole: true,
    });
  });

  it("passes over no minute that the clocks leave out, and compares with the same time by the clocks", async () => {
    // In Berlin the clocks went from 02:00 to 03:00 on the 29th of March 2026.
    const berlin = "Europe/Berlin";
    const before = Date.parse("2026-03-29T00:59:00Z");
    expect(isDue(150, before, berlin)).toBe(false);
    expect(isDue(150, before + 60_000, berlin)).toBe(true);
    const asked: [number, number][] = [];
    const now = Date.parse("2026-03-29T16:00:00Z");
    const history = memoryHistory([]);
    await digestOf(
      {
        history: {
          ...history,
          summary: (enterprise, from, to) => {
            asked.push([from, to]);
            return history.summary(enterprise, from, to);
          },
        },
        enterprise: "0367",
        rules: { windowMs: HOUR_MS, minWaitMs: 0, country: undefined },
        timeZone: berlin,
        now,
      },
      digestPeriod("2026-03-29", now, berlin),
    );
    expect(asked).toEqual([
      [Date.parse("2026-03-28T23:00:00Z"), now],
      [Date.parse("2026-03-21T23:00:00Z"), Date.parse("2026-03-22T17:00:00Z")],
    ]);
  });
});
