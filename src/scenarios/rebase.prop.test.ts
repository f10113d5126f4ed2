import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { isUniqueId } from "../asterisk/index.ts";
import { bodyText } from "../domain/event.ts";
import { recordKeys } from "../domain/record.ts";
import { maxUniqueSeed, rebase, type ScenarioEvent, scenarios } from "./index.ts";

const stampOf = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

const uniqueId = fc
  .tuple(
    fc.constantFrom("", "host-", "pbx-0367.by-"),
    fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_700_000_009 }), fc.constant(868_664)),
    fc.integer({ min: 0, max: 12 }),
  )
  .map(([prefix, epoch, sequence]) => `${prefix}${epoch}.${sequence}`);
const bridgeId = fc.oneof(fc.constant(""), fc.uuid(), fc.constantFrom("b1", "b2"));
const channel = fc
  .tuple(
    fc.constantFrom("SIP/151", "PJSIP/mts", "Local/152@internal"),
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom("", ";1", ";2"),
  )
  .map(([name, count, half]) => `${name}-${String(count).padStart(8, "0")}${half}`);
const stamp = fc.integer({ min: 1_600_000_000, max: 1_800_000_000 }).map(stampOf);

const event = fc.record({
  at: fc.integer({ min: 1_700_000_000_000, max: 1_700_000_600_000 }),
  event: fc.constantFrom("start", "dial", "bridge", "hangup"),
  body: fc.record(
    {
      UniqueId: uniqueId,
      Linkedid: uniqueId,
      ChanUniqueId: uniqueId,
      BridgeUniqueid: bridgeId,
      Channel: channel,
      EventId: fc.constantFrom("", "e1", "e2", "e3"),
      EventTime: fc.oneof(
        fc.constant("n/a"),
        fc.integer({ min: 1_700_000_000, max: 1_700_000_600 }),
      ),
      StartTime: fc.oneof(fc.constant(""), stamp),
      EndTime: stamp,
      Phone: fc.constantFrom("375290000000", "<unknown>", "1700000001.5"),
      Extensions: fc.array(fc.constantFrom("150", "")),
    },
    { requiredKeys: ["UniqueId"] },
  ),
});
const call = fc.array(event, { minLength: 1, maxLength: 30 });
const now = fc.integer({ min: 1_750_000_000_000, max: 1_900_000_000_000 });
const seed = fc.integer({ min: 0, max: maxUniqueSeed });

const KINDS = [
  ["UniqueId", "Linkedid", "ChanUniqueId"],
  ["BridgeUniqueid"],
  ["Channel"],
  ["EventId"],
];

/** All non-empty texts under `keys`, in order. */
const textsOf = (events: readonly ScenarioEvent[], keys: readonly string[]): string[] =>
  events.flatMap((one) => keys.map((key) => bodyText(one.body, key)).filter((text) => text !== ""));

describe("rebase", () => {
  it("keeps equal ids equal and different ids different", () => {
    fc.assert(
      fc.property(call, now, seed, (events, at, uniqueSeed) => {
        const moved = rebase(events, { now: at, uniqueSeed });
        for (const keys of KINDS) {
          const before = textsOf(events, keys);
          const after = textsOf(moved, keys);
          expect(after.length).toBe(before.length);
          const pairs = new Set(before.map((text, index) => `${text} ${after[index]}`));
          expect(pairs.size).toBe(new Set(before).size);
          expect(pairs.size).toBe(new Set(after).size);
        }
      }),
    );
  });

  it("gives two runs within one second nothing in common by which records are found", () => {
    fc.assert(
      fc.property(call, call, now, seed, seed, (one, other, at, first, second) => {
        fc.pre(first !== second);
        const keysOf = (events: readonly ScenarioEvent[], uniqueSeed: number): Set<string> =>
          new Set(
            rebase(events, { now: at, uniqueSeed }).flatMap((moved) =>
              recordKeys({ ...moved, kind: "AST", uniqueId: bodyText(moved.body, "UniqueId") }),
            ),
          );
        const shared = keysOf(one, first).intersection(keysOf(other, second));
        expect([...shared]).toEqual([]);
      }),
    );
  });

  it("moves all times by the same whole number of seconds, the first event to now", () => {
    fc.assert(
      fc.property(call, now, seed, (events, at, uniqueSeed) => {
        const moved = rebase(events, { now: at, uniqueSeed });
        const first = Math.min(...moved.map((one) => one.at));
        expect(first <= at && first > at - 1000).toBe(true);
        const shift = first - Math.min(...events.map((one) => one.at));
        expect(shift % 1000).toBe(0);
        events.forEach((old, index) => {
          const fresh = moved[index];
          expect(fresh?.at).toBe(old.at + shift);
          for (const key of ["StartTime", "EndTime"]) {
            const text = bodyText(old.body, key);
            const wanted = text === "" ? "" : stampOf((Date.parse(`${text}Z`) + shift) / 1000);
            expect(bodyText(fresh?.body ?? {}, key)).toBe(wanted);
          }
          const eventTime = old.body.EventTime;
          expect(fresh?.body["EventTime"]).toBe(
            typeof eventTime === "number" ? eventTime + shift / 1000 : eventTime,
          );
        });
      }),
    );
  });

  it("leaves everything else alone, and the order of keys", () => {
    fc.assert(
      fc.property(call, now, seed, (events, at, uniqueSeed) => {
        const moved = rebase(events, { now: at, uniqueSeed });
        events.forEach((old, index) => {
          const fresh = moved[index];
          expect(fresh?.event).toBe(old.event);
          expect(Object.keys(fresh?.body ?? {})).toEqual(Object.keys(old.body));
          expect(fresh?.body["Phone"]).toBe(old.body.Phone);
          expect(fresh?.body["Extensions"]).toEqual(old.body.Extensions);
        });
      }),
    );
  });

  it("keeps the form of ids: prefix, epoch moved, or left where it never was a time", () => {
    const body = {
      UniqueId: "pbx-0367.by-1700000005.61",
      Linkedid: "868664.106",
      Channel: "Local/152@from-internal-0000001a;2",
      BridgeUniqueid: "fe03e3cb-d502-4b6b-9639-7245592c7a48",
    };
    const [moved] = rebase([{ at: 1_700_000_005_250, event: "bridge", body }], {
      now: 1_800_000_000_900,
      uniqueSeed: 7,
    });
    expect(moved?.at).toBe(1_800_000_000_250);
    expect(moved?.body).toEqual({
      UniqueId: "pbx-0367.by-1800000000.7000",
      Linkedid: "868664.7001",
      Channel: "Local/152@from-internal-00001b58;2",
      BridgeUniqueid: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
    });
    expect(moved?.body["BridgeUniqueid"]).not.toBe(body.BridgeUniqueid);
  });

  it("refuses a seed whose sequence numbers Asterisk could not have", () => {
    for (const uniqueSeed of [-1, 0.5, maxUniqueSeed + 1, Number.NaN]) {
      expect(() => rebase([], { now: 0, uniqueSeed })).toThrow(RangeError);
    }
  });

  it("makes ids that are accepted, for every scenario we carry", () => {
    for (const scenario of scenarios()) {
      const moved = rebase(scenario.events, {
        now: 1_900_000_000_000,
        uniqueSeed: maxUniqueSeed,
      });
      for (const id of textsOf(moved, ["UniqueId"])) expect(isUniqueId(id)).toBe(true);
    }
  });
});
