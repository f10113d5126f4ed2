// Whatever a target answers, and whenever the program dies: in the end each event was taken once, in order within its call.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { answeredCall, missedCall } from "../support/hook-calls.ts";
import { startHookReceiver } from "../support/hook-receiver.ts";
import { ENTERPRISE, openHookWorld } from "../support/hook-world.ts";

const MINUTE = 60_000;

/** What happens at one moment: an answer to the next requests, a death of the program, some time, a full disk. */
const step = fc.oneof(
  fc.record({ answer: fc.constantFrom(200, 204, 302, 400, 404, 429, 500, 503) }),
  fc.record({ minutes: fc.integer({ min: 0, max: 20 }) }),
  fc.constant({ dies: true } as const),
  fc.record({ full: fc.boolean() }),
);

describe("webhooks", () => {
  it("are taken once each, in order, after whatever happened", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await using receiver = startHookReceiver();
        await using world = await openHookWorld();
        world.hooks.add(ENTERPRISE, receiver.url);
        const answer = (status: number): void => {
          receiver.answer = () => new Response(null, { status });
        };
        const events = [
          ...answeredCall("1764504000.1"),
          ...missedCall("1764504002.1", 2, "375291119999"),
        ].sort((a, b) => a.at - b.at);
        let isDiskTrusted = true;
        let before = events[0]?.at ?? 0;
        /** The next event, as long after the one before as it really was. */
        const playNext = async (): Promise<boolean> => {
          const next = events.shift();
          if (next === undefined) return false;
          await world.play([{ ...next, at: world.time.now() + next.at - before }]);
          before = next.at;
          return true;
        };
        for (const one of steps) {
          await playNext();
          if ("answer" in one) answer(one.answer);
          else if ("minutes" in one) await world.pass(one.minutes * MINUTE);
          else if ("full" in one) world.isDiskFull = one.full;
          else {
            // What was taken while its record could not be written is sent once more by the next process.
            isDiskTrusted &&= !world.isDiskFull;
            await world.restart();
          }
        }
        world.isDiskFull = false;
        answer(204);
        while (await playNext());
        await world.pass(12 * 60 * MINUTE);
        const taken = receiver.received.filter(({ status }) => status >= 200 && status < 300);
        for (const [uniqueId, wanted] of [
          ["1764504000.1", ["call.started", "call.answered", "call.ended"]],
          ["1764504002.1", ["call.started", "call.ended", "call.missed"]],
        ] as const) {
          const types = taken.filter((one) => one.uniqueId === uniqueId).map(({ type }) => type);
          if (isDiskTrusted) expect(types).toEqual([...wanted]);
          else expect([...new Set(types)]).toEqual([...wanted]);
        }
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
