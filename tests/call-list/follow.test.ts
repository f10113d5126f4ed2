// What became of missed calls, out of the files of several days: the same as over all calls put together one by one.

import { expect, it } from "bun:test";
import fc from "fast-check";
import { followUps } from "../../src/call/index.ts";
import { subscriberOf } from "../../src/call/list/contacts.ts";
import type { FollowedRow } from "../../src/call/list/index.ts";
import { inTempDir } from "../support/temp-dir.ts";
import {
  allRows,
  appendEvents,
  DAY_MS,
  ENTERPRISE,
  MIDNIGHT,
  open,
  type Posted,
  slowRows,
  writeDays,
} from "./days.ts";

const NOW = MIDNIGHT + DAY_MS - 60_000;
const HOUR = 3_600_000;
const rules = { windowMs: 30 * HOUR, minWaitMs: 3000, country: "BY" } as const;

const SPELLINGS = [
  "375295305942",
  "80295305942",
  "+375295305942",
  "375296254070",
  "anonymous",
  "5942",
];

type Kind = "missed" | "short" | "answered" | "returned" | "tried" | "ringing";

const callOf = (at: number, id: string, kind: Kind, phone: string): Posted[] => {
  const isOut = kind === "returned" || kind === "tried" || kind === "ringing";
  const body = {
    UniqueId: id,
    Token: "375290000001",
    Phone: phone,
    CallType: isOut ? 1 : 0,
    Extensions: ["151"],
  };
  const isTalk = kind === "answered" || kind === "returned";
  const bridge = {
    ...body,
    BridgeUniqueid: `b-${id}`,
    Channel: `PJSIP/151-${id.replace(/\D/g, "").slice(-8).padStart(8, "0")}`,
    CallerIDNum: "151",
  };
  const waitMs = kind === "short" ? 2000 : 20_000;
  return [
    ...(isOut ? [] : [{ at, event: "start", body }]),
    { at: at + 100, event: "dial", body },
    ...(isTalk
      ? [
          { at: at + 5000, event: "bridge", body: bridge },
          { at: at + 15_000, event: "bridge_leave", body: bridge },
        ]
      : []),
    ...(kind === "ringing"
      ? []
      : [{ at: at + waitMs, event: "hangup", body: { ...body, CallStatus: isTalk ? "2" : "0" } }]),
  ];
};

const someCalls = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 4 * 24 * 60 - 70 }),
      fc.constantFrom<Kind>(
        "missed",
        "missed",
        "short",
        "answered",
        "returned",
        "tried",
        "ringing",
      ),
      fc.constantFrom(...SPELLINGS),
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((calls) =>
    calls.flatMap(([minute, kind, phone], index) =>
      callOf(NOW - 4 * DAY_MS + minute * 60_000, `${1795000000 + index}.${index}`, kind, phone),
    ),
  );

const expected = (rows: readonly FollowedRow[]): FollowedRow[] => {
  const calls = rows.map((row) => ({ ...row, subscriber: subscriberOf(row, rules.country) }));
  const { ofMissed, returns } = followUps(calls, { ...rules, now: NOW });
  return rows.map((row) => ({
    ...row,
    followUp: ofMissed.get(row.uniqueId) ?? null,
    returns: returns.get(row.uniqueId) ?? null,
  }));
};

it("is the same page by page, by state, by number, counted, and after new lines", () =>
  fc.assert(
    fc.asyncProperty(someCalls, someCalls, fc.nat(2 ** 31), (events, more, seed) =>
      inTempDir(async (dir) => {
        writeDays(dir, events, NOW);
        const list = open(dir, NOW);
        const check = async (): Promise<void> => {
          const right = expected(await slowRows(dir, NOW));
          expect(await allRows(list, {}, 4, rules)).toEqual(right);
          for (const follow of ["open", "tried", "returned", "reached", "expired"] as const) {
            const found = await allRows(list, { follow }, 3, rules);
            expect(found).toEqual(
              right.filter(({ followUp }) => followUp?.state === follow && followUp.stands),
            );
          }
          const open = right.filter(
            ({ followUp }) => followUp?.state === "open" && followUp.stands,
          );
          expect(await list.openMissed(ENTERPRISE, rules)).toMatchObject({
            count: open.length,
          });
          for (const row of right.filter(({ followUp }) => followUp !== null)) {
            const period = { from: row.startedAt, to: row.startedAt + 1 };
            const own = await list.followUpsOf(ENTERPRISE, row.phone ?? "", period, rules);
            expect(own.ofMissed.get(row.uniqueId)).toEqual(row.followUp as never);
          }
        };
        await check();
        await list.close();
        const renamed = more.map(({ body, ...event }) => ({
          ...event,
          body: { ...body, UniqueId: `${body["UniqueId"]}${seed % 7}` },
        }));
        appendEvents(
          dir,
          renamed.filter(({ at }) => at >= MIDNIGHT).toSorted((a, b) => a.at - b.at),
        );
        const again = open(dir, NOW);
        expect(await allRows(again, {}, 4, rules)).toEqual(expected(await slowRows(dir, NOW)));
        await again.close();
      }),
    ),
    { numRuns: 12 },
  ));

it("asks for nothing where no rules are given", () =>
  inTempDir(async (dir) => {
    writeDays(dir, callOf(NOW - HOUR, "1795000000.1", "missed", "375295305942"), NOW);
    const list = open(dir, NOW);
    expect((await allRows(list)).map(({ followUp }) => followUp)).toEqual([null]);
    await list.close();
  }));
