import { describe, expect, it } from "bun:test";
import { layerOf, openEntry } from "../../../tests/support/call-layer.ts";
import { callRow } from "../../../tests/support/memory-history.ts";
import type { Layer } from "./day-book.ts";
import { placeOf } from "./row.ts";
import {
  createFilter,
  layerOver,
  newestOf,
  numberNeedles,
  type Walk,
  walkOver,
  wantedRow,
} from "./select.ts";
import { StaleTableError } from "./table.ts";
import type { CallCursor, CallQuery, CallRow } from "./types.ts";

const T0 = Date.UTC(2026, 10, 22, 9);
const MOMENT = { now: T0 + 3_600_000, callTimeoutMs: 60_000 };

const row = (uniqueId: string, over: Partial<CallRow> = {}): CallRow =>
  callRow({ startedAt: T0, uniqueId, ...over });

/** The ids that a query finds in a layer, in the order of the walk. */
const found = async (
  layer: Layer,
  query: CallQuery = {},
  before?: CallCursor,
): Promise<string[]> => {
  const walk = await walkOver(layer, createFilter(query), before);
  const ids: string[] = [];
  for (let entry = walk.take(); entry !== undefined; entry = walk.take()) {
    ids.push(placeOf(entry).uniqueId);
  }
  return ids;
};

describe("numberNeedles", () => {
  const cases: readonly (readonly [why: string, number: string, needles: string[]])[] = [
    ["as it stands, without what is no digit", "+375 (29) 530", ["37529530"]],
    ["nothing where there is no digit", "anonymous", []],
    [
      "dialled inside Belarus, or Russia",
      "80295305942",
      ["80295305942", "\n375295305942", "\n70295305942"],
    ],
    ["the same from abroad", "375295305942", ["375295305942", "\n80295305942"]],
    ["a part that begins with 80", "8029", ["8029", "\n37529"]],
    ["80 alone, which is the whole country", "80", ["80"]],
    ["dialled inside Russia, whole", "84951234567", ["84951234567", "\n74951234567"]],
    ["a lone 8 and little more", "8495", ["8495"]],
    ["Ukraine, whole", "0441234567", ["0441234567", "\n380441234567"]],
    ["with 00 for abroad", "0037529", ["0037529", "\n37529"]],
    ["with 810 for abroad", "81037529", ["81037529", "\n37529"]],
    ["00 and too little behind it", "00375", ["00375"]],
  ];
  for (const [why, number, needles] of cases) {
    it(`looks for a number ${why}`, () => {
      expect(numberNeedles(number).sort()).toEqual([...needles].sort());
    });
  }
});

describe("createFilter", () => {
  it("finds a part of a number in its row alone, also where the end of one and the beginning of the next would give it", async () => {
    const layer = await layerOf([
      row("d", { phone: "+375 29 530-59-42" }),
      row("c", { phone: "12" }),
      row("b", { phone: "34" }),
      row("a", { phone: null }),
    ]);
    expect(await found(layer, { number: "5305" })).toEqual(["d"]);
    expect(await found(layer, { number: "1234" })).toEqual([]);
    expect(await found(layer, { number: "34" })).toEqual(["b"]);
    expect(await found(layer, { number: "8029530" })).toEqual(["d"]);
    // From the beginning of the number on, and nowhere else in it.
    expect(await found(layer, { number: "8053" })).toEqual([]);
  });

  it("finds an extension whole: rung, talked, or the caller of an internal call", async () => {
    const layer = await layerOf([
      row("e", { extensions: ["151", "153"], answeredBy: [] }),
      row("d", { extensions: [], answeredBy: ["151"] }),
      row("c", { direction: "internal", phone: "151", extensions: ["152"], answeredBy: [] }),
      row("b", { phone: "151", extensions: ["152"], answeredBy: [] }),
      row("a", { extensions: ["1515", "2151"], answeredBy: [] }),
    ]);
    expect(await found(layer, { extension: " 151 " })).toEqual(["e", "d", "c"]);
    expect(await found(layer, { extension: "15" })).toEqual([]);
    expect(await found(layer, { extension: "151\t153" })).toEqual([]);
    expect(await found(layer, { extension: "  " })).toHaveLength(5);
  });

  it("finds a call by words of its caller's name, in any order, or of a name given for one of its numbers", async () => {
    const layer = await layerOf(
      [
        row("d", { callerName: "Ёлкина Анна", phone: "1" }),
        row("c", { callerName: null, phone: "+375 29 530-59-42", extensions: [], answeredBy: [] }),
        row("b", { callerName: "PBX", phone: "2", extensions: ["152"], answeredBy: [] }),
        row("a", { callerName: null, phone: "3752953059", extensions: ["1521"], answeredBy: [] }),
      ],
      { named: { "375295305942": "ООО Ромашка", "152": "Анна Белая" } },
    );
    expect(await found(layer, { name: ["анна"] })).toEqual(["d", "b"]);
    expect(await found(layer, { name: ["анна", "елкина"] })).toEqual(["d"]);
    expect(await found(layer, { name: ["ромашка"] })).toEqual(["c"]);
    expect(await found(layer, { name: ["ромашка", "анна"] })).toEqual([]);
    // In the number, not in a name.
    expect(await found(layer, { name: ["152"] })).toEqual([]);
  });

  it("passes over what called nobody, unless it is asked for", async () => {
    const layer = await layerOf([row("b", { status: "service" }), row("a")]);
    expect(await found(layer)).toEqual(["a"]);
    expect(await found(layer, { statuses: ["service"] })).toEqual(["b"]);
  });

  it("lets directions and statuses through by the columns alone", async () => {
    const layer = await layerOf([
      row("c", { direction: "incoming", status: "answered" }),
      row("b", { direction: "outgoing", status: "answered" }),
      row("a", { direction: "outgoing", status: "busy" }),
    ]);
    expect(await found(layer, { directions: ["outgoing"] })).toEqual(["b", "a"]);
    expect(await found(layer, { statuses: ["answered"] })).toEqual(["c", "b"]);
    expect(await found(layer, { directions: ["outgoing"], statuses: ["busy"] })).toEqual(["a"]);
    expect(await found(layer, { directions: [] })).toEqual([]);
  });

  it("lets a call under way through whatever is asked for, and judges it by the moment", async () => {
    const talking = row("a", { status: "talking", endedAt: null, talkMs: 1000 });
    const layer = await layerOf([
      openEntry(talking, row("a", { status: "unknown" }), { lastSeenAt: T0, isTalking: true }),
    ]);
    const filter = createFilter({ statuses: ["talking"] });
    const entry = (await walkOver(layer, filter, undefined)).take();
    if (entry === undefined) throw new Error("the call under way was passed over");
    const at = (now: number) => wantedRow(entry, filter, { ...MOMENT, now });
    expect(at(T0 + 5000)).toMatchObject({ status: "talking", talkMs: 6000 });
    expect(at(T0 + 60_001)).toBeUndefined();
    expect(wantedRow(entry, createFilter({ statuses: ["unknown"] }), MOMENT)?.uniqueId).toBe("a");
  });
});

describe("walkOver", () => {
  const times = [5, 4, 3, 2, 1].map((second) =>
    callRow({ startedAt: T0 + second * 1000, uniqueId: `c.${second}` }),
  );

  it("goes from the newest to the oldest, within [from, to)", async () => {
    const layer = await layerOf(times.toReversed());
    expect(await found(layer)).toEqual(["c.5", "c.4", "c.3", "c.2", "c.1"]);
    expect(await found(layer, { from: T0 + 2000, to: T0 + 4000 })).toEqual(["c.3", "c.2"]);
    expect(await found(layer, { to: T0 })).toEqual([]);
    expect(await found(layer, { from: T0 + 5001 })).toEqual([]);
  });

  it("goes on behind a place, whether its row is still there or not", async () => {
    const many = await layerOf(["a", "b", "c", "d"].map((id) => row(id)));
    expect(await found(many)).toEqual(["d", "c", "b", "a"]);
    expect(await found(many, {}, { startedAt: T0, uniqueId: "c" })).toEqual(["b", "a"]);
    expect(await found(many, {}, { startedAt: T0, uniqueId: "bb" })).toEqual(["b", "a"]);
    expect(await found(many, {}, { startedAt: T0 + 1, uniqueId: "" })).toHaveLength(4);
    expect(await found(many, {}, { startedAt: T0, uniqueId: "a" })).toEqual([]);
  });

  it("passes over rows that are no more", async () => {
    const [, dead] = times;
    if (dead === undefined) throw new Error("no row");
    expect(await found(await layerOf(times, { dead: [dead] }))).toEqual([
      "c.5",
      "c.3",
      "c.2",
      "c.1",
    ]);
  });

  it("tells where its next row stands, without taking it", async () => {
    const walk = await walkOver(await layerOf(times.slice(0, 1)), createFilter({}), undefined);
    expect(walk.nextAt()).toBe(T0 + 5000);
    expect(walk.nextPlace()).toEqual({ startedAt: T0 + 5000, uniqueId: "c.5" });
    walk.take();
    expect(walk.nextAt()).toBe(Number.NEGATIVE_INFINITY);
    expect(walk.nextPlace()).toBeUndefined();
    expect(walk.take()).toBeUndefined();
  });

  it("reads no texts where no row can be wanted", async () => {
    const { table, given } = await layerOf(times);
    const load = () => Promise.reject(new StaleTableError("gone"));
    const layer = { table: { ...table, texts: { column: undefined, load } }, replaces: [], given };
    expect(await found(layer, { directions: ["internal"] })).toEqual([]);
    expect(await found(layer, { number: "999" })).toEqual([]);
    await expect(found(layer)).rejects.toThrow("gone");
  });
});

describe("layerOver", () => {
  it("takes out of each layer what the newer ones replace", async () => {
    const over = layerOver();
    const newer = await over(
      await layerOf([row("b", { status: "answered" })], { replaces: [row("a")] }),
    );
    expect(await found(newer)).toEqual(["b"]);
    const older = await layerOf([row("a"), row("b"), row("c")]);
    expect(await found(await over(older))).toEqual(["c", "b"]);
    // What it was handed stays as it was: layers are shared.
    expect(await found(older)).toEqual(["c", "b", "a"]);
  });

  it("keeps what was dead before, and takes nothing for another call of the same moment", async () => {
    const over = layerOver();
    await over(await layerOf([], { replaces: [{ startedAt: T0, uniqueId: "x" }, row("c")] }));
    const older = await layerOf([row("a"), row("b"), row("c")], { dead: [row("b")] });
    expect(await found(await over(older))).toEqual(["a"]);
    expect(await found(older)).toEqual(["c", "a"]);
  });
});

describe("newestOf", () => {
  const walkAt = (at: number, uniqueId: string): Walk => ({
    nextAt: () => at,
    nextPlace: () => ({ startedAt: at, uniqueId }),
    take: () => undefined,
  });
  const done: Walk = {
    nextAt: () => Number.NEGATIVE_INFINITY,
    nextPlace: () => undefined,
    take: () => undefined,
  };

  it("is the walk whose next row began last; of one moment, the greater id", () => {
    const [old, young] = [walkAt(T0, "z"), walkAt(T0 + 1, "a")];
    expect(newestOf([old, young])).toBe(young);
    expect(newestOf([young, old])).toBe(young);
    const [a, b] = [walkAt(T0, "a"), walkAt(T0, "b")];
    expect(newestOf([a, b])).toBe(b);
    expect(newestOf([b, a])).toBe(b);
  });

  it("is none where all have ended", () => {
    expect(newestOf([done, done])).toBeUndefined();
    expect(newestOf([done, walkAt(T0, "a")])?.nextAt()).toBe(T0);
    expect(newestOf([])).toBeUndefined();
  });
});
