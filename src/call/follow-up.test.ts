import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { type FollowedCall, type FollowRules, followUps } from "./follow-up.ts";

const START = Date.UTC(2026, 10, 23, 9);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const rules: FollowRules = { now: START + 5 * HOUR, windowMs: 72 * HOUR, minWaitMs: 0 };

let made = 0;
const call = (minute: number, over: Partial<FollowedCall> = {}): FollowedCall => {
  const startedAt = START + minute * MINUTE;
  made += 1;
  return {
    uniqueId: `1795000000.${made}`,
    startedAt,
    endedAt: startedAt + 30_000,
    direction: "incoming",
    status: "missed",
    isLost: false,
    extensions: ["151"],
    answeredBy: [],
    waitMs: 30_000,
    talkMs: 0,
    subscriber: "+375295305942",
    ...over,
  };
};
const answered = {
  status: "answered",
  answeredBy: ["152"],
  extensions: ["152"],
  waitMs: 5000,
  talkMs: 80_000,
} as const;
const callBack = (minute: number, over: Partial<FollowedCall> = {}): FollowedCall =>
  call(minute, {
    direction: "outgoing",
    ...answered,
    endedAt: START + minute * MINUTE + 85_000,
    ...over,
  });
const attempt = (minute: number): FollowedCall =>
  callBack(minute, { status: "cancelled", answeredBy: [], talkMs: 0 });

const stateOf = (calls: readonly FollowedCall[], of: FollowedCall, more = rules) =>
  followUps(calls, more).ofMissed.get(of.uniqueId);

describe("a missed call", () => {
  it("is open until somebody acts", () => {
    const missed = call(0);
    expect(stateOf([missed], missed)).toEqual({
      state: "open",
      attempts: 0,
      firstAttemptAt: null,
      lastAttemptAt: null,
      returnedAt: null,
      returnedBy: null,
      afterSeconds: null,
      talkMs: null,
      call: null,
      repeats: 1,
      firstMissedAt: START,
      stands: true,
      underWayBy: null,
    });
  });

  it("is returned by whoever calls back and talks, so long after the first of its row", () => {
    const [first, second, back] = [call(0), call(3), callBack(4.5)];
    const found = followUps([first, second, back], rules);
    const whole = {
      state: "returned",
      returnedBy: "152",
      returnedAt: back.startedAt,
      afterSeconds: 240,
      talkMs: 80_000,
      call: back.uniqueId,
    };
    expect(found.ofMissed.get(first.uniqueId)).toMatchObject({
      ...whole,
      repeats: 1,
      stands: false,
    });
    expect(found.ofMissed.get(second.uniqueId)).toMatchObject({
      ...whole,
      repeats: 2,
      stands: true,
    });
    expect(found.returns.get(back.uniqueId)).toBe(second.uniqueId);
  });

  it("is reached when its caller calls again and is answered", () => {
    const [missed, again] = [call(0), call(10, answered)];
    expect(stateOf([missed, again], missed)).toMatchObject({
      state: "reached",
      returnedBy: "152",
      call: again.uniqueId,
    });
  });

  it("is tried while nobody is reached, also where he takes it up and drops it within 3 s", () => {
    const [missed, one, other] = [call(0), attempt(2), callBack(6, { talkMs: 2900 })];
    expect(stateOf([missed, one, other], missed)).toMatchObject({
      state: "tried",
      attempts: 2,
      firstAttemptAt: one.startedAt,
      lastAttemptAt: other.startedAt,
    });
    const back = callBack(9, { talkMs: 3000 });
    expect(stateOf([missed, one, other, back], missed)).toMatchObject({
      state: "returned",
      attempts: 2,
    });
  });

  it("waits again when its caller calls once more after an attempt", () => {
    const [missed, tried, again] = [call(0), attempt(2), call(5)];
    expect(stateOf([missed, tried, again], again)).toMatchObject({ state: "open", attempts: 1 });
  });

  it("shows who calls back right now", () => {
    const missed = call(0);
    for (const status of ["ringing", "talking"] as const) {
      const going = callBack(2, { status, endedAt: null, answeredBy: [], extensions: ["151"] });
      expect(stateOf([missed, going], missed)).toMatchObject({ state: "open", underWayBy: "151" });
    }
  });

  it("expires when the window is over, and a later call begins a row of its own", () => {
    const missed = call(0);
    const late = { ...rules, now: START + 73 * HOUR };
    expect(stateOf([missed], missed, late)?.state).toBe("expired");
    const back = callBack(73 * 60);
    expect(stateOf([missed, back], missed, late)).toMatchObject({ state: "expired", call: null });
    const again = call(73 * 60);
    expect(stateOf([missed, again], again, late)).toMatchObject({ state: "open", repeats: 1 });
  });

  it("of forty of one number, the newest stands", () => {
    const forty = Array.from({ length: 40 }, (_, minute) => call(minute));
    const { ofMissed } = followUps(forty, rules);
    expect([...ofMissed.values()].filter(({ stands }) => stands)).toEqual([
      expect.objectContaining({ repeats: 40, firstMissedAt: START }),
    ]);
  });

  it("is none where the number is withheld, or its caller gave up at once", () => {
    const hidden = call(0, { subscriber: "" });
    const short = call(1, { waitMs: 4000 });
    const found = followUps([hidden, short], { ...rules, minWaitMs: 5000 });
    expect(found.ofMissed.size).toBe(0);
    expect(stateOf([short], short, { ...rules, minWaitMs: 4000 })?.state).toBe("open");
  });

  it("is one whose caller was answered and lost while he waited again", () => {
    const before = call(0);
    const lost = call(10, { ...answered, isLost: true });
    const found = followUps([before, lost], rules);
    expect(found.ofMissed.get(before.uniqueId)?.state).toBe("reached");
    expect(found.ofMissed.get(lost.uniqueId)).toMatchObject({ state: "open", repeats: 1 });
  });

  it("is settled by a talk that began before it, and not by one that was over", () => {
    // 151 was calling the customer, who called at the same time and found everybody busy.
    const crossing = callBack(0, { waitMs: 2 * MINUTE });
    const missed = call(1, { status: "busy" });
    expect(stateOf([crossing, missed], missed)?.state).toBe("returned");
    const over = callBack(0);
    expect(stateOf([over, call(3)], missed)).toBeUndefined();
    const later = call(3);
    expect(stateOf([over, later], later)?.state).toBe("open");
  });

  it("is nothing to other subscribers, and to calls inside", () => {
    const missed = call(0);
    const others = [
      callBack(1, { subscriber: "+375296254070" }),
      callBack(2, { direction: "internal" }),
      callBack(3, { status: "service" }),
    ];
    expect(stateOf([missed, ...others], missed)?.state).toBe("open");
  });
});

const anyCall = fc.record({
  uniqueId: fc.integer({ min: 1, max: 30 }).map((number) => `1795000000.${number}`),
  startedAt: fc.integer({ min: 0, max: 400 }).map((minute) => START + minute * MINUTE),
  direction: fc.constantFrom("incoming", "outgoing", "internal", "unknown"),
  status: fc.constantFrom(
    "missed",
    "busy",
    "cancelled",
    "answered",
    "ringing",
    "talking",
    "failed",
  ),
  isLost: fc.boolean(),
  waitMs: fc.constantFrom(null, 0, 3000, 30_000),
  talkMs: fc.constantFrom(null, 0, 2000, 60_000),
  subscriber: fc.constantFrom("", "+375295305942", "+375296254070"),
}) as fc.Arbitrary<Partial<FollowedCall>>;

/** Calls of which each id stands for one. */
const calls = fc
  .uniqueArray(anyCall, { selector: ({ uniqueId }) => uniqueId, maxLength: 25 })
  .map((all) => all.map((over) => ({ ...call(0), ...over }) as FollowedCall))
  .map((all) => all.map((one) => ({ ...one, endedAt: one.startedAt + 40_000 })));

describe("any calls", () => {
  it("tell the same in any order, and twice", () => {
    fc.assert(
      fc.property(
        calls.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          const once = followUps(all, rules);
          const again = followUps([...shuffled, ...all], rules);
          expect(new Map([...again.ofMissed].sort())).toEqual(new Map([...once.ofMissed].sort()));
          expect(new Map([...again.returns].sort())).toEqual(new Map([...once.returns].sort()));
        },
      ),
    );
  });

  it("leave exactly one that stands of each row, and settle a row by one call", () => {
    fc.assert(
      fc.property(calls, (all) => {
        const { ofMissed, returns } = followUps(all, rules);
        for (const [settling, missed] of returns) {
          expect(ofMissed.get(missed)).toMatchObject({ call: settling, stands: true });
        }
        for (const { call: settling, stands } of ofMissed.values()) {
          if (settling !== null && stands) expect(returns.has(settling)).toBe(true);
        }
        const owed = all.filter(
          ({ direction, status, isLost, subscriber }) =>
            direction === "incoming" &&
            subscriber !== "" &&
            (isLost || ["missed", "busy", "cancelled", "failed"].includes(status)),
        );
        expect(new Set(ofMissed.keys())).toEqual(new Set(owed.map(({ uniqueId }) => uniqueId)));
      }),
    );
  });
});
