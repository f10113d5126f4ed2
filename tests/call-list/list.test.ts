// What the list shows of calls as they are, which are found by what, and how pages follow each other.

import { describe, expect, it } from "bun:test";
import { callQueryOf } from "../../src/call/index.ts";
import { numberNeedles } from "../../src/call/list/select.ts";
import { inTempDir } from "../support/temp-dir.ts";
import {
  allRows,
  appendEvents,
  CALL_TIMEOUT_MS,
  DAY_MS,
  ENTERPRISE,
  MIDNIGHT,
  open,
  type Posted,
  plainCall,
  writeDays,
} from "./days.ts";

const HOUR_MS = 3_600_000;
const NOON = MIDNIGHT + DAY_MS / 2;

/** A list over events, looked at in the evening of the day after `MIDNIGHT`. */
const withList = (
  events: readonly Posted[],
  work: (list: ReturnType<typeof open>, dir: string) => Promise<void>,
  now = MIDNIGHT + DAY_MS - 60_000,
): Promise<void> =>
  inTempDir(async (dir) => {
    writeDays(dir, events, now);
    const list = open(dir, now);
    await work(list, dir);
    await list.close();
  });

const idsOf = async (list: ReturnType<typeof open>, query: object): Promise<string[]> =>
  (await allRows(list, query)).map(({ uniqueId }) => uniqueId);

const internalCall = (at: number, id: string): Posted[] => {
  const body = { Token: "t", UniqueId: id, Phone: "160", CallType: 2, Extensions: ["161"] };
  return [
    { at, event: "dial", body },
    { at: at + 9000, event: "hangup", body: { ...body, CallStatus: "0" } },
  ];
};
const outgoingCall = (at: number, id: string, phone: string): Posted[] => {
  const body = { Token: "t", UniqueId: id, Phone: phone, CallType: 1, Extensions: ["152"] };
  return [
    { at, event: "dial", body },
    { at: at + 9000, event: "hangup", body: { ...body, CallStatus: "0", Cause: "17" } },
  ];
};

describe("what is found", () => {
  const events = [
    ...plainCall(NOON, "a.1", { phone: "+375295305942", extension: "151" }),
    ...plainCall(NOON + 60_000, "a.2", { phone: "80295305999", extension: "1510" }),
    ...internalCall(NOON + 120_000, "a.3"),
    ...outgoingCall(NOON + 180_000, "a.4", "79161112233"),
    ...plainCall(NOON + 240_000, "a.5", { phone: "anonymous", extension: "15" }),
  ];
  const cases: readonly [what: string, query: object, found: string[]][] = [
    ["everything, newest first", {}, ["a.5", "a.4", "a.3", "a.2", "a.1"]],
    ["a part of a number", { number: "5305" }, ["a.2", "a.1"]],
    ["a number with brackets and spaces", { number: "+375 (29) 530-59-42" }, ["a.1"]],
    ["a number as it is dialled inside its country", { number: "8 029 530-59-42" }, ["a.1"]],
    ["the same as people write it", { number: "80295305942" }, ["a.1"]],
    ["the beginning of one", { number: "8029530" }, ["a.2", "a.1"]],
    ["one that was posted so, from outside", { number: "+375295305999" }, ["a.2"]],
    ["another country's", { number: "89161112233" }, ["a.4"]],
    ["with a prefix for abroad", { number: "00375295305942" }, ["a.1"]],
    [
      "a number without a digit is not asked for",
      { number: " + " },
      ["a.5", "a.4", "a.3", "a.2", "a.1"],
    ],
    ["one digit, but not that of an id", { number: "a.1" }, ["a.4", "a.3"]],
    ["an extension, whole", { extension: "151" }, ["a.1"]],
    ["an extension that only stands in others", { extension: "5" }, []],
    ["an internal caller", { extension: "160" }, ["a.3"]],
    ["an internal callee", { extension: "161" }, ["a.3"]],
    ["directions", { directions: ["internal", "outgoing"] }, ["a.4", "a.3"]],
    ["results", { statuses: ["busy"] }, ["a.4"]],
    ["no result at all", { statuses: [] }, []],
    ["all together", { statuses: ["answered"], extension: "1510", number: "999" }, ["a.2"]],
    ["from a moment on", { from: NOON + 120_000 }, ["a.5", "a.4", "a.3"]],
    ["before a moment", { to: NOON + 60_000 }, ["a.1"]],
  ];
  for (const [what, query, found] of cases) {
    it(what, () =>
      withList(events, async (list) => expect(await idsOf(list, query)).toEqual(found)),
    );
  }

  it("by a whole number in any spelling of its country", async () => {
    const spellings = ["84951234567", "+74951234567", "4951234567", "8 (495) 123-45-67"];
    const calls = spellings.flatMap((phone, index) =>
      plainCall(NOON + index * 1000, `s.${index}`, { phone }),
    );
    await withList(calls, async (list) => {
      for (const number of [...spellings, "0074951234567"]) {
        const query = callQueryOf({ number }, NOON, "UTC", "RU");
        expect(await idsOf(list, query)).toEqual(["s.3", "s.2", "s.1", "s.0"]);
      }
    });
  });

  it("in a number that is hidden or empty: nothing", () => {
    expect(numberNeedles("anonymous")).toEqual([]);
    // `80` alone would be a whole country.
    expect(numberNeedles("80")).toEqual(["80"]);
    expect(numberNeedles("8029")).toEqual(["8029", "\n37529"]);
  });
});

describe("pages", () => {
  it("hold every call once, also where many began in one millisecond", () => {
    const events = Array.from({ length: 40 }, (_, call) =>
      plainCall(NOON + Math.floor(call / 9), `a.${String(call).padStart(2, "0")}`),
    ).flat();
    return withList(events, async (list) => {
      for (const limit of [1, 2, 5, 39, 40, 41]) {
        const rows = await allRows(list, {}, limit);
        expect(rows.map(({ uniqueId }) => uniqueId)).toEqual(
          Array.from({ length: 40 }, (_, call) => `a.${String(39 - call).padStart(2, "0")}`),
        );
      }
    });
  });

  it("stay where they were while calls come in, and a place holds in another process", () => {
    const events = Array.from({ length: 10 }, (_, call) =>
      plainCall(NOON + call, `a.${call}`),
    ).flat();
    return withList(events, async (list, dir) => {
      const first = await list.calls(ENTERPRISE, {}, { limit: 4 });
      appendEvents(dir, plainCall(NOON + 60_000, "b.1"));
      const before = first.next;
      if (before === undefined) throw new Error("there is a second page");
      const other = open(dir, NOON + DAY_MS / 4, { isReadOnly: true });
      for (const reader of [list, other]) {
        const second = await reader.calls(ENTERPRISE, {}, { limit: 4, before });
        expect(second.rows.map(({ uniqueId }) => uniqueId)).toEqual(["a.5", "a.4", "a.3", "a.2"]);
      }
      const again = await list.calls(ENTERPRISE, {}, { limit: 1 });
      expect(again.rows.map(({ uniqueId }) => uniqueId)).toEqual(["b.1"]);
      await other.close();
    });
  });

  it("end: the last one says so, also where it is full", () =>
    withList([...plainCall(NOON, "a.1"), ...plainCall(NOON + 1, "a.2")], async (list) => {
      expect((await list.calls(ENTERPRISE, {}, { limit: 2 })).next).toBeUndefined();
      expect((await list.calls(ENTERPRISE, {}, { limit: 1 })).next).toEqual({
        startedAt: NOON + 1,
        uniqueId: "a.2",
      });
    }));
});

describe("a call under way", () => {
  it("rings, talks, grows, and is over when nothing more is heard of it", () =>
    inTempDir(async (dir) => {
      let now = NOON;
      const list = open(dir, () => now);
      const [start, dial, bridge] = plainCall(NOON, "a.1") as [Posted, Posted, Posted];
      const look = async () => (await list.calls(ENTERPRISE, {}, { limit: 5 })).rows[0];
      appendEvents(dir, [start, dial]);
      now = NOON + 2000;
      expect(await look()).toMatchObject({ status: "ringing", talkMs: 0, endedAt: null });
      appendEvents(dir, [
        bridge,
        {
          ...bridge,
          body: { ...bridge.body, Channel: "PJSIP/T1-0000000b", CallerIDNum: "375291110022" },
        },
      ]);
      now = NOON + 10_000;
      expect(await look()).toMatchObject({ status: "talking", talkMs: 6000 });
      now = NOON + 15_000;
      expect(await look()).toMatchObject({ status: "talking", talkMs: 11_000 });
      expect((await list.calls(ENTERPRISE, { statuses: ["answered"] }, { limit: 5 })).rows).toEqual(
        [],
      );
      expect((await list.summary(ENTERPRISE, NOON, NOON + HOUR_MS)).answered).toBe(0);
      now = NOON + CALL_TIMEOUT_MS + 5000;
      expect(await look()).toMatchObject({ status: "answered", talkMs: null, endedAt: null });
      expect(
        (await list.calls(ENTERPRISE, { statuses: ["answered"] }, { limit: 5 })).rows,
      ).toHaveLength(1);
      await list.close();
    }));
});

describe("counts of a day", () => {
  it("are those of its rows", () => {
    const events = [
      ...plainCall(NOON, "a.1", { lengthMs: 24_000 }),
      ...plainCall(NOON + HOUR_MS, "a.2", { lengthMs: 14_000 }),
      ...outgoingCall(NOON + HOUR_MS + 1, "a.3", "79161112233"),
      ...internalCall(NOON + HOUR_MS + 2, "a.4"),
      {
        at: NOON + 2 * HOUR_MS,
        event: "start",
        body: { UniqueId: "a.5", Phone: "375291110022", CallType: 0 },
      },
      {
        at: NOON + 2 * HOUR_MS + 5000,
        event: "hangup",
        body: { UniqueId: "a.5", Phone: "375291110022", CallType: 0, CallStatus: "0" },
      },
      ...plainCall(NOON + 3 * HOUR_MS - 1, "a.6").slice(0, 2),
      ...plainCall(NOON + 3 * HOUR_MS, "a.7"),
    ];
    return withList(
      events,
      async (list) => {
        const summary = await list.summary(ENTERPRISE, NOON, NOON + 3 * HOUR_MS);
        const rows = await allRows(list, { from: NOON, to: NOON + 3 * HOUR_MS });
        expect(rows).toHaveLength(6);
        const talk = rows
          .filter(({ status }) => status === "answered")
          .map(({ talkMs }) => talkMs ?? 0);
        expect(summary).toEqual({
          hours: [
            { from: NOON, answered: 1, unanswered: 0 },
            { from: NOON + HOUR_MS, answered: 1, unanswered: 2 },
            { from: NOON + 2 * HOUR_MS, answered: 0, unanswered: 1 },
          ],
          calls: 6,
          incoming: 4,
          outgoing: 1,
          internal: 1,
          answered: 2,
          incomingAnswered: 2,
          missed: 1,
          talkMs: talk.reduce((sum, ms) => sum + ms, 0),
          meanWaitMs: 4000,
          isComplete: true,
        });
      },
      NOON + 3 * HOUR_MS + 30_000,
    );
  });

  it("cover an hour begun, and no more than 26", () =>
    withList(plainCall(NOON, "a.1"), async (list) => {
      expect((await list.summary(ENTERPRISE, NOON, NOON + HOUR_MS / 2)).hours).toHaveLength(1);
      expect((await list.summary(ENTERPRISE, MIDNIGHT, MIDNIGHT + 9 * DAY_MS)).hours).toHaveLength(
        26,
      );
    }));
});
