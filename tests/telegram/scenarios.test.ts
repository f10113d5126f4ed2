// Every recorded call, played through the notifier into the real files and a strict Bot API server: the chats end with
// exactly the final card, whatever the order in which the events came.

import { describe, expect, it } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { StoredRecord } from "../../src/domain/record.ts";
import { webhookRecords } from "../support/calls.ts";
import { openWorld, type World } from "../support/notifier-world.ts";

const SCENARIOS = readdirSync(join(import.meta.dir, "../fixtures/calls/webhooks"))
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => name.replace(".jsonl", ""))
  .sort();

const anchorOf = (records: readonly StoredRecord[]): string =>
  records.find(({ uniqueId }) => uniqueId !== "")?.uniqueId ?? "";

const expectFinal = async (world: World, uniqueId: string): Promise<void> => {
  const expected = await world.expected(uniqueId);
  expect(expected).toHaveLength(1);
  expect(expected[0]).toStartWith("hangup");
  for (const chat of world.chats) expect(world.api.texts(chat)).toEqual(expected);
};

describe("a recorded call", () => {
  for (const mode of ["replace", "edit"] as const) {
    for (const scenario of SCENARIOS) {
      it(`${scenario} ends with exactly its final card (${mode})`, async () => {
        await using world = await openWorld({ mode });
        const records = webhookRecords(scenario);
        await world.play(records);
        await world.pass(5000);
        await expectFinal(world, anchorOf(records));
        for (const chat of world.chats) {
          const finals = world.api.everSent(chat).filter((text) => text.startsWith("hangup"));
          expect(finals.length).toBeLessThanOrEqual(1);
        }
        await world.pass(120_000);
        expect(world.notifier().state()).toEqual({ calls: 0, waitingChats: 0, underWay: 0 });
      });
    }
  }

  it("leaves its records in the order of what was done", async () => {
    await using world = await openWorld({ chats: ["101"] });
    const records = webhookRecords("out_answered");
    await world.play(records);
    await world.idle();
    expect(await world.told(anchorOf(records))).toEqual([
      "send 101 dial",
      "delete 101 dial",
      "send 101 bridge",
      "delete 101 bridge",
      "send 101 hangup",
    ]);
  });

  it("ends the same when its events come shuffled, doubled, and without a pause", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...SCENARIOS),
        fc.constantFrom("replace" as const, "edit" as const),
        fc.array(fc.tuple(fc.nat({ max: 4 }), fc.boolean(), fc.nat({ max: 2 })), {
          minLength: 24,
          maxLength: 24,
        }),
        async (scenario, mode, fates) => {
          await using world = await openWorld({ mode, chats: ["101"] });
          const records = webhookRecords(scenario);
          const moved = records
            .flatMap((record, index) => {
              const [late = 0, isTwice = false] = fates[index % fates.length] ?? [];
              const place = { record, place: index + late };
              return isTwice ? [place, { record, place: index + 3 }] : [place];
            })
            .sort((a, b) => a.place - b.place);
          for (const [index, { record }] of moved.entries()) {
            await world.event(record);
            if (fates[index % fates.length]?.[2] === 0) await world.idle();
            world.time.set(world.time.now() + 20);
          }
          await world.pass(5000);
          const expected = await world.expected(anchorOf(records));
          expect(world.api.texts("101")).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
