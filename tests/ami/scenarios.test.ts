// Every recorded stream against the events recorded beside it, and the calls assembled from both. The mapper is fed with all
// classes of events and with those of `read = call` alone.

import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import type { Call } from "../../src/call/index.ts";
import type { EventBody } from "../../src/domain/event.ts";
import type { AmiMessage } from "../../src/sources/ami/types.ts";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import {
  eventTimeMs,
  mapped,
  readAll,
  recordedBlocks,
  recordedEvents,
  recordedScenarios,
  recordsOfEvents,
} from "../support/ami.ts";
import { assembled, brief, webhookRecords } from "../support/calls.ts";

/** What the recorded webhooks do not have. */
const ADDED_EVENTS = ["hold", "unhold", "bridge_destroy", "new_callerid", "transfer"];
const TOLERANCE_MS = 50;

/**
 * Where the recorded webhooks are wrong. `Talk` of a blind transfer counts there from the answer to the end, with the
 * second and a half in which 152 rang and nobody talked; by the bridges it is 4.0 s.
 */
const WRONG: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  xfer_blind: { Talk: 3.996 },
};

/** What the agent tells beyond the recorded webhooks, so that the call comes out with more. */
const KNOWN_BETTER: Readonly<Record<string, Partial<Call>>> = {
  // Nobody asked for the end: the PBX gave up.
  in_missed: { hungUpBy: "pbx" },
  in_busy: { hungUpBy: "pbx" },
  // The dialplan sets the caller's name after the call began.
  name_quotes: { callerName: 'ООО "Ромашка" | a, b; c' },
};

type Reference = { readonly t: number; readonly event: string; readonly body: EventBody };
const referenceOf = (scenario: string): Reference[] =>
  readFileSync(new URL(`../fixtures/calls/webhooks/${scenario}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const isOfClassCall = ({ fields }: AmiMessage): boolean =>
  /\bcall\b/.test(fields.get("Privilege") ?? "");

const told = (events: readonly AgentEvent[]): AgentEvent[] =>
  events
    .filter(({ event }) => !ADDED_EVENTS.includes(event))
    // A dial waits for others of its group; who reads the events orders them by their time.
    .toSorted((a, b) => eventTimeMs(a) - eventTimeMs(b));

/** What the reference says, with nothing added. */
const without = (body: EventBody, names: readonly string[]): EventBody =>
  Object.fromEntries(Object.entries(body).filter(([name]) => names.includes(name)));

/** The facts of a call, moments as distances from its beginning. */
const factsOf = (call: Call | undefined): unknown =>
  call && { ...call, uniqueIds: [], participants: [] };

const closeEnough = (own: unknown, other: unknown, path: string): void => {
  if (typeof own === "number" && typeof other === "number") {
    if (Math.abs(own - other) > TOLERANCE_MS) expect(`${path} ${own}`).toBe(`${path} ${other}`);
  } else if (
    own !== null &&
    other !== null &&
    typeof own === "object" &&
    typeof other === "object"
  ) {
    expect(Object.keys(own)).toEqual(Object.keys(other));
    for (const [name, value] of Object.entries(own)) {
      closeEnough(value, (other as Record<string, unknown>)[name], `${path}.${name}`);
    }
  } else expect({ [path]: own }).toEqual({ [path]: other });
};

const STREAMS: readonly [name: string, keep: (message: AmiMessage) => boolean][] = [
  ["all classes", () => true],
  ["read = call", isOfClassCall],
];

describe("a recorded stream gives the recorded events", () => {
  it("in all scenarios", () => expect(recordedScenarios()).toHaveLength(30));

  for (const scenario of recordedScenarios()) {
    const reference = referenceOf(scenario);
    for (const [name, keep] of STREAMS) {
      it(`${scenario}, ${name}`, () => {
        const events = told(recordedEvents(scenario, keep));
        expect(events.map(({ event, body }) => `${event} ${body["UniqueId"]}`)).toEqual(
          reference.map(({ event, body }) => `${event} ${body["UniqueId"]}`),
        );
        events.forEach((own, index) => {
          const { t, event, body } = reference[index] as Reference;
          const { Token: _, ...expected } = body;
          const exception = event === "hangup" ? WRONG[scenario] : undefined;
          expect(without(own.body, Object.keys(expected))).toEqual({ ...expected, ...exception });
          expect(Math.abs(eventTimeMs(own) - t * 1000)).toBeLessThan(0.01);
        });
      });
    }
  }
});

describe("the call assembled from a recorded stream", () => {
  for (const scenario of recordedScenarios()) {
    it(scenario, async () => {
      const uniqueIds = new Set(referenceOf(scenario).map(({ body }) => String(body["UniqueId"])));
      const records = recordsOfEvents(recordedEvents(scenario));
      for (const uniqueId of uniqueIds) {
        const own = await assembled(records, uniqueId);
        const other = await assembled(webhookRecords(scenario), uniqueId);
        const better = other && { ...other, call: { ...other.call, ...KNOWN_BETTER[scenario] } };
        expect(brief(own)).toBe(brief(better));
        closeEnough(factsOf(own?.call), factsOf(better?.call), scenario);
        // A transfer's calls are one, and nothing is left out of it.
        expect(own?.records).toHaveLength(records.length);
      }
    });
  }

  it("knows of a hold which webhooks do not tell", async () => {
    const records = recordsOfEvents(recordedEvents("in_hold"));
    const found = await assembled(records, "1795332325.277");
    const holder = found?.call.participants.find(({ number }) => number === "151");
    const [span] = holder?.holding ?? [];
    expect(Math.round(((span?.to ?? 0) - (span?.from ?? 0)) / 100)).toBe(20);
  });
});

describe("each event", () => {
  const all = recordedScenarios().map((scenario) => ({
    scenario,
    events: recordedEvents(scenario),
  }));

  it("has an id of its own, the same whenever the stream is read", () => {
    for (const { scenario, events } of all) {
      const ids = events.map(({ body }) => String(body["EventId"]));
      expect(new Set(ids).size).toBe(ids.length);
      expect(recordedEvents(scenario, isOfClassCall).map(({ body }) => body["EventId"])).toEqual(
        ids,
      );
      for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9._:@+/=-]{1,128}$/);
    }
  });

  it("as many enter bridges as leave, and a call hangs up once", () => {
    for (const { events } of all) {
      const count = (name: string): number => events.filter(({ event }) => event === name).length;
      expect(count("bridge_leave")).toBe(count("bridge"));
      expect(count("bridge_destroy")).toBe(count("bridge_create"));
      const calls = new Set(events.map(({ body }) => body["UniqueId"]));
      expect(count("hangup")).toBe(calls.size);
    }
  });

  it("is not marked as recovered", () => {
    for (const { events } of all) {
      expect(events.filter(({ body }) => "_recovered" in body)).toEqual([]);
    }
  });
});

describe("several recorded calls at once", () => {
  it("come out as each of them alone", () => {
    // Moved to one beginning, so that they are interleaved message by message.
    const moved = recordedScenarios()
      .flatMap((scenario) => {
        const blocks = recordedBlocks(scenario);
        const first = blocks[0]?.at ?? 0;
        return blocks.flatMap(({ at, text }) =>
          readAll(text).map((message) => ({ scenario, message, after: at - first })),
        );
      })
      .sort((a, b) => a.after - b.after);
    const start = 1_795_332_000_000;
    const stream = moved.map(({ message, after }) => {
      const stamp = ((start + after) / 1000).toFixed(6);
      const fields = new Map([...message.fields, ["Timestamp", stamp]]);
      return [{ ...message, fields }, start + after] as const;
    });
    const events = mapped(stream);
    const briefs = (own: readonly AgentEvent[]): Map<string, string> =>
      new Map(
        [...Map.groupBy(own, ({ body }) => String(body["UniqueId"]))].map(([id, list]) => [
          id,
          list
            .toSorted((a, b) => eventTimeMs(a) - eventTimeMs(b))
            .map(({ event }) => event)
            .join(" "),
        ]),
      );
    const together = briefs(events);
    const apart = briefs(recordedScenarios().flatMap((scenario) => recordedEvents(scenario)));
    expect([...together.keys()].sort()).toEqual([...apart.keys()].sort());
    for (const [id, list] of apart) expect(`${id} ${together.get(id)}`).toBe(`${id} ${list}`);
  });
});
