import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isKnownEventType, mayLackUniqueId } from "../asterisk/index.ts";
import { bodyExtensions, bodyText } from "../domain/event.ts";
import { findScenario, scenarios } from "./index.ts";

const fixtures = join(import.meta.dir, "../../tests/fixtures/calls/webhooks");

describe("scenarios", () => {
  it("carries every recorded call, word for word", () => {
    const files = readdirSync(fixtures).filter((name) => name.endsWith(".jsonl"));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const copy = join(import.meta.dir, "recorded", file);
      expect(readFileSync(copy, "utf8")).toBe(readFileSync(join(fixtures, file), "utf8"));
      expect(findScenario(file.replace(".jsonl", ""))).toBeDefined();
    }
  });

  it("names each once, and describes it in one line", () => {
    const names = scenarios().map((scenario) => scenario.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, description } of scenarios()) {
      expect(name).toMatch(/^[a-z][a-z0-9_]+$/);
      expect(description).toMatch(/^[^\n]{10,90}$/);
    }
  });

  it("holds events as a sender posts them: known, in order, with an id where one is due", () => {
    for (const { events } of scenarios()) {
      expect(events.length).toBeGreaterThan(0);
      let at = 0;
      for (const { event, body, at: postedAt } of events) {
        expect(postedAt).toBeGreaterThanOrEqual(at);
        at = postedAt;
        expect(isKnownEventType(event)).toBe(true);
        expect(bodyText(body, "UniqueId") !== "" || mayLackUniqueId(event)).toBe(true);
      }
    }
  });

  it("posts by hand what the field posts: an id a channel, host times ahead of UTC, keys mixed", () => {
    const bodies = scenarios()
      .filter(({ facts }) => facts !== undefined)
      .flatMap(({ events }) => events);
    const orders = new Set(
      bodies.filter(({ event }) => event === "bridge").map(({ body }) => Object.keys(body).join()),
    );
    expect(orders.size).toBeGreaterThan(20);
    const missed = findScenario("field_incoming_missed")?.events.at(-1);
    expect(missed?.body["Extensions"]).toEqual([""]);
    expect(bodyExtensions(missed?.body ?? {})).toEqual([]);
    expect(missed?.body["EndTime"]).toBe("2025-11-30 15:00:30");
    expect(new Date(missed?.at ?? 0).toISOString()).toStartWith("2025-11-30T12:00:30");
  });

  it("has the attended transfer with 45 events, 8 unique ids and 5 bridges", () => {
    const events = findScenario("field_transfer_attended")?.events ?? [];
    const values = (key: string): Set<string> =>
      new Set(events.map(({ body }) => bodyText(body, key)).filter((text) => text !== ""));
    expect(events.length).toBe(45);
    expect(values("UniqueId").size).toBe(8);
    expect(values("BridgeUniqueid").size).toBe(5);
  });
});
