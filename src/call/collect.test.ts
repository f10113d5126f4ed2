// How far a call is followed, and where that ends.

import { describe, expect, it } from "bun:test";
import { recordKeys, type StoredRecord } from "../domain/record.ts";
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
