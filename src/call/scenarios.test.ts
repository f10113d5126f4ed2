// Every recorded call, by what the phones did, found and assembled from each of its unique ids.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { assembled, brief, curlRecords, webhookRecords } from "../../tests/support/calls.ts";
import type { StoredRecord } from "../domain/record.ts";
import type { AssembledCall, Call } from "./index.ts";

const IN = "375295305942";
const OUT = "375296254070";

// scenario, what the events of the AMI stream tell, what the dialplan hooks tell (they see no leaves and less at all)
const CALLS: readonly [scenario: string, webhooks: string, curl: string][] = [
  [
    "in_answered",
    `incoming answered, ${IN} → 151 by 151, wait 2.1 talk 3, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 2.1 talk 3`,
  ],
  [
    "in_answered_callee_hangup",
    `incoming answered, ${IN} → 151 by 151, wait 1.1 talk 2, hung up 151`,
    `incoming answered, ${IN} → 151 by 151, wait 1 talk 2`,
  ],
  [
    "in_hold",
    `incoming answered, ${IN} → 151 by 151, wait 1.1 talk 4, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 1.1 talk 4`,
  ],
  [
    "in_missed",
    `incoming missed, ${IN} → 151, wait 4.1 talk 0`,
    `incoming missed, ${IN} → 151, wait 4.1 talk 0`,
  ],
  [
    "in_busy",
    `incoming busy, ${IN} → 151, wait 0.1 talk 0`,
    `incoming busy, ${IN} → 151, wait 0.1 talk 0`,
  ],
  [
    "in_cancel",
    `incoming cancelled, ${IN} → 151, wait 2.1 talk 0, hung up ${IN}`,
    `incoming cancelled, ${IN} → 151, wait 2.1 talk 0, hung up ${IN}`,
  ],
  [
    "in_ivr_only",
    `incoming missed, ${IN} → -, wait 2.5 talk 0`,
    `incoming missed, ${IN} → -, wait 2.5 talk 0`,
  ],
  [
    "in_ringgroup",
    `incoming answered, ${IN} → 151 152 153 by 152, wait 2.1 talk 3, hung up ${IN}`,
    `incoming answered, ${IN} → 151 152 153 by 152, wait 2.1 talk 3`,
  ],
  [
    "in_ringgroup_cancel",
    `incoming cancelled, ${IN} → 151 152 153, wait 3.1 talk 0, hung up ${IN}`,
    `incoming cancelled, ${IN} → 151 152 153, wait 3.1 talk 0, hung up ${IN}`,
  ],
  [
    "in_queue",
    `incoming answered, ${IN} → 151 152 153 by 153, wait 2.5 talk 3, hung up ${IN}`,
    `incoming answered, ${IN} → 153 by 153, wait 2.5 talk 3`,
  ],
  [
    "in_queue_linear",
    `incoming answered, ${IN} → 151 152 by 152, wait 4.5 talk 2, hung up 152`,
    `incoming answered, ${IN} → 152 by 152, wait 4.5 talk 2`,
  ],
  [
    "in_queue_missed",
    `incoming missed, ${IN} → 151 152 153, wait 5.5 talk 0`,
    `incoming missed, ${IN} → -, wait 5.5 talk 0`,
  ],
  [
    "in_forward_mobile",
    `incoming answered, ${IN} → 151 375291110000 by 375291110000, wait 4.1 talk 2, hung up ${IN}`,
    `incoming answered, ${IN} → 151 375291110000 by 375291110000, wait 4.1 talk 2`,
  ],
  [
    "out_answered",
    `outgoing answered, ${OUT} → 151 by 151, wait 3 talk 3, hung up 151`,
    `outgoing answered, ${OUT} → 151 by 151, wait 3 talk 3`,
  ],
  [
    "out_click2call",
    `outgoing answered, ${OUT} → 151 by 151, wait 1.5 talk 2, hung up ${OUT}`,
    `outgoing answered, ${OUT} → 151 by 151, wait 1.5 talk 2`,
  ],
  [
    "out_busy",
    `outgoing busy, ${OUT} → 151, wait 0.5 talk 0`,
    `outgoing busy, ${OUT} → 151, wait 0.5 talk 0`,
  ],
  [
    "out_badnumber",
    `outgoing failed, ${OUT} → 151, wait 0 talk 0`,
    `outgoing failed, ${OUT} → 151, wait 0 talk 0`,
  ],
  [
    "out_noanswer_cancel",
    `outgoing cancelled, ${OUT} → 151, wait 3 talk 0, hung up 151`,
    `outgoing cancelled, ${OUT} → 151, wait 3 talk 0, hung up 151`,
  ],
  [
    "int_answered",
    "internal answered, 151 → 152 by 152, wait 1.5 talk 2, hung up 151",
    "internal answered, 151 → 152 by 152, wait 1.5 talk 2",
  ],
  [
    "int_busy",
    "internal busy, 151 → 152, wait 0.1 talk 0",
    "internal busy, 151 → 152, wait 0 talk 0",
  ],
  [
    "int_missed",
    "internal cancelled, 151 → 152, wait 3 talk 0, hung up 151",
    "internal cancelled, 151 → 152, wait 3 talk 0, hung up 151",
  ],
  [
    "id_anonymous",
    "incoming answered, anonymous → 151 by 151, wait 0.6 talk 0.7, hung up anonymous",
    "incoming answered, anonymous → 151 by 151, wait 0.6 talk 0.7",
  ],
  [
    "id_empty",
    "incoming answered, ? → 151 by 151, wait 0.6 talk 0.7",
    "incoming answered, ? → 151 by 151, wait 0.6 talk 0.7",
  ],
  [
    "id_html",
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7`,
  ],
  [
    "id_long",
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7`,
  ],
  [
    "id_utf8",
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7`,
  ],
  [
    "name_quotes",
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 0.6 talk 0.7`,
  ],
  [
    "sysname_host",
    `incoming answered, ${IN} → 151 by 151, wait 2.1 talk 3, hung up ${IN}`,
    `incoming answered, ${IN} → 151 by 151, wait 2.1 talk 3`,
  ],
  [
    "xfer_blind",
    `incoming answered, ${IN} → 151 152 by 151 152, wait 1.1 talk 4, blind 151>152, hung up ${IN}`,
    `incoming answered, ${IN} → 151 152 by 151 152, wait 1.1 talk 4, blind 151>152`,
  ],
  [
    "xfer_attended",
    `incoming answered, ${IN} → 151 152 by 151 152, wait 1.1 talk 9.8, attended 151>152, hung up ${IN}`,
    "two calls: dialplan hooks post nothing that ties them",
  ],
];

const NAMES = CALLS.map(([name]) => name);
const expected = (scenario: string): string =>
  CALLS.find(([name]) => name === scenario)?.[1] as string;

const uniqueIdsOf = (records: readonly StoredRecord[]): string[] => [
  ...new Set(records.map((record) => record.uniqueId)),
];

describe("assembleCall, over the recorded calls", () => {
  for (const [scenario, webhooks, curl] of CALLS) {
    it(`${scenario}: ${webhooks}`, async () => {
      const records = webhookRecords(scenario);
      for (const uniqueId of uniqueIdsOf(records)) {
        const found = await assembled(records, uniqueId);
        expect(brief(found)).toBe(webhooks);
        expect(found?.records).toEqual(records);
      }
    });
    if (scenario === "xfer_attended") continue;
    it(`${scenario} by dialplan hooks: ${curl}`, async () => {
      const records = curlRecords(scenario);
      for (const uniqueId of uniqueIdsOf(records)) {
        expect(brief(await assembled(records, uniqueId))).toBe(curl);
      }
    });
  }

  it("sees the two calls of an attended transfer apart where hooks tie them by nothing", async () => {
    const records = curlRecords("xfer_attended");
    expect(brief(await assembled(records, "1795332355.296"))).toBe(
      `incoming answered, ${IN} → 151 by 151, wait 1.1 talk 9.8`,
    );
    expect(brief(await assembled(records, "1795332358.298"))).toBe(
      "internal answered, 151 → 152 by 152, wait 1 talk 2",
    );
  });

  it("goes by when events happened, not by the order of the lines", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.infiniteStream(fc.nat()),
        async (name, keys) => {
          const records = webhookRecords(name);
          fc.pre(new Set(records.map((record) => record.at)).size === records.length);
          const shuffled = records
            .map((record) => ({ record, key: keys.next().value }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ record }) => record);
          expect(brief(await assembled(shuffled, records[0]?.uniqueId as string))).toBe(
            expected(name),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("says the same of a call whose neighbouring events two connections swapped", async () => {
    for (const name of NAMES) {
      const records = webhookRecords(name);
      const whole = (await assembled(records, records[0]?.uniqueId as string))?.call as Call;
      for (let index = 0; index + 1 < records.length; index++) {
        const [left, right] = records.slice(index, index + 2) as [StoredRecord, StoredRecord];
        if (right.at - left.at > 20) continue;
        const swapped = records.with(index, { ...right, at: left.at });
        swapped[index + 1] = { ...left, at: right.at };
        const { call } = (await assembled(
          swapped,
          records[0]?.uniqueId as string,
        )) as AssembledCall;
        const told = (of: Call) => [
          of.direction,
          of.status,
          of.phone,
          of.answeredBy,
          of.transfers.length,
        ];
        expect({ name, index, told: told(call) }).toEqual({ name, index, told: told(whole) });
        expect(Math.abs((call.talkMs ?? 0) - (whole.talkMs ?? 0))).toBeLessThanOrEqual(50);
      }
    }
  });

  it("comes out the same when events are delivered twice", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), fc.nat({ max: 40 }), async (name, pick) => {
        const records = webhookRecords(name);
        const again = records[pick % records.length] as StoredRecord;
        const twice = records.flatMap((record) =>
          record === again ? [record, { ...again }] : [record],
        );
        const found = await assembled(twice, records[0]?.uniqueId as string);
        expect(brief(found)).toBe(expected(name));
        expect(found?.records.length).toBe(records.length + 1);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a sender that states no CallType", () => {
  for (const [scenario] of CALLS) {
    it(`${scenario}: the direction is the same`, async () => {
      const records = webhookRecords(scenario);
      const stripped = records.map((record) => {
        if (record.kind !== "AST") return record;
        const { CallType: _, ...body } = record.body;
        return { ...record, body };
      });
      for (const id of new Set(records.map(({ uniqueId }) => uniqueId))) {
        if (id === "") continue;
        const [told, judged] = [await assembled(records, id), await assembled(stripped, id)];
        expect(judged?.call.direction as string).toBe(told?.call.direction ?? "");
        expect(judged?.call.phone ?? null).toBe(told?.call.phone ?? null);
      }
    });
  }
});
