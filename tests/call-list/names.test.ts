// Calls found by a name: the caller's, and those that the metadata service gave for their numbers, in files of every age.

import { describe, expect, it } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { callQueryOf } from "../../src/call/index.ts";
import { foldName, GivenNames, numbersNamed } from "../../src/call/list/names.ts";
import { encodeRecord } from "../../src/store/index.ts";
import { inTempDir } from "../support/temp-dir.ts";
import { allRows, DAY_MS, ENTERPRISE, MIDNIGHT, open, plainCall, writeDays } from "./days.ts";

const NOON = MIDNIGHT + DAY_MS / 2;
const NOW = NOON + 3_600_000;

/** A request for a name, as it stands among the records. */
const given = (at: number, path: string, answer: object): string =>
  `${encodeRecord({
    kind: "HTTP",
    at,
    uniqueId: "1.1",
    method: "GET",
    url: `https://names.example.test${path}`,
    status: 200,
    request: "{}",
    response: JSON.stringify(answer),
  })}\n`;

const named = (at: number, id: string, phone: string, callerName?: string) =>
  plainCall(at, id, { phone }).map((event) =>
    event.event === "start" && callerName !== undefined
      ? { ...event, body: { ...event.body, CallerIDName: callerName } }
      : event,
  );

const EVENTS = [
  ...named(NOON - DAY_MS, "y.1", "375291110001", "Пётр Семёнов"),
  ...named(NOON, "t.1", "375291110002", "ООО <Ромашка> 100%"),
  ...named(NOON + 1000, "t.2", "375291110003"),
  ...named(NOON + 2000, "t.3", "375291110004", "Anna Schmidt"),
];

const inDays = (work: (dir: string) => Promise<void>) =>
  inTempDir(async (dir) => {
    writeDays(dir, EVENTS, NOW);
    const today = join(dir, ENTERPRISE, "events.log");
    appendFileSync(
      today,
      given(NOON + 60_000, `/customer-name/${ENTERPRISE}/375291110003`, { name: "Алёна Ильина" }),
    );
    appendFileSync(
      today,
      given(NOON + 61_000, `/metadata/${ENTERPRISE}/manager/151`, {
        full_name: "Сидорова Анна",
        exists: true,
      }),
    );
    await work(dir);
  });

const FOUND: readonly (readonly [typed: string, ids: readonly string[]])[] = [
  ["семенов", ["y.1"]],
  ["ПЁТР", ["y.1"]],
  ["Семёнов Пётр", ["y.1"]],
  ["e\u0308лка", []],
  ["Але\u0308на", ["t.2"]],
  ["ильина", ["t.2"]],
  ["<ромашка>", ["t.1"]],
  ["ромашка 100%", ["t.1"]],
  ["schmi", ["t.3"]],
  ["сидорова", ["t.3", "t.2", "t.1"]],
  ["анна", ["t.3", "t.2", "t.1"]],
  ["анна schmidt", ["t.3"]],
  ["ёжик", []],
];

describe("calls by a name", () => {
  for (const [typed, ids] of FOUND) {
    it(`${typed}: ${ids.join(" ") || "none"}`, () =>
      inDays(async (dir) => {
        const query = callQueryOf({ number: typed }, NOW, "UTC");
        const list = open(dir, NOW);
        // What was just read, what is kept beside the files, and what another process finds there.
        for (let round = 0; round < 2; round += 1) {
          expect((await allRows(list, query)).map(({ uniqueId }) => uniqueId)).toEqual([...ids]);
          await list.idle();
        }
        await list.close();
        const again = open(dir, NOW, { isReadOnly: true });
        expect((await allRows(again, query)).map(({ uniqueId }) => uniqueId)).toEqual([...ids]);
        await again.close();
      }));
  }

  it("finds a name that comes after the call was listed", () =>
    inDays(async (dir) => {
      const list = open(dir, NOW);
      const query = callQueryOf({ number: "поздняя" }, NOW, "UTC");
      expect(await allRows(list, query)).toEqual([]);
      appendFileSync(
        join(dir, ENTERPRISE, "events.log"),
        given(NOON + 90_000, `/customer-name/${ENTERPRISE}/375291110004`, {
          name: "Поздняя Ольга",
        }),
      );
      expect((await allRows(list, query)).map(({ uniqueId }) => uniqueId)).toEqual(["t.3"]);
      await list.close();
    }));
});

it("a number stays a number, and finds no name", () =>
  inDays(async (dir) => {
    const list = open(dir, NOW);
    const found = await allRows(list, callQueryOf({ number: "100" }, NOW, "UTC"));
    expect(found).toHaveLength(4);
    await list.close();
  }));

it("given names survive their text, whatever is in them", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: "grapheme" }))), (pairs) => {
      const names = new GivenNames();
      for (const [number, name] of pairs) names.add(number, name);
      const again = new GivenNames(names.text());
      expect(again.text()).toEqual(names.text());
      for (const [number, name] of pairs.slice(-1)) {
        const folded = foldName(name);
        if (folded === "") continue;
        expect(numbersNamed(names.text(), folded).has(number.replaceAll(/[\t\n]/g, " "))).toBe(
          true,
        );
      }
    }),
  );
});
