import { describe, expect, it } from "bun:test";
import { layerOf, openEntry } from "../../../tests/support/call-layer.ts";
import { callRow } from "../../../tests/support/memory-history.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../lib/time.ts";
import type { Layer } from "./day-book.ts";
import { summarise } from "./summary.ts";

const FROM = Date.UTC(2026, 10, 22);
const TO = FROM + DAY_MS;
const MOMENT = { now: TO, callTimeoutMs: 4 * HOUR_MS };

const at = (hour: number, over: Partial<Parameters<typeof callRow>[0]> = {}) =>
  callRow({ startedAt: FROM + hour * HOUR_MS, uniqueId: `c.${hour}`, ...over });
const sum = (layers: readonly Layer[], moment = MOMENT) =>
  summarise(layers, { from: FROM, to: TO, isComplete: true }, moment);

describe("summarise", () => {
  it("counts directions, answers and talk", async () => {
    const counts = await sum([
      await layerOf([
        at(1, { talkMs: 1000 }),
        at(2, { direction: "outgoing", talkMs: 2000 }),
        at(3, { direction: "internal", talkMs: 4000 }),
        at(4, { direction: "unknown", status: "unknown", talkMs: null, waitMs: null }),
        at(5, { direction: "outgoing", status: "missed", talkMs: 0 }),
        at(6, { status: "missed", talkMs: 0 }),
      ]),
    ]);
    expect(counts).toMatchObject({
      calls: 6,
      incoming: 2,
      outgoing: 2,
      internal: 1,
      answered: 3,
      incomingAnswered: 1,
      missed: 1,
      talkMs: 7000,
      isComplete: true,
    });
  });

  it("counts as missed every incoming call that nobody answered, and leaves out what called nobody", async () => {
    const lost = ["missed", "cancelled", "busy", "failed"] as const;
    const rows = [...lost, "unknown", "service"].map((status, hour) =>
      at(hour, { status: status as (typeof lost)[number], talkMs: 0 }),
    );
    const counts = await sum([await layerOf(rows)]);
    expect(counts).toMatchObject({ calls: 5, incoming: 5, answered: 0, missed: 4 });
  });

  it("means the wait of incoming calls that were answered, and of no others", async () => {
    const rows = [
      at(1, { waitMs: 2000 }),
      at(2, { waitMs: 5000 }),
      at(3, { waitMs: null }),
      at(4, { waitMs: 60_000, status: "missed" }),
      at(5, { waitMs: 60_000, direction: "outgoing" }),
    ];
    expect((await sum([await layerOf(rows)])).meanWaitMs).toBe(3500);
    expect((await sum([await layerOf(rows.slice(2))])).meanWaitMs).toBeNull();
    expect((await sum([])).meanWaitMs).toBeNull();
  });

  it("puts each call into the hour it began in, and gives the empty hours too", async () => {
    const { hours } = await sum([
      await layerOf([
        at(0),
        at(1, { startedAt: FROM + HOUR_MS - 1 }),
        at(23, { startedAt: TO - 1, status: "missed" }),
        at(9, { direction: "outgoing", status: "busy" }),
      ]),
    ]);
    expect(hours).toHaveLength(24);
    expect(hours.map(({ from }) => (from - FROM) / HOUR_MS)).toEqual(
      Array.from({ length: 24 }, (_, hour) => hour),
    );
    const counted = hours.flatMap(({ answered, unanswered }, hour) =>
      answered + unanswered === 0 ? [] : [[hour, answered, unanswered]],
    );
    expect(counted).toEqual([
      [0, 2, 0],
      [9, 0, 1],
      [23, 0, 1],
    ]);
  });

  it("gives a day of 25 hours its 25th", async () => {
    const long = { from: FROM, to: FROM + 25 * HOUR_MS, isComplete: false };
    const { hours, isComplete } = await summarise([await layerOf([at(24.5)])], long, MOMENT);
    expect(hours).toHaveLength(25);
    expect(hours[24]).toMatchObject({ answered: 1 });
    expect(isComplete).toBe(false);
  });

  it("counts what began from the first moment on, up to the last and without it", async () => {
    const rows = [-1, 0, DAY_MS - 1, DAY_MS].map((ms, call) =>
      callRow({ startedAt: FROM + ms, uniqueId: `c.${call}` }),
    );
    expect((await sum([await layerOf(rows)])).calls).toBe(2);
  });

  it("passes over rows that a newer layer replaces", async () => {
    const rows = [at(1), at(2), at(3)] as const;
    const older = await layerOf(rows, { dead: [rows[1]] });
    const newer = await layerOf([at(2, { status: "missed" })]);
    expect(await sum([newer, older])).toMatchObject({ calls: 3, answered: 2, missed: 1 });
  });

  it("counts a call under way as a call alone, and as what it is once it was silent too long", async () => {
    const begun = at(20);
    const layer = await layerOf([
      openEntry(
        { ...begun, status: "talking", endedAt: null, talkMs: 0, totalMs: null },
        { ...begun, status: "answered", endedAt: null, talkMs: 7000 },
        { lastSeenAt: begun.startedAt + MINUTE_MS, isTalking: true },
      ),
    ]);
    const soon = { now: begun.startedAt + 2 * MINUTE_MS, callTimeoutMs: 10 * MINUTE_MS };
    const counts = await sum([layer], soon);
    expect(counts).toMatchObject({ calls: 1, incoming: 1, answered: 0, missed: 0, talkMs: 0 });
    expect(counts.hours.every((hour) => hour.answered + hour.unanswered === 0)).toBe(true);
    const later = { ...soon, now: begun.startedAt + 12 * MINUTE_MS };
    expect(await sum([layer], later)).toMatchObject({ calls: 1, answered: 1, talkMs: 7000 });
  });
});
