// How far a call is followed, and where that ends.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { recordKeys, type StoredRecord } from "../domain/record.ts";
import type { Part } from "../store/index.ts";
import { findCall } from "./index.ts";

const START = Date.UTC(2025, 10, 30, 9);
const record = (at: number, uniqueId: string, more: Record<string, unknown>): StoredRecord => {
  const body = { UniqueId: uniqueId, Phone: "375291112233", CallType: 0, ...more };
  return { kind: "AST", at, event: "start", uniqueId, body, raw: JSON.stringify(body) };
};

const find = (records: readonly StoredRecord[], uniqueId: string) => {
  let most = 0;
  const answer = findCall(
    async (keys) => {
      const found = records.filter((one) => recordKeys(one).some((key) => keys.includes(key)));
      most = Math.max(most, found.length);
      return { records: found, faults: [] };
    },
    uniqueId,
    { enterprise: "0367", now: START + 60_000, callTimeoutMs: 14_400_000 },
  );
  return answer.then((assembled) => ({ assembled, most }));
};
const idOf = (call: number): string => `1764493655.${call}`;

describe("calls of a sender that gives all of them the same Linkedid", () => {
  const records = Array.from({ length: 6000 }, (_, at) =>
    record(START + at, idOf(Math.floor(at / 3)), { Linkedid: "1764493655.99999" }),
  );

  it("stay apart, and the page of each says so", async () => {
    const { assembled } = await find(records, idOf(7));
    expect(assembled?.records.map(({ uniqueId }) => uniqueId)).toEqual(Array(3).fill(idOf(7)));
    expect(assembled?.doubts.map(({ code }) => code)).toContain("too-many-records");
  });
});

describe("an id with more records than any call has", () => {
  it("gives the newest of them", async () => {
    const records = Array.from({ length: 5000 }, (_, at) => record(START + at, idOf(1), { at }));
    const { assembled } = await find(records, idOf(1));
    expect(assembled?.records.length).toBe(2000);
    expect(assembled?.records.at(-1)?.at).toBe(START + 4999);
    expect(assembled?.doubts.map(({ code }) => code)).toContain("too-many-records");
  });
});

describe("a large call", () => {
  it("is whole: 300 managers rung over six linked ids", async () => {
    const records = Array.from({ length: 1800 }, (_, at) =>
      record(START + at, idOf(at % 6), { Linkedid: idOf(0) }),
    );
    const { assembled } = await find(records, idOf(5));
    expect(assembled?.records.length).toBe(1800);
    expect(assembled?.doubts.map(({ code }) => code)).not.toContain("too-many-records");
  });
});

describe("a call whose files are searched in parts", () => {
  const epoch = 1_764_493_655;
  const uid = fc.integer({ min: 0, max: 5 }).map((sequence) => `${epoch}.${sequence}`);
  const events = fc.array(
    fc.record({
      isNear: fc.boolean(),
      at: fc.integer({ min: 0, max: 3 * 14_400_000 }),
      id: uid,
      linked: fc.option(uid),
      bridge: fc.option(fc.integer({ min: 0, max: 3 }).map((number) => `b-${number}`)),
    }),
    { minLength: 1, maxLength: 14 },
  );

  it("is the one that a search of all files finds, wherever its lines lie", async () => {
    await fc.assert(
      fc.asyncProperty(events, uid, async (given, asked) => {
        const placed = given
          .toSorted((a, b) => a.at - b.at)
          .map(({ isNear, at, id, linked, bridge }) => ({
            isNear,
            record: record(START + at, id, {
              ...(linked === null ? {} : { Linkedid: linked }),
              ...(bridge === null ? {} : { BridgeUniqueid: bridge }),
            }),
          }));
        const options = { enterprise: "0367", now: START + 15_000_000, callTimeoutMs: 14_400_000 };
        const within = (keys: readonly string[], part?: Part) => ({
          records: placed
            .filter(({ isNear }) => part === undefined || isNear === (part.part === "near"))
            .map(({ record: one }) => one)
            .filter((one) => recordKeys(one).some((key) => keys.includes(key))),
          faults: [],
        });
        const parts: string[] = [];
        const inParts = await findCall(
          async (keys, part) => {
            parts.push(part?.part ?? "all");
            return within(keys, part);
          },
          asked,
          options,
        );
        const whole = await findCall(async (keys) => within(keys), asked, options);
        expect(inParts?.records).toEqual(whole?.records);
        expect(parts[0]).toBe("near");
        // Nothing of it elsewhere: the others are asked once.
        if (inParts !== undefined && !parts.includes("all"))
          expect(parts.filter((part) => part === "far")).toHaveLength(1);
      }),
    );
  });
});
