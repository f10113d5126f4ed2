// What the drawing says and where, before it is drawn.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import type { Call } from "../src/call/index.ts";
import { recordsOf, T0 } from "../tests/support/calls.ts";
import {
  type Bar,
  beginningsOf,
  fittingLabel,
  levelsOf,
  marksOf,
  ticksOf,
} from "./timeline-model.ts";
import { timelineScale } from "./timeline-scale.ts";

const bar = (from: number, to: number): Bar => ({ kind: "bridge", from, to, of: "b" });

describe("levelsOf", () => {
  it("puts bridges that overlap below each other, and uses a level again", () => {
    expect(levelsOf([bar(0, 10), bar(5, 8), bar(8, 20), bar(9, 12), bar(10, 11)])).toEqual([
      0, 1, 1, 2, 0,
    ]);
  });

  it("never lets two bars of a level overlap", () => {
    const span = fc
      .tuple(fc.nat(1000), fc.nat(1000))
      .map(([from, length]) => bar(from, from + length));
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const bars = spans.toSorted((a, b) => a.from - b.from);
        const levels = levelsOf(bars);
        for (const [index, { from }] of bars.entries()) {
          const before = bars.slice(0, index).filter((_, other) => levels[other] === levels[index]);
          for (const { to } of before) expect(to).toBeLessThanOrEqual(from);
        }
      }),
    );
  });
});

describe("ticksOf", () => {
  const call = (moments: readonly number[]): Call =>
    ({
      endedAt: moments.at(-1),
      answeredAt: moments[0],
      transfers: moments.slice(1, -1).map((at) => ({ at })),
    }) as unknown as Call;

  it("always names the beginning", () => {
    expect(
      ticksOf(call([10_000, 60_000]), 0, 60_000, timelineScale([0, 10_000, 60_000])).map(
        ({ text }) => text,
      ),
    ).toEqual(["0:00", "1:00", "0:10"]);
  });

  it("lets no two texts touch on the narrowest drawing", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8_000_000), { minLength: 2, maxLength: 12 }), (some) => {
        const moments = some.toSorted((a, b) => a - b);
        const [first, last] = [moments[0] as number, moments.at(-1) as number];
        const ticks = ticksOf(call(moments), first, last, timelineScale(moments))
          .map(({ place, text, anchor }) => {
            const width = (text.length * 7 * 100) / 290;
            const shift = { start: 0, middle: width / 2, end: width }[anchor];
            return [place - shift, place - shift + width] as const;
          })
          .toSorted(([a], [b]) => a - b);
        for (const [index, [from]] of ticks.entries()) {
          if (index > 0) expect(from).toBeGreaterThan(ticks[index - 1]?.[1] ?? 0);
        }
      }),
    );
  });
});

describe("marksOf", () => {
  it("makes one of records that would cover each other, failed where one did", () => {
    const at = (ms: number, action: "send" | "fail") =>
      ({
        kind: "TG",
        at: ms,
        action,
        chatId: "7",
        messageType: "dial",
        messageId: 1,
        uniqueId: "1.1",
        text: "",
        raw: "",
      }) as const;
    const scale = timelineScale([0, 100_000]);
    const marks = marksOf([at(0, "send"), at(200, "fail"), at(50_000, "send")], "TG", scale);
    expect(marks.map(({ records, failed }) => [records.length, failed])).toEqual([
      [2, true],
      [1, false],
    ]);
  });
});

describe("beginningsOf", () => {
  it("finds the record that speaks of a bar among those of its moment", () => {
    const records = recordsOf([
      [0, "start", "1.1"],
      [5, "bridge_create", "1.1", { BridgeUniqueid: "b1" }],
      [5, "bridge", "1.1", { Channel: "PJSIP/mts-00000001", BridgeUniqueid: "b1" }],
      [5, "bridge", "1.1", { Channel: "PJSIP/151-00000002", BridgeUniqueid: "b1" }],
      [9, "hangup", "1.1"],
    ]);
    const of = beginningsOf(records);
    const row = (kind: Bar["kind"], from: number, whom: string) => {
      const found = of({ kind, from: T0 + from * 1000, to: T0 + 9000, of: whom });
      return found === undefined ? -1 : records.indexOf(found);
    };
    expect(row("talking", 5, "151")).toBe(3);
    expect(row("bridge", 5, "b1")).toBe(1);
    expect(row("waiting", 0, "")).toBe(0);
    expect(row("ringing", 6, "152")).toBe(4);
    expect(row("talking", 99, "151")).toBe(4);
  });
});

describe("fittingLabel", () => {
  it("leaves what fits and cuts the rest at a character", () => {
    expect(fittingLabel("+375 (29) 625-40-70 Иван Петров")).toBe("+375 (29) 625-40-70 Иван Петров");
    expect(fittingLabel("152 Ольга Константиновна Добровольская-Рождественская")).toMatch(
      /^152 Ольга Константиновна Добр.*…$/,
    );
    expect(fittingLabel("😀".repeat(40))).toBe(`${"😀".repeat(17)}…`);
  });
});
