// The same calls as Asterisk's CEL file and as its manager interface told them: both give the same events, by their ids, and the
// same call. What CEL does not have is named.

import { describe, expect, it } from "bun:test";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { recordsOfEvents } from "../support/ami.ts";
import { assembled, brief } from "../support/calls.ts";
import { celPairs, celText, eventsOfAmi, eventsOfCel } from "../support/cel.ts";

const TOLERANCE_MS = 100;
/** CEL does not tell that somebody is put on hold. */
const ONLY_AMI = new Set(["hold", "unhold"]);

const idsOf = (events: readonly AgentEvent[]): string[] =>
  events
    .filter(({ event }) => !ONLY_AMI.has(event))
    .map(({ body }) => String(body["EventId"]))
    .sort();

/** The calls of events by their own id, with what a page says of each. */
const callsOf = async (events: readonly AgentEvent[]) => {
  const records = recordsOfEvents(events);
  const calls = new Map<string, Awaited<ReturnType<typeof assembled>>>();
  for (const id of new Set(records.map(({ uniqueId }) => uniqueId))) {
    const found = await assembled(records, id);
    if (found !== undefined) calls.set(found.call.uniqueIds.join(" "), found);
  }
  return calls;
};

type Assembled = NonNullable<Awaited<ReturnType<typeof assembled>>>;

/** Moments that are close enough, taken from the other source; all else as it is. */
const alike = (own: unknown, other: unknown): unknown => {
  if (typeof own === "number" && typeof other === "number") {
    return Math.abs(own - other) <= TOLERANCE_MS ? other : own;
  }
  if (Array.isArray(own) && Array.isArray(other)) {
    return own.map((value, index) => alike(value, other[index]));
  }
  if (typeof own !== "object" || typeof other !== "object" || own === null || other === null) {
    return own;
  }
  const values = other as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [name, alike(value, values[name])]),
  );
};

const expectSame = async (cel: AgentEvent[], ami: AgentEvent[]): Promise<void> => {
  expect(idsOf(cel)).toEqual(idsOf(ami));
  const [own, other] = [await callsOf(cel), await callsOf(ami)];
  expect([...own.keys()].sort()).toEqual([...other.keys()].sort());
  for (const [id, call] of own) {
    const same = other.get(id);
    if (call === undefined || same === undefined) throw new Error(`no call ${id}`);
    const facts = ({ call: one, doubts }: Assembled): unknown => ({
      ...one,
      participants: one.participants.map((participant) => ({ ...participant, holding: [] })),
      doubts,
    });
    expect(brief(call)).toBe(brief(same));
    expect(alike(facts(call), facts(same))).toEqual(facts(same));
  }
};

describe("a call as CEL tells it", () => {
  for (const name of celPairs()) {
    it(`${name} is the call that AMI tells`, async () => {
      await expectSame(eventsOfCel(celText(`${name}.jsonl`)), eventsOfAmi(name));
    });
  }

  it("is in CSV what it is in JSON", async () => {
    const csv = eventsOfCel(celText("four_calls.csv"));
    expect((await callsOf(csv)).size).toBe(4);
    const json = celPairs().map((name) => [name, eventsOfCel(celText(`${name}.jsonl`))] as const);
    const ids = new Set(idsOf(csv));
    const inBoth = json.filter(([, events]) => idsOf(events).every((id) => ids.has(id)));
    expect(inBoth.length).toBeGreaterThan(0);
    for (const [, events] of inBoth) {
      const own = new Set(idsOf(events));
      await expectSame(
        csv.filter(({ body }) => own.has(String(body["EventId"]))),
        events,
      );
    }
  });
});
